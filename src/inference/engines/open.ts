import { parseEnvVars } from '../../config.js'
import type { Engine } from '../pipeline/engine.js'
import { diffusionEngine } from './diffusion/engine.js'
import { eraseEngine } from './erase/engine.js'
import { fillEngine } from './fill/engine.js'
import { isEraserFile } from './model-folder.js'
import { engineNamed, isBuiltIn, pathOf } from './registry.js'

/** @throws ProblemError `engine-unknown`, `configuration-invalid` */
export function openEngine(name: string): Engine {
  const known = engineNamed(name).name
  if (isBuiltIn(known)) return fillEngine(known)
  // A program that paints by itself takes the first, where several are named.
  const [device] = parseEnvVars(process.env, ['DEVICE']).DEVICE ?? []
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const make = isEraserFile(pathOf(known)) ? eraseEngine : diffusionEngine
  return make(known, pathOf(known), device, tell)
}
