import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { copyFile, cp, link, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
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
import { openOnnxSession } from '../../inference/onnx/session.js'
import { CPU_PROVIDER } from '../../inference/onnx/verified-session.js'
import { makeFolder } from '../../make-folder.js'
import { UserError } from '../../user-error.js'
import { closestName } from '../env/closest-name.js'
import { assertDiskSpace } from '../hardware.js'
import { formatBytes } from '../text-table.js'
import { download, fileSha256 } from './download.js'
import { type CatalogEntry, findInCatalog, MODEL_CATALOG } from './model-catalog.js'
import { type Hub, type HubFile, listHubFiles, parseRepository, selectModelFiles } from './model-hub.js'
import { describeKind } from './model-kind.js'
import type { ModelPlan } from './model-plan.js'
import type { ModelSources } from './model-sources.js'
import { pathInside } from './path-inside.js'
import { addPinnedChecksums, checksumChanged, type PinnedChecksums, readPinnedChecksums } from './pinned-checksums.js'

/** A preview decoder has no summary, and neither has a model that was not added because of a dry run. */
export type AddedModel = { readonly name: string; readonly summary: ModelSummary | undefined }

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

/**
 * `overscan models add`: put a local file or folder, a URL, a model of the catalog or a Hugging Face repository into the model folder.
 * The model is read before it gets its final name.
 *
 * @param from like `model.safetensors`, `https://…/model.safetensors`, `sd15`, `owner/name` or `owner/name/model.safetensors`
 * @throws UserError `model-exists`, `model-name-invalid`, `model-checksum-changed`, `disk-space-low`, `path-outside-folder`, those of `download`, of
 *   `listHubFiles` and of `readModel`
 */
export async function addModel(from: string, sources: ModelSources, options: AddModelOptions): Promise<AddedModel> {
  if (/^https?:\/\//i.test(from)) {
    if (!URL.canParse(from)) throw new UserError({ code: 'model-source-unknown', text: from, closest: undefined })
    return addFromUrl(new URL(from), sources, options)
  }
  if (existsSync(from)) return addFromPath(from, sources, options)
  const entry = findInCatalog(from)
  if (entry) return addFromCatalog(entry, sources, options)
  const repository = parseRepository(from)
  if (!repository) {
    if (extname(from) !== '' || /[\\/]/.test(from)) throw new UserError({ code: 'no-such-file', path: from })
    const names = MODEL_CATALOG.map(({ name }) => name)
    throw new UserError({ code: 'model-source-unknown', text: from, closest: closestName(from, names) })
  }
  const { hub, modelFolder } = sources
  const { name, revision, path } = repository
  const { single, folder } = selectModelFiles(await listHubFiles(hub, name, revision), name, path)
  if (single) {
    const ownName = newModelName(modelFolder, options.name, basename(single.path, extensionFor(single.path)))
    const request = { name: ownName, from: name, files: [{ ...single, to: '' }], headers: authorization(hub) }
    return downloadModel(request, sources, options)
  }
  const ownName = newModelName(modelFolder, options.name, name.split('/')[1]!)
  return downloadModel({ name: ownName, from: name, files: folder!, headers: authorization(hub) }, sources, options)
}

/** Add a model of the catalog. Its files have to match their pinned checksums. */
export async function addFromCatalog(
  entry: CatalogEntry,
  sources: ModelSources,
  options: AddModelOptions,
): Promise<AddedModel> {
  const { repository, revision, path, sha256, licence, use, task } = entry
  const { hub, modelFolder } = sources
  const name = newModelName(modelFolder, options.name, entry.name)
  const { single, folder } = selectModelFiles(await listHubFiles(hub, repository, revision), repository, path)
  const selected = single ? [{ ...single, to: entry.use === 'preview' ? single.path : '' }] : folder!
  const pins = Object.values(await readPinnedChecksums(modelFolder))
  const files = selected.map(file => {
    const from = `${repository}@${revision}/${file.path}`
    const pin = pins.find(one => one.from === from)
    const expected = pin?.sha256 ?? sha256?.[file.path]
    // The hub publishes its checksum: compare before gigabytes are downloaded.
    if (expected !== undefined && file.sha256 !== undefined && expected !== file.sha256) {
      throw checksumChanged(modelFolder, from, file.sha256, expected)
    }
    return { ...file, from, expected }
  })
  const request = { name, from: repository, files, headers: authorization(hub), licence, use }
  return downloadModel(request, sources, { ...options, task: options.task ?? task })
}

function authorization({ token }: Pick<Hub, 'token'>): Record<string, string> | undefined {
  return token ? { authorization: `Bearer ${token}` } : undefined
}

async function addFromPath(
  from: string,
  { modelFolder }: ModelSources,
  { name, signal, onPlan, dryRun, task }: AddModelOptions,
): Promise<AddedModel> {
  const isFile = statSync(from).isFile()
  if (isFile && !MODEL_EXTENSIONS.has(extname(from))) throw new UserError({ code: 'not-a-model', path: from })
  const ownName = newModelName(modelFolder, name, basename(resolve(from), isFile ? extname(from) : ''))
  const { bytes, kind } = await summarizeModel(from) // throws unless it is a model
  assertTaskFits(kind, task)
  onPlan?.({ name: ownName, from, files: [{ path: basename(from), bytes }], licence: undefined })
  if (dryRun) return { name: ownName, summary: undefined }
  signal.throwIfAborted()
  const to = join(modelFolder, placeOf(kind, `${ownName}${isFile ? extensionFor(from) : ''}`))
  await makeFolder(dirname(to))
  if (isFile) await link(from, to).catch(() => copyFile(from, to))
  else await cp(from, to, { recursive: true })
  return { name: ownName, summary: await stateTask(to, await summarizeModel(to), task) }
}

async function addFromUrl(url: URL, sources: ModelSources, options: AddModelOptions): Promise<AddedModel> {
  const file = decodedName(url)
  if (PICKLE_EXTENSIONS.has(extname(file))) throw new UserError({ code: 'checkpoint-is-pickle', file })
  const extension = extensionFor(file)
  const stem = file.endsWith(extension) ? basename(file, extension) : ''
  const ownName = newModelName(sources.modelFolder, options.name, stem)
  const files = [{ path: file, url: url.href, sha256: options.sha256, to: '' }]
  const headers = authorization({ token: tokenFor(url, sources) })
  return downloadModel({ name: ownName, from: url.href, files, headers }, sources, options)
}

function decodedName({ pathname }: URL): string {
  const name = basename(pathname)
  try {
    return decodeURIComponent(name)
  } catch {
    return name // a % that stands for itself
  }
}

/** Files that PyTorch writes. Refused before gigabytes of them are downloaded. */
export const PICKLE_EXTENSIONS: ReadonlySet<string> = new Set(['.ckpt', '.pt', '.pth', '.bin'])

const MODEL_EXTENSIONS: ReadonlySet<string> = new Set([CHECKPOINT_EXTENSION, ERASER_EXTENSION, ...PICKLE_EXTENSIONS])

/** A token is sent only to the site that issued it. */
function tokenFor({ origin, hostname, protocol }: URL, { hub, civitaiToken }: ModelSources): string | undefined {
  if (origin === new URL(hub.endpoint).origin) return hub.token
  if (protocol !== 'https:') return undefined
  return hostname === 'civitai.com' || hostname.endsWith('.civitai.com') ? civitaiToken : undefined
}

/** One line about a model that was added. */
export function describeModel({ name, summary }: AddedModel): string {
  if (!summary) return `${name} (for previews)`
  return `${name} (${describeKind(summary)}, ${summary.precision}, ${formatBytes(summary.bytes)})`
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

async function downloadModel(
  { name, from, files, headers, licence, use = 'model' }: ModelDownload,
  { modelFolder }: ModelSources,
  { signal, onProgress, onPlan, dryRun, task }: AddModelOptions,
): Promise<AddedModel> {
  onPlan?.({ name, from, files: files.map(({ path, bytes }) => ({ path, bytes })), licence })
  if (dryRun) return { name, summary: undefined }
  const isFile = files.length === 1 && files[0]!.to === ''
  const extension = isFile ? extensionFor(files[0]!.path) : ''
  const urlHash = createHash('sha256')
    .update(JSON.stringify(files.map(({ url }) => url)))
    .digest('hex')
    .slice(0, 8)
  // A hidden folder, which is not listed as a model. The hash of the URLs lets the same command resume it.
  const partialFolder = join(modelFolder, `.${name}-${urlHash}.coming`)
  const partialModel = join(partialFolder, isFile ? `model${extension}` : '')
  const partialFiles = files.map(file => ({
    ...file,
    file: isFile ? partialModel : pathInside(partialFolder, file.to),
  }))
  await assertRoomFor(modelFolder, partialFiles)
  const weights = partialFiles.map(({ bytes }) => bytes ?? 1)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let done = 0
  for (const [index, { url, sha256, file, bytes: size }] of partialFiles.entries()) {
    if (!existsSync(file)) {
      const progress = (bytes: number, fileBytes: number | undefined) => {
        if (fileBytes) onProgress((done + (weights[index]! * bytes) / fileBytes) / total)
      }
      await download({ url, file, headers, sha256, bytes: size, signal, onProgress: progress }).catch(async error => {
        // Keep downloaded bytes for the next attempt, but no empty folder.
        if (existsSync(partialFolder) && readdirSync(partialFolder).length === 0) {
          await rm(partialFolder, { recursive: true })
        }
        throw error
      })
    }
    done += weights[index]!
  }
  try {
    const model = `${name}${extension}`
    const pins = await checksumsOf(modelFolder, partialFiles, model, signal)
    const summary =
      use === 'preview'
        ? await assertPreviewDecoder(partialModel, name)
        : await summarizeModel(partialModel).catch(error => rethrowWithNames(error, partialModel, model, name))
    assertTaskFits(summary?.kind, task)
    const to = join(modelFolder, placeOf(summary?.kind, model))
    await makeFolder(dirname(to))
    await rename(partialModel, to)
    await rm(partialFolder, { recursive: true, force: true })
    const placed = Object.entries(pins).map(([path, pin]) => [placeOf(summary?.kind, path), pin] as const)
    if (placed.length > 0) await addPinnedChecksums(modelFolder, Object.fromEntries(placed))
    return { name, summary: await stateTask(to, summary, task) }
  } catch (error) {
    signal.throwIfAborted()
    // Otherwise the next attempt would find the same invalid files.
    await rm(partialFolder, { recursive: true, force: true })
    throw error
  }
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

/** @throws UserError `model-exists`, `model-name-invalid` */
function newModelName(modelFolder: string, wanted: string | undefined, fallback: string): string {
  const name = wanted ?? fallback
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._()+-]*$/u.test(name) || name.length > 80)
    throw new UserError({ code: 'model-name-invalid', name })
  if (findAnyModel(modelFolder, name) !== undefined) throw new UserError({ code: 'model-exists', model: name })
  return name
}

/** Where a file is put in the model folder: upscalers and ControlNets have their own folders. */
function placeOf(kind: ModelSummary['kind'] | undefined, path: string): string {
  if (kind === 'ControlNet') return controlNetPath(path)
  return kind === 'upscaler' ? upscalerPath(path) : path
}

/** @throws UserError `options-invalid` */
function assertTaskFits(kind: ModelSummary['kind'] | undefined, task: ControlNetTask | undefined): void {
  if (task === undefined || kind === 'ControlNet') return
  throw new UserError({ code: 'options-invalid', detail: '--task is for ControlNets, and this is another model' })
}

async function stateTask(
  file: string,
  summary: ModelSummary | undefined,
  task: ControlNetTask | undefined,
): Promise<ModelSummary | undefined> {
  if (task === undefined || summary === undefined) return summary
  await writeControlNetTask(file, task)
  return summarizeModel(file)
}

/** The extension of a model that is one file. */
function extensionFor(path: string): string {
  return isEraserFile(path) ? ERASER_EXTENSION : CHECKPOINT_EXTENSION
}
