import { listModelNames } from '../../inference/engines/model-folder.js'
import { listSegmentModelNames } from '../../inference/segment/segment-folder.js'

/** The names of all models in a folder, sorted: those that paint, and those that select objects. */
export function installedModelNames(modelFolder: string): string[] {
  return [...new Set([...listModelNames(modelFolder), ...listSegmentModelNames(modelFolder)])].sort()
}
