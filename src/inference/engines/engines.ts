import { ProblemError } from '../../problem.js'
import type { Engine } from '../engine.js'
import { fillEngine } from './fill/fill.js'

/** Every engine by its name, and how to start it. */
const engines: Readonly<Record<string, () => Engine>> = { fill: fillEngine }

/** The engine that is taken where none is named. */
export const DEFAULT_ENGINE = 'fill'

/** @throws ProblemError `engine-unknown` */
export function startEngine(name: string): Engine {
  if (!Object.hasOwn(engines, name)) {
    throw new ProblemError({ code: 'engine-unknown', engine: name, known: Object.keys(engines).join(', ') })
  }
  return engines[name]!()
}
