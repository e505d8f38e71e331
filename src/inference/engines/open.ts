import { settingsIn } from '../../config.js'
import type { Engine } from '../pipeline/engine.js'
import { diffusionEngine } from './diffusion/engine.js'
import { isEraser } from './diffusion/model/model-files.js'
import { eraseEngine } from './erase/engine.js'
import { fillEngine } from './fill/engine.js'
import { engineNamed, isBuiltIn, pathOf } from './registry.js'

/** @throws ProblemError `engine-unknown`, `configuration-wrong` */
export function startEngine(name: string): Engine {
  const known = engineNamed(name).name
  if (isBuiltIn(known)) return fillEngine(known)
  // A program that paints by itself takes the first, where several are named.
  const [device] = settingsIn(process.env, ['DEVICE']).DEVICE ?? []
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const make = isEraser(pathOf(known)) ? eraseEngine : diffusionEngine
  return make(known, pathOf(known), device, tell)
}
