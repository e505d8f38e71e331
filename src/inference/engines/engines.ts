import { ProblemError } from '../../problem.js'
import type { Edit } from '../edit.js'
import type { Engine } from '../engine.js'
import { fillEngine } from './fill/fill.js'

/** What an engine can do besides going on from a picture. */
export type EngineInfo = {
  readonly name: string
  /** It reads prompts, and starts from what lies under a mask as `strength` and `content` say. */
  readonly reads: boolean
  /** It paints with no picture to start from. */
  readonly imagines: boolean
}

/** Every engine by its name, and how to start it. */
const engines: Readonly<Record<string, Omit<EngineInfo, 'name'> & { readonly start: () => Engine }>> = {
  fill: { reads: false, imagines: false, start: () => fillEngine('fill') },
  'fill:exemplar': { reads: false, imagines: false, start: () => fillEngine('fill:exemplar') },
  'fill:texture': { reads: false, imagines: false, start: () => fillEngine('fill:texture') },
  'fill:pde': { reads: false, imagines: false, start: () => fillEngine('fill:pde') },
}

/** The engine that is taken where none is named. */
export const DEFAULT_ENGINE = 'fill'

/** What can be chosen from, the default first. */
export function installedEngines(): EngineInfo[] {
  return Object.entries(engines).map(([name, { reads, imagines }]) => ({ name, reads, imagines }))
}

/** @throws ProblemError `engine-unknown` */
export function engineNamed(name: string): EngineInfo {
  const info = installedEngines().find(engine => engine.name === name)
  if (!info) throw new ProblemError({ code: 'engine-unknown', engine: name, known: Object.keys(engines).join(', ') })
  return info
}

/**
 * The engine that paints an edit: the one that was named, if it can, or the first that can.
 *
 * @throws ProblemError `engine-unknown`, `needs-model`
 */
export function engineFor(edit: Edit, named: string = DEFAULT_ENGINE): EngineInfo {
  const wanted = engineNamed(named)
  if (edit.kind !== 'imagine' || wanted.imagines) return wanted
  const able = installedEngines().find(engine => engine.imagines)
  if (!able) throw new ProblemError({ code: 'needs-model', what: 'imagine' })
  return able
}

/** @throws ProblemError `engine-unknown` */
export function startEngine(name: string): Engine {
  return engines[engineNamed(name).name]!.start()
}
