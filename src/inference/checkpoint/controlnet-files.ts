import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'
import { findPickle, findWeightFile, WHOLE_FOLDER } from './folder-weights.js'

/** The folder of ControlNets inside the model folder. */
export const CONTROLNET_FOLDER = 'controlnet'

/** The graph of a ControlNet that was exported to ONNX, in a folder by itself. */
export const EXPORTED_GRAPH = 'model.onnx'

/** A ControlNet in the model folder: a `.safetensors` file, or a folder with weights or an ONNX graph. */
export function controlNetFile(modelFolder: string, name: string): string {
  const path = join(modelFolder, CONTROLNET_FOLDER, name)
  return isNetworkFolder(path) ? path : `${path}${CHECKPOINT_EXTENSION}`
}

/** The names of the ControlNets in a model folder, without extension, sorted. */
export function listControlNetNames(modelFolder: string): string[] {
  const folder = join(modelFolder, CONTROLNET_FOLDER)
  const entries = existsSync(folder) ? readdirSync(folder) : []
  const names = entries.flatMap(entry => {
    if (entry.endsWith(CHECKPOINT_EXTENSION)) return [basename(entry, CHECKPOINT_EXTENSION)]
    return isNetworkFolder(join(folder, entry)) ? [entry] : []
  })
  return [...new Set(names)].sort()
}

/** Whether a folder holds one network: its weights, also as torch writes them, or an ONNX graph. */
export function isNetworkFolder(folder: string): boolean {
  return (
    isExportFolder(folder) ||
    findWeightFile(folder, WHOLE_FOLDER) !== undefined ||
    findPickle(folder, WHOLE_FOLDER) !== undefined
  )
}

/** Whether a folder holds an ONNX graph and no weights that a graph can be written from. */
export function isExportFolder(folder: string): boolean {
  return existsSync(join(folder, EXPORTED_GRAPH)) && findWeightFile(folder, WHOLE_FOLDER) === undefined
}
