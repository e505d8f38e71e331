import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ControlNetTask } from '../../inference/checkpoint/controlnet-task.js'
import { summarizeModel } from '../../inference/engines/model-summary.js'
import { openOnnxSession } from '../../inference/onnx/session.js'
import { CPU_PROVIDER } from '../../inference/onnx/verified-session.js'
import { makeFolder } from '../../make-folder.js'
import { UserError } from '../../user-error.js'
import { assertDiskSpace } from '../hardware.js'
import { download, fileSha256 } from './download.js'
import type { CatalogEntry } from './model-catalog.js'
import type { HubFile } from './model-hub.js'
import type { ModelPlan } from './model-plan.js'
import type { ModelSources } from './model-sources.js'
import { pathInside } from './path-inside.js'
import { addPinnedChecksums, checksumChanged, type PinnedChecksums } from './pinned-checksums.js'
import { type AddedModel, assertTaskFits, extensionFor, placeOf, stateTask } from './place-model.js'

export type AddModelOptions = {
  /** The name of the model in the model folder; the name at its source if left out. */
  readonly name?: string | undefined
  /** Expected SHA-256 of a file from a URL. Repositories publish their own. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
  /** From 0 to 1. Not called while the total size is unknown. */
  readonly onProgress: (done: number) => void
  /** Receives what would be downloaded or copied, before it is. */
  readonly onPlan?: (plan: ModelPlan) => void
  /** What a ControlNet is for. */
  readonly task?: ControlNetTask | undefined
  /** End after the plan. */
  readonly dryRun?: boolean | undefined
}

type ModelFile = HubFile & {
  /** Its path in the folder of the model; empty where the file is the model. */
  readonly to: string
  /** `repository@revision/path`, for files whose checksum is pinned. */
  readonly from?: string
  /** The pinned or published SHA-256. */
  readonly expected?: string | undefined
}

/** A file of a model, and the path that it is downloaded to. */
type PartialFile = ModelFile & { readonly file: string }

type ModelDownload = {
  readonly name: string
  /** Like `owner/name`, or a URL. */
  readonly from: string
  readonly files: readonly ModelFile[]
  readonly headers: Record<string, string> | undefined
  readonly licence?: string
  readonly use?: CatalogEntry['use']
}

/** A model under way: in a hidden folder, which is not listed as a model. */
type PartialModel = {
  readonly folder: string
  /** The file or the folder that is going to be the model. */
  readonly path: string
  readonly files: readonly PartialFile[]
  /** The extension of a model that is one file. */
  readonly extension: string
}

/**
 * Download the files of a model, read it, and give it its final name.
 *
 * @throws UserError `disk-space-low`, `path-outside-folder`, `model-checksum-changed`, `options-invalid`, those of `download` and of
 *   `readModel`
 */
export async function downloadModel(
  request: ModelDownload,
  { modelFolder }: ModelSources,
  options: AddModelOptions,
): Promise<AddedModel> {
  const { name, from, files, headers, licence } = request
  options.onPlan?.({ name, from, files: files.map(({ path, bytes }) => ({ path, bytes })), licence })
  if (options.dryRun) return { name, summary: undefined }
  const partial = partialModel(modelFolder, request)
  await assertRoomFor(modelFolder, partial.files)
  await downloadFiles(partial, headers, options)
  try {
    return await placeDownload(modelFolder, partial, request, options)
  } catch (error) {
    options.signal.throwIfAborted()
    // Otherwise the next attempt would find the same invalid files.
    await rm(partial.folder, { recursive: true, force: true })
    throw error
  }
}

function partialModel(modelFolder: string, { name, files }: ModelDownload): PartialModel {
  const urls = JSON.stringify(files.map(({ url }) => url))
  const isFile = files.length === 1 && files[0]!.to === ''
  const extension = isFile ? extensionFor(files[0]!.path) : ''
  // The hash of the URLs lets the same command resume it.
  const folder = join(modelFolder, `.${name}-${createHash('sha256').update(urls).digest('hex').slice(0, 8)}.coming`)
  const path = join(folder, isFile ? `model${extension}` : '')
  const partialFiles = files.map(file => ({ ...file, file: isFile ? path : pathInside(folder, file.to) }))
  return { folder, path, files: partialFiles, extension }
}

/** Download the files that are not there from an earlier attempt. */
async function downloadFiles(
  { folder, files }: PartialModel,
  headers: ModelDownload['headers'],
  { signal, onProgress }: Pick<AddModelOptions, 'signal' | 'onProgress'>,
): Promise<void> {
  const weights = files.map(({ bytes }) => bytes ?? 1)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let done = 0
  for (const [index, { url, sha256, file, bytes: size }] of files.entries()) {
    if (!existsSync(file)) {
      const progress = (bytes: number, fileBytes: number | undefined) => {
        if (fileBytes) onProgress((done + (weights[index]! * bytes) / fileBytes) / total)
      }
      await download({ url, file, headers, sha256, bytes: size, signal, onProgress: progress }).catch(async error => {
        // Keep downloaded bytes for the next attempt, but no empty folder.
        if (existsSync(folder) && readdirSync(folder).length === 0) await rm(folder, { recursive: true })
        throw error
      })
    }
    done += weights[index]!
  }
}

/** Move a model whose files are complete to its place in the model folder. */
async function placeDownload(
  modelFolder: string,
  { folder, path, files, extension }: PartialModel,
  { name, use = 'model' }: ModelDownload,
  { signal, task }: Pick<AddModelOptions, 'signal' | 'task'>,
): Promise<AddedModel> {
  const model = `${name}${extension}`
  const pins = await checksumsOf(modelFolder, files, model, signal)
  const summary =
    use === 'preview'
      ? await assertPreviewDecoder(path, name)
      : await summarizeModel(path).catch(error => rethrowWithNames(error, path, model, name))
  assertTaskFits(summary?.kind, task)
  const to = join(modelFolder, placeOf(summary?.kind, model))
  await makeFolder(dirname(to))
  await rename(path, to)
  await rm(folder, { recursive: true, force: true })
  const placed = Object.entries(pins).map(([file, pin]) => [placeOf(summary?.kind, file), pin] as const)
  if (placed.length > 0) await addPinnedChecksums(modelFolder, Object.fromEntries(placed))
  return { name, summary: await stateTask(to, summary, task) }
}

/** @throws UserError `disk-space-low`, before anything is downloaded */
async function assertRoomFor(modelFolder: string, files: readonly PartialFile[]): Promise<void> {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const needs = files.reduce((sum, { bytes = 0, file }) => {
    return existsSync(file) ? sum : sum + Math.max(bytes - sizeOf(`${file}.part`), 0)
  }, 0)
  await assertDiskSpace(modelFolder, needs)
}

/**
 * The checksums to pin, by path in the model folder.
 *
 * @param model its name in the model folder, extension included
 * @throws UserError `model-checksum-changed`
 */
async function checksumsOf(
  modelFolder: string,
  files: readonly PartialFile[],
  model: string,
  signal: AbortSignal,
): Promise<PinnedChecksums> {
  const pins: PinnedChecksums = {}
  for (const { file, from, expected, to } of files) {
    if (from === undefined) continue
    const sha256 = await fileSha256(file, signal)
    if (expected !== undefined && expected !== sha256) throw checksumChanged(modelFolder, from, sha256, expected)
    const date = new Date().toISOString().slice(0, 10)
    pins[to === '' ? model : `${model}/${to}`] = { sha256, bytes: statSync(file).size, from, date }
  }
  return pins
}

/** @throws UserError `model-unreadable` unless it decodes latents */
async function assertPreviewDecoder(folder: string, model: string): Promise<undefined> {
  const file = join(folder, 'vae_decoder', 'model.onnx')
  const session = await openOnnxSession({ name: 'vae_decoder', file }, CPU_PROVIDER, true).catch((cause: Error) => {
    throw new UserError({ code: 'model-unreadable', model, detail: cause.message }, { cause })
  })
  const isDecoder = session.inputs.has('latent_sample')
  await session.close()
  if (!isDecoder)
    throw new UserError({ code: 'model-unreadable', model, detail: 'it has no input called latent_sample' })
}

/** The final names instead of the temporary ones. */
function rethrowWithNames(error: unknown, partial: string, file: string, name: string): never {
  if (!(error instanceof UserError)) throw error
  const { problem } = error
  throw new UserError({
    ...problem,
    ...('file' in problem && { file }),
    ...('model' in problem && { model: name }),
    ...('detail' in problem && { detail: problem.detail.replaceAll(partial, file) }),
  })
}
