import { UserError } from '../../user-error.js'
import { looksLikeControlNet, unionTasks } from '../checkpoint/controlnet.js'
import {
  type EncoderInterface,
  encoderInterface,
  fitsInterface,
  isControlNetExport,
  readControlNetExport,
} from '../checkpoint/controlnet-export.js'
import { controlNetFile, isExportFolder, listControlNetNames } from '../checkpoint/controlnet-files.js'
import { type ControlNetTask, readControlNetTask } from '../checkpoint/controlnet-task.js'
import { WHOLE_FOLDER } from '../checkpoint/folder-weights.js'
import { isRegularFile } from '../onnx/model-file.js'
import { readTensorHeaders, shapeIn } from './tensor-header.js'

/** An installed ControlNet. */
export type ControlNetInfo = {
  readonly name: string
  /** What it is trained for; empty if nothing says so. */
  readonly tasks: readonly ControlNetTask[]
}

/** The encoder of a model's UNet: what decides whether a ControlNet fits. */
type Encoder = EncoderInterface & {
  /** The shapes of its weights, as one text: a ControlNet with weights fits the models with the same one. */
  readonly shapes: string
}

type Headers = readonly Readonly<Record<string, unknown>>[]

/** The ControlNets in a model folder, sorted by name, with what decides whether they fit a model. */
export function listControlNets(
  modelFolder: string,
): (ControlNetInfo & { readonly fits: (encoder: Encoder) => boolean })[] {
  return listControlNetNames(modelFolder).map(name => {
    const path = controlNetFile(modelFolder, name)
    const headers = readTensorHeaders(path, WHOLE_FOLDER)
    return { name, tasks: tasksOf(path, headers), fits: isExportFolder(path) ? exportFits(path) : weightsFit(headers) }
  })
}

function weightsFit(headers: Headers): (encoder: Encoder) => boolean {
  const { shapes } = encoderOf(headers)
  return encoder => encoder.shapes === shapes
}

/** An export that can't be used fits nothing: painting with it says why. */
function exportFits(folder: string): (encoder: Encoder) => boolean {
  try {
    const { encoder: own } = readControlNetExport(folder)
    return encoder => fitsInterface(own, encoder)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return () => false
  }
}

/** What a ControlNet is trained for; empty if nothing says so. */
export function tasksOfControlNet(path: string): readonly ControlNetTask[] {
  return tasksOf(path, readTensorHeaders(path, WHOLE_FOLDER))
}

function tasksOf(path: string, headers: Headers): readonly ControlNetTask[] {
  const stated = readControlNetTask(path)
  const embedding = headers.map(header => shapeIn(header.task_embedding)).find(shape => shape !== undefined)
  return unionTasks(embedding?.[0]) ?? (stated ? [stated] : [])
}

/** Whether a file or a folder is a ControlNet, or one of the kinds that are refused by name. */
export function isControlNetFile(path: string): boolean {
  if (!isRegularFile(path) && isExportFolder(path)) return isControlNetExport(path)
  return readTensorHeaders(path, WHOLE_FOLDER).some(header => looksLikeControlNet(Object.keys(header)))
}

/**
 * The encoder of a model's UNet.
 *
 * @param path of a model's folder or a `.safetensors` file
 * @returns undefined where there are no weights to compare, as in a folder of ONNX graphs
 */
export function readEncoder(path: string): Encoder | undefined {
  const encoder = encoderOf(readTensorHeaders(path, 'unet'))
  return encoder.shapes === '' ? undefined : encoder
}

/** Both layouts name the blocks of the encoder differently, but give their weights the same shapes. */
const ENCODER_TENSOR =
  /(?:^|\.)(?:input_blocks\.[1-9]\d*|middle_block\.\d+|down_blocks\.\d+|mid_block\.(?:resnets|attentions))\./

function encoderOf(headers: Headers): Encoder {
  const entries = headers.flatMap(header => Object.entries(header))
  const shapes = entries
    .flatMap(([name, entry]) => (ENCODER_TENSOR.test(name) ? [shapeIn(entry)?.join('×') ?? ''] : []))
    .sort()
    .join(' ')
  return { shapes, ...encoderInterface(entries.map(([name, entry]) => [name, shapeIn(entry)])) }
}
