import type { Engine } from '../pipeline/engine.js'
import { diffusionEngine } from './diffusion/engine.js'
import { eraseEngine } from './erase/engine.js'
import { fillEngine } from './fill/engine.js'
import { isEraserFile } from './model-folder.js'
import { type EngineRegistry, isBuiltIn } from './registry.js'

/**
 * @param device that models are computed on, as `parseDevice` takes it; the fastest that works if left out
 * @throws UserError `engine-unknown`
 */
export function openEngine(name: string, engines: EngineRegistry, device?: string): Engine {
  const known = engines.get(name).name
  if (isBuiltIn(known)) return fillEngine(known)
  const log = (line: string) => process.stderr.write(`${line}\n`)
  const path = engines.pathOf(known)
  return isEraserFile(path) ? eraseEngine(known, path, device, log) : diffusionEngine(known, path, device, log)
}
