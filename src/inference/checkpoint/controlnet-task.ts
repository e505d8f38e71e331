import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { atomicWrite } from '../../atomic-write.js'
import { isRegularFile } from '../onnx/model-file.js'
import { CHECKPOINT_EXTENSION } from './checkpoint.js'

/** What ControlNets are trained for, as far as they are used here. */
export const CONTROLNET_TASKS = ['inpaint', 'tile'] as const
export type ControlNetTask = (typeof CONTROLNET_TASKS)[number]

/** A1111 writes other fields into the same file. */
const sidecarSchema = z.looseObject({ task: z.enum(CONTROLNET_TASKS).optional().catch(undefined) })

/**
 * The task of a ControlNet, as `NAME.json` next to its file states it: `{ "task": "inpaint" }`. The tensors of an inpaint
 * and of a tile ControlNet look the same, and names are free.
 *
 * @returns undefined if it is not stated
 */
export function readControlNetTask(file: string): ControlNetTask | undefined {
  return readSidecar(sidecarOf(file)).task
}

/** State the task of a ControlNet. What else its JSON file holds is kept. */
export async function writeControlNetTask(file: string, task: ControlNetTask): Promise<void> {
  const sidecar = sidecarOf(file)
  await atomicWrite(sidecar, `${JSON.stringify({ ...readSidecar(sidecar), task }, undefined, 2)}\n`, 0o644)
}

function sidecarOf(file: string): string {
  return join(dirname(file), `${basename(file, CHECKPOINT_EXTENSION)}.json`)
}

function readSidecar(path: string): z.infer<typeof sidecarSchema> {
  if (!isRegularFile(path)) return {}
  try {
    return sidecarSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {} // nothing is stated
  }
}
