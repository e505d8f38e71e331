import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../../../../user-error.js'
import { CHECKPOINT_EXTENSION } from '../../../checkpoint/checkpoint.js'
import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import { isCheckpointFolder } from '../../../checkpoint/folder-checkpoint.js'
import { findPickle } from '../../../checkpoint/folder-weights.js'
import type { LoraRequest } from '../../../checkpoint/lora.js'
import { readCheckpointModel } from './checkpoint-model.js'
import { readDiffusersFolder } from './diffusers-folder.js'
import type { ModelFiles } from './model-files.js'

/**
 * Read which files a model consists of: ONNX graphs, or a checkpoint from which the graphs are generated.
 *
 * @param path a folder or a `.safetensors` file
 * @param loras only checkpoints take them
 * @param log receives one line for each LoRA of which something is skipped
 * @param controls ControlNets; only checkpoints take them
 * @throws UserError `checkpoint-is-pickle`, `model-incomplete`, `model-unreadable`, `lora-needs-checkpoint`,
 *   `controlnet-needs-checkpoint`, those of `readCheckpoint` and of
 *   `readLoras`
 */
export async function readModelFiles(
  path: string,
  loras: readonly LoraRequest[] = [],
  log?: (line: string) => void,
  controls: readonly ControlNetRequest[] = [],
): Promise<ModelFiles> {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? path.endsWith(CHECKPOINT_EXTENSION)
  if (isFile || isCheckpointFolder(path)) return readCheckpointModel(path, loras, log, controls)
  const pickle = existsSync(join(path, 'unet', 'model.onnx')) ? undefined : findPickle(path, 'unet')
  if (pickle !== undefined) throw new UserError({ code: 'checkpoint-is-pickle', file: `${basename(path)}/${pickle}` })
  if (loras.length > 0) throw new UserError({ code: 'lora-needs-checkpoint', model: basename(path) })
  if (controls.length > 0) throw new UserError({ code: 'controlnet-needs-checkpoint', model: basename(path) })
  return readDiffusersFolder(path)
}
