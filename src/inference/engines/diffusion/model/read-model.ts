import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { ProblemError } from '../../../../user-error.js'
import { CHECKPOINT, isCheckpointFolder } from '../../../checkpoint/checkpoint.js'
import type { WantedLora } from '../../../checkpoint/lora.js'
import { openNetwork } from '../../../onnx/network.js'
import { CPU } from '../../../onnx/verified-session.js'
import { loadEraser } from '../../erase/removal-network.js'
import { readCheckpointModel } from './checkpoint-model.js'
import { type ModelFiles, readModelFolder } from './diffusers-folder.js'
import { isEraser, modelBytes } from './model-files.js'

/**
 * See what a model is made of: ONNX graphs, or a checkpoint, of which we write the graphs.
 *
 * @param path a folder or a `.safetensors` file
 * @throws ProblemError `model-incomplete`, `model-unreadable`, those of `readCheckpoint` and of `readLoras`
 */
export async function readModel(path: string, loras: readonly WantedLora[] = []): Promise<ModelFiles> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? path.endsWith(CHECKPOINT)
  if (isFile || isCheckpointFolder(path)) return readCheckpointModel(path, loras)
  if (loras.length > 0) throw new ProblemError({ code: 'lora-needs-checkpoint', model: basename(path) })
  return readModelFolder(path)
}

/** What a model is, in short. */
export type Summary = {
  readonly kind: 'SD 1' | 'SD 2' | 'SDXL' | 'ONNX' | 'eraser'
  /** That its UNet takes: 9 if it was trained for in-painting. An eraser takes a picture's 3 and a mask. */
  readonly channels: number
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  readonly bytes: number
}

/** @throws ProblemError as {@link readModel} does, `model-unreadable` */
export async function summaryOf(path: string): Promise<Summary> {
  const bytes = modelBytes(path)
  if (isEraser(path)) {
    const { precision, close } = await loadEraser(path, CPU.name)
    await close()
    return { kind: 'eraser', channels: 4, precision, bytes }
  }
  const files = await readModel(path)
  if (files.checkpoint) {
    const { kind, unet } = files.checkpoint
    const { shape, type } = unet.get('conv_in.weight')!
    return {
      kind,
      channels: shape[1]!,
      precision: ({ F16: 'fp16', BF16: 'bf16' } as const)[type as 'F16' | 'BF16'] ?? 'fp32',
      bytes,
    }
  }
  const network = await openNetwork(files.unet, CPU, true).catch((cause: Error) => {
    throw new ProblemError({ code: 'model-unreadable', model: files.name, detail: cause.message }, { cause })
  })
  const sample = network.inputs.get('sample')
  await network.close()
  const channels = sample?.dims[1]
  if (typeof channels !== 'number') {
    throw new ProblemError({
      code: 'model-unreadable',
      model: files.name,
      detail: 'its UNet has no input called sample',
    })
  }
  return { kind: 'ONNX', channels, precision: sample!.type === 'float16' ? 'fp16' : 'fp32', bytes }
}
