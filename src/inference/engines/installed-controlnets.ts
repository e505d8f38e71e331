import { basename, join } from 'node:path'
import { controlNetFile, listControlNetNames, looksLikeControlNet, unionTasks } from '../checkpoint/controlnet.js'
import { type ControlNetTask, readControlNetTask } from '../checkpoint/controlnet-task.js'
import { findWeightFile } from '../checkpoint/folder-checkpoint.js'
import { isRegularFile } from '../onnx/model-file.js'
import { readJsonObject, readTensorHeader, shapeIn } from './tensor-header.js'

/** An installed ControlNet. */
export type ControlNetInfo = {
  readonly name: string
  /** What it is trained for; empty if nothing says so. */
  readonly tasks: readonly ControlNetTask[]
}

/** The shapes of an encoder's weights, as one text: a ControlNet fits the models with the same one. */
type EncoderShapes = string

/** The ControlNets in a model folder, sorted by name, with what decides whether they fit a model. */
export function listControlNets(modelFolder: string): (ControlNetInfo & { readonly shapes: EncoderShapes })[] {
  return listControlNetNames(modelFolder).map(name => {
    const file = controlNetFile(modelFolder, name)
    const header = readTensorHeader(file)
    return { name, tasks: tasksOf(file, header), shapes: shapesOf([header]) }
  })
}

/** What a ControlNet is trained for; empty if nothing says so. */
export function tasksOfControlNet(file: string): readonly ControlNetTask[] {
  return tasksOf(file, readTensorHeader(file))
}

function tasksOf(file: string, header: Readonly<Record<string, unknown>>): readonly ControlNetTask[] {
  const stated = readControlNetTask(file)
  return unionTasks(shapeIn(header.task_embedding)?.[0]) ?? (stated ? [stated] : [])
}

/** Whether a `.safetensors` file is a ControlNet, or one of the kinds that are refused by name. */
export function isControlNetFile(path: string): boolean {
  return isRegularFile(path) && looksLikeControlNet(Object.keys(readTensorHeader(path)))
}

/**
 * The shapes of the encoder of a model's UNet.
 *
 * @param path of a model's folder or a `.safetensors` file
 * @returns the empty text where there are no weights to compare, as in a folder of ONNX graphs
 */
export function encoderShapes(path: string): EncoderShapes {
  return shapesOf(isRegularFile(path) ? [readTensorHeader(path)] : folderHeaders(path))
}

function folderHeaders(folder: string): Record<string, unknown>[] {
  const file = findWeightFile(folder, 'unet')
  if (file === undefined) return []
  const path = join(folder, 'unet', file)
  if (!file.endsWith('.json')) return [readTensorHeader(path)]
  const { weight_map: map } = readJsonObject(path)
  const shards = typeof map === 'object' && map !== null ? new Set(Object.values(map).map(String)) : []
  return [...shards].map(shard => readTensorHeader(join(folder, 'unet', basename(shard))))
}

/** Both layouts name the blocks of the encoder differently, but give their weights the same shapes. */
const ENCODER_TENSOR =
  /(?:^|\.)(?:input_blocks\.[1-9]\d*|middle_block\.\d+|down_blocks\.\d+|mid_block\.(?:resnets|attentions))\./

function shapesOf(headers: readonly Record<string, unknown>[]): EncoderShapes {
  return headers
    .flatMap(header => Object.entries(header))
    .flatMap(([name, entry]) => (ENCODER_TENSOR.test(name) ? [shapeIn(entry)?.join('×') ?? ''] : []))
    .sort()
    .join(' ')
}
