import type { Engine } from '../pipeline/engine.js'
import { diffusionEngine } from './diffusion/engine.js'
import { eraseEngine } from './erase/engine.js'
import { fillEngine } from './fill/engine.js'
import { isEraserFile, isUpscalerPath } from './model-folder.js'
import { type EngineRegistry, isBuiltIn } from './registry.js'
import { upscaleEngine } from './upscale/engine.js'
import { LANCZOS } from './upscale/lanczos.js'

/**
 * @param device that models are computed on, as `parseDevice` takes it; the fastest that works if left out
 * @throws UserError `engine-unknown`
 */
export function openEngine(name: string, engines: EngineRegistry, device?: string): Engine {
  const known = engines.get(name).name
  if (isBuiltIn(known)) return known === LANCZOS ? upscaleEngine(known, undefined) : fillEngine(known)
  const log = (line: string) => process.stderr.write(`${line}\n`)
  const path = engines.pathOf(known)
  if (isUpscalerPath(known)) return upscaleEngine(known, path, device, log)
  return isEraserFile(path) ? eraseEngine(known, path, device, log) : diffusionEngine(known, path, device, log)
}
