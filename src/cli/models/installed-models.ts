import { listControlNetNames } from '../../inference/checkpoint/controlnet-files.js'
import {
  controlNetPath,
  listModelNames,
  listUpscalerNames,
  upscalerPath,
} from '../../inference/engines/model-folder.js'
import { listSegmentModelNames } from '../../inference/segment/segment-folder.js'

/** The names of all models in a folder: those that paint and those that select objects, sorted; then upscalers and ControlNets. */
export function installedModelNames(modelFolder: string): string[] {
  const names = new Set([...listModelNames(modelFolder), ...listSegmentModelNames(modelFolder)])
  const upscalers = listUpscalerNames(modelFolder).map(upscalerPath)
  return [...[...names].sort(), ...upscalers, ...listControlNetNames(modelFolder).map(controlNetPath)]
}
