import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Extent } from '../image/geometry.js'
import { type Edit, parseEdit } from './edit.js'
import { type DiffusionOptions, diffusionOptionsSchema } from './options.js'

/** All that decides a picture besides the one it was made from, and what is needed to go on from it. */
export type Recipe = {
  readonly edit: Edit
  /** Where the old picture lies on this one; what is outside was painted. */
  readonly old: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly prompt: string
  readonly seed: number
  readonly engine: string
  readonly options?: DiffusionOptions | undefined
  /** {@link fingerprint} of the picture's file that it was made from, and of the mask's where one was drawn. */
  readonly source: string
  readonly mask?: string | undefined
}

export const OVERSCAN_VERSION = '0.1.0'

const schema = z.object({
  version: z.literal(1),
  edit: z.unknown(),
  old: z.strictObject({ x: z.int(), y: z.int(), width: z.int(), height: z.int() }),
  prompt: z.string().max(6000),
  seed: z.int().nonnegative(),
  engine: z.string().max(100),
  options: diffusionOptionsSchema.optional(),
  source: z.string().max(100),
  mask: z.string().max(100).optional(),
})

/** The beginning of a file's SHA-256, enough to tell it from every other. */
export function fingerprint(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex').slice(0, 16)
}

/**
 * The recipe as `parameters` text in the convention of AUTOMATIC1111's web UI, so that other programs show it: the
 * prompt, what was unwanted, then a line of `Key: value` pairs. The last pair holds the whole recipe as quoted JSON.
 */
export function formatParameters(recipe: Recipe, size: Extent): string {
  const { negative, steps, sampler, guidance } = recipe.options ?? {}
  const pairs = [
    ...(steps === undefined ? [] : [`Steps: ${steps}`]),
    ...(sampler === undefined ? [] : [`Sampler: ${sampler}`]),
    ...(guidance === undefined ? [] : [`CFG scale: ${guidance}`]),
    `Seed: ${recipe.seed}`,
    `Size: ${size.width}x${size.height}`,
    `Model: ${recipe.engine}`,
    `Operation: ${describeEdit(recipe.edit)}`,
    `Version: Overscan ${OVERSCAN_VERSION}`,
    `Overscan: ${JSON.stringify(JSON.stringify({ version: 1, ...recipe }))}`,
  ]
  const unwanted = negative ? `Negative prompt: ${negative.replaceAll('\n', ' ')}\n` : ''
  return `${recipe.prompt}\n${unwanted}${pairs.join(', ')}`
}

/** The recipe in a `parameters` text, or undefined if it holds none that we understand. */
export function parseParameters(parameters: string): Recipe | undefined {
  const [, quoted] =
    /(?:^|, )Overscan: ("(?:\\.|[^\\"])*")$/.exec(parameters.slice(parameters.lastIndexOf('\n') + 1)) ?? []
  if (quoted === undefined) return undefined
  try {
    const { version: _, edit, ...rest } = schema.parse(JSON.parse(JSON.parse(quoted)))
    return { edit: parseEdit(edit), ...rest }
  } catch {
    return undefined // written by another version, or by somebody else
  }
}

/** An edit in a few words, without commas: "zoom out 1.5x", "extend left 25% bottom 64px". */
export function describeEdit(edit: Edit): string {
  switch (edit.kind) {
    case 'zoom': {
      const to = edit.aspect ? ` to ${edit.aspect.width}:${edit.aspect.height}` : ''
      return `zoom out ${edit.factor}x${to}${edit.grow ? ' growing' : ''}`
    }
    case 'extend': {
      const sides = (['left', 'right', 'top', 'bottom'] as const).flatMap(side => {
        const length = edit[side]
        const amount = 'percent' in length ? length.percent : length.pixels
        return amount > 0 ? [`${side} ${amount}${'percent' in length ? '%' : 'px'}`] : []
      })
      return `extend ${sides.join(' ')}`
    }
    case 'square':
      return 'make square'
    case 'fit':
      return edit.exact ? `fit ${edit.width}x${edit.height}px` : `fit ${edit.width}:${edit.height}`
    case 'inpaint':
    case 'remove':
      return edit.kind
    case 'imagine':
      return `imagine ${edit.width}x${edit.height}`
    case 'vary':
      return `vary ${edit.strength}`
  }
}
