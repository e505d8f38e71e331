import { CHECKPOINT_EXTENSION } from '../../inference/checkpoint/checkpoint.js'
import { type ControlNetTask, writeControlNetTask } from '../../inference/checkpoint/controlnet-task.js'
import {
  controlNetPath,
  ERASER_EXTENSION,
  findAnyModel,
  isEraserFile,
  upscalerPath,
} from '../../inference/engines/model-folder.js'
import { type ModelSummary, summarizeModel } from '../../inference/engines/model-summary.js'
import { UserError } from '../../user-error.js'

/** A preview decoder has no summary, and neither has a model that was not added because of a dry run. */
export type AddedModel = { readonly name: string; readonly summary: ModelSummary | undefined }

/** @throws UserError `model-exists`, `model-name-invalid` */
export function newModelName(modelFolder: string, wanted: string | undefined, fallback: string): string {
  const name = wanted ?? fallback
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._()+-]*$/u.test(name) || name.length > 80)
    throw new UserError({ code: 'model-name-invalid', name })
  if (findAnyModel(modelFolder, name) !== undefined) throw new UserError({ code: 'model-exists', model: name })
  return name
}

/** Where a file is put in the model folder: upscalers and ControlNets have their own folders. */
export function placeOf(kind: ModelSummary['kind'] | undefined, path: string): string {
  if (kind === 'ControlNet') return controlNetPath(path)
  return kind === 'upscaler' ? upscalerPath(path) : path
}

/** @throws UserError `options-invalid` */
export function assertTaskFits(kind: ModelSummary['kind'] | undefined, task: ControlNetTask | undefined): void {
  if (task === undefined || kind === 'ControlNet') return
  throw new UserError({ code: 'options-invalid', detail: '--task is for ControlNets, and this is another model' })
}

/** Write what a ControlNet is for next to it. @returns its summary with that */
export async function stateTask(
  file: string,
  summary: ModelSummary | undefined,
  task: ControlNetTask | undefined,
): Promise<ModelSummary | undefined> {
  if (task === undefined || summary === undefined) return summary
  await writeControlNetTask(file, task)
  return summarizeModel(file)
}

/** The extension of a model that is one file. */
export function extensionFor(path: string): string {
  return isEraserFile(path) ? ERASER_EXTENSION : CHECKPOINT_EXTENSION
}
