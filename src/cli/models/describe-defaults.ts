import { createEngineRegistry } from '../../inference/engines/registry.js'
import { UserError } from '../../user-error.js'

/** One edit stands for each use: all edits of a use get the same engine. */
const USES = [
  { kind: 'zoom', use: 'beyond the frame (zoom, extend, square, fit)' },
  { kind: 'inpaint', use: 'under a mask (inpaint)' },
  { kind: 'inpaint', isScratch: true, use: 'over scratches, without a prompt (inpaint)' },
  { kind: 'imagine', use: 'from a prompt alone (imagine)' },
  { kind: 'remove', use: 'to remove an object (remove)' },
] as const

/**
 * Which engine paints what from now on, where neither a request nor `/settings defaults` names one: a line for each engine.
 *
 * @param defaultEngine the value of `MODEL`
 */
export function describeDefaults(modelFolder: string, defaultEngine: string | undefined): string[] {
  const engines = createEngineRegistry({ modelFolder, defaultEngine })
  const uses = new Map<string, string[]>()
  for (const { use, ...edit } of USES) {
    const name = nameUnlessMissing(() => engines.forEdit(edit).name)
    if (name !== undefined) uses.set(name, [...(uses.get(name) ?? []), use])
  }
  const lines = [...uses].map(([name, list]) => `  ${name} paints ${list.join(', ')}.`)
  const reason = defaultEngine === undefined ? '' : ` (MODEL=${defaultEngine})`
  return [`From now on, where no model is chosen${reason}:`, ...lines]
}

/** @returns undefined where no engine can paint it, or the configured one is not installed */
function nameUnlessMissing(find: () => string): string | undefined {
  try {
    return find()
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
