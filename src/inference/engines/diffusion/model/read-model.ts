import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../../../user-error.js'
import { CHECKPOINT_EXTENSION, isCheckpointFolder } from '../../../checkpoint/checkpoint.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'
import { openOnnxSession } from '../../../onnx/network.js'
import { CPU_PROVIDER } from '../../../onnx/verified-session.js'
import { loadRemovalModel } from '../../erase/removal-model.js'
import { readCheckpointModel } from './checkpoint-model.js'
import { type ModelFiles, readDiffusersFolder } from './diffusers-folder.js'
import { isEraserFile, modelSizeBytes } from './model-files.js'

/**
 * See what a model is made of: ONNX graphs, or a checkpoint, of which we write the graphs.
 *
 * @param path a folder or a `.safetensors` file
 * @throws ProblemError `model-incomplete`, `model-unreadable`, those of `readCheckpoint` and of `readLoras`
 */
export async function readModelFiles(path: string, loras: readonly LoraRequest[] = []): Promise<ModelFiles> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? path.endsWith(CHECKPOINT_EXTENSION)
  if (isFile || isCheckpointFolder(path)) return readCheckpointModel(path, loras)
  if (loras.length > 0) throw new UserError({ code: 'lora-needs-checkpoint', model: basename(path) })
  return readDiffusersFolder(path)
}

/** What a model is, in short. */
export type ModelSummary = {
  readonly kind: 'SD 1' | 'SD 2' | 'SDXL' | 'ONNX' | 'eraser'
  /** That its UNet takes: 9 if it was trained for in-painting. An eraser takes a picture's 3 and a mask. */
  readonly channels: number
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  readonly bytes: number
}

/** @throws ProblemError as {@link readModelFiles} does, `model-unreadable` */
export async function summarizeModel(path: string): Promise<ModelSummary> {
  const bytes = modelSizeBytes(path)
  if (isEraserFile(path)) {
    const { precision, close } = await loadRemovalModel(path, CPU_PROVIDER.name)
    await close()
    return { kind: 'eraser', channels: 4, precision, bytes }
  }
  const files = await readModelFiles(path)
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
  const network = await openOnnxSession(files.unet, CPU_PROVIDER, true).catch((cause: Error) => {
    throw new UserError({ code: 'model-unreadable', model: files.name, detail: cause.message }, { cause })
  })
  const sample = network.inputs.get('sample')
  await network.close()
  const channels = sample?.dims[1]
  if (typeof channels !== 'number') {
    throw new UserError({
      code: 'model-unreadable',
      model: files.name,
      detail: 'its UNet has no input called sample',
    })
  }
  return { kind: 'ONNX', channels, precision: sample!.type === 'float16' ? 'fp16' : 'fp32', bytes }
}
