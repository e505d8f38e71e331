import { listModelNames, listUpscalerNames, upscalerPath } from '../../inference/engines/model-folder.js'
import { listSegmentModelNames } from '../../inference/segment/segment-folder.js'

/** The names of all models in a folder: those that paint and those that select objects, sorted; then the upscalers. */
export function installedModelNames(modelFolder: string): string[] {
  const names = new Set([...listModelNames(modelFolder), ...listSegmentModelNames(modelFolder)])
  return [...[...names].sort(), ...listUpscalerNames(modelFolder).map(upscalerPath)]
}
