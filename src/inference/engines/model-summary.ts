import { basename } from 'node:path'
import { UserError } from '../../user-error.js'
import { CHECKPOINT_EXTENSION, type Tensors } from '../checkpoint/checkpoint.js'
import { readControlNet } from '../checkpoint/controlnet.js'
import { readControlNetExport } from '../checkpoint/controlnet-export.js'
import { isExportFolder } from '../checkpoint/controlnet-files.js'
import type { ControlNetTask } from '../checkpoint/controlnet-task.js'
import { readUpscaler } from '../checkpoint/upscaler.js'
import { openOnnxSession } from '../onnx/session.js'
import { CPU_PROVIDER } from '../onnx/verified-session.js'
import { segmentFilesIn } from '../segment/segment-folder.js'
import { loadSegmentModel } from '../segment/segment-model.js'
import { readModelFiles } from './diffusion/model/read-model-files.js'
import { loadRemovalModel } from './erase/removal-model.js'
import { isControlNetFile, tasksOfControlNet } from './installed-controlnets.js'
import { ERASER_EXTENSION, isEraserFile, modelSizeBytes } from './model-folder.js'
import { loadUpscaleNetwork } from './upscale/network.js'

/** The kind and the size of a model, without loading its weights. */
export type ModelSummary = {
  readonly kind: 'SD 1' | 'SD 2' | 'SDXL' | 'SDXL refiner' | 'ONNX' | 'eraser' | 'segment' | 'upscaler' | 'ControlNet'
  /**
   * Input channels of the UNet: 4, or 9 for an inpainting model. An eraser has 4: red, green, blue and mask. A segment model and an
   * upscaler have 3, and a ControlNet the 4 of what it controls.
   */
  readonly channels: number
  readonly precision: 'fp32' | 'fp16' | 'bf16' | 'fp8'
  readonly bytes: number
  /** Of ControlNets: the tasks that they are trained for, as far as it is stated. */
  readonly tasks?: readonly ControlNetTask[]
}

/**
 * @param path of a model's folder, a checkpoint, an eraser, an upscaler or a ControlNet
 * @throws UserError as {@link readModelFiles} does, `model-unreadable`
 */
export async function summarizeModel(path: string): Promise<ModelSummary> {
  const bytes = modelSizeBytes(path)
  if (isEraserFile(path)) return { ...(await summarizeGraph(path)), bytes }
  if (segmentFilesIn(path)) return { ...(await summarizeSegmentModel(path)), bytes }
  if (isControlNetFile(path)) return { ...(await summarizeControlNet(path)), bytes }
  const upscaler = path.endsWith(CHECKPOINT_EXTENSION) ? await summarizeUpscaler(path) : undefined
  return { ...(upscaler ?? (await summarizeDiffusionModel(path))), bytes }
}

type SummaryWithoutSize = Omit<ModelSummary, 'bytes'>

/** An ONNX file: an upscaler has one input, an eraser two. */
async function summarizeGraph(path: string): Promise<SummaryWithoutSize> {
  const model = basename(path, ERASER_EXTENSION)
  const session = await openOnnxSession({ name: model, file: path }, CPU_PROVIDER, true).catch((cause: Error) => {
    throw new UserError({ code: 'model-unreadable', model, detail: cause.message }, { cause })
  })
  const types = [...session.inputs.values()].map(({ type }) => type)
  await session.close()
  if (types.length === 1) {
    await (await loadUpscaleNetwork(path, CPU_PROVIDER.name)).close()
    return { kind: 'upscaler', channels: 3, precision: types[0] === 'float16' ? 'fp16' : 'fp32' }
  }
  const { precision, close } = await loadRemovalModel(path, CPU_PROVIDER.name)
  await close()
  return { kind: 'eraser', channels: 4, precision }
}

async function summarizeSegmentModel(path: string): Promise<SummaryWithoutSize> {
  const { precision, close } = await loadSegmentModel(path)
  await close()
  return { kind: 'segment', channels: 3, precision }
}

async function summarizeControlNet(path: string): Promise<SummaryWithoutSize> {
  const precision = isExportFolder(path)
    ? readControlNetExport(path).precision
    : precisionOf((await readControlNet(path)).tensors)
  return { kind: 'ControlNet', channels: 4, precision, tasks: tasksOfControlNet(path) }
}

/** Undefined if the file is another kind of checkpoint. */
async function summarizeUpscaler(path: string): Promise<SummaryWithoutSize | undefined> {
  try {
    return { kind: 'upscaler', channels: 3, precision: (await readUpscaler(path)).precision }
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'upscaler-unknown') return undefined
    throw error
  }
}

function precisionOf(tensors: Tensors): ModelSummary['precision'] {
  // Files with 8 bits keep their outermost layers in half precision.
  if ([...tensors.values()].some(({ type }) => type.startsWith('F8'))) return 'fp8'
  const { type } = tensors.get('conv_in.weight')!
  return type === 'F16' ? 'fp16' : type === 'BF16' ? 'bf16' : 'fp32'
}

async function summarizeDiffusionModel(path: string): Promise<SummaryWithoutSize> {
  const { name, checkpoint, unet } = await readModelFiles(path)
  if (checkpoint) {
    const { shape } = checkpoint.unet.get('conv_in.weight')!
    const precision = precisionOf(checkpoint.unet)
    return { kind: checkpoint.isRefiner ? 'SDXL refiner' : checkpoint.kind, channels: shape[1]!, precision }
  }
  const unreadable = (detail: string, cause?: Error) =>
    new UserError({ code: 'model-unreadable', model: name, detail }, { cause })
  const session = await openOnnxSession(unet, CPU_PROVIDER, true).catch((cause: Error) => {
    throw unreadable(cause.message, cause)
  })
  const sample = session.inputs.get('sample')
  await session.close()
  const channels = sample?.dims[1]
  if (typeof channels !== 'number') throw unreadable('its UNet has no input called sample')
  return { kind: 'ONNX', channels, precision: sample!.type === 'float16' ? 'fp16' : 'fp32' }
}
