import { statSync } from 'node:fs'
import type { Checkpoint } from './checkpoint.js'
import { readFolderCheckpoint } from './folder-checkpoint.js'
import { readSingleFileCheckpoint } from './single-file-checkpoint.js'

/**
 * Read the tensor list and configuration of a checkpoint, without its weights: a `.safetensors` file, or a folder in
 * diffusers' layout.
 *
 * @throws UserError `checkpoint-is-pickle`, `checkpoint-truncated`, `checkpoint-corrupt`, `checkpoint-unknown`,
 *   `checkpoint-incomplete`, `checkpoint-is-lora`, `model-unreadable`, `model-unsupported`
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  return isFolder ? readFolderCheckpoint(path) : readSingleFileCheckpoint(path)
}
