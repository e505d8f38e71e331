import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { copyFile, cp, link, mkdir, rename, rm } from 'node:fs/promises'
import { basename, extname, join, relative, sep } from 'node:path'
import { parseEnvVars } from '../config.js'
import { problemMessage } from '../i18n/i18n.js'
import { CHECKPOINT_EXTENSION } from '../inference/checkpoint/checkpoint.js'
import { loadDiffusionModel } from '../inference/engines/diffusion/model/diffusion-model.js'
import { loadRemovalModel } from '../inference/engines/erase/removal-network.js'
import { ERASER_EXTENSION, findModel, isEraserFile, listModelNames } from '../inference/engines/model-folder.js'
import { type ModelSummary, summarizeModel } from '../inference/engines/model-summary.js'
import { modelFolder } from '../inference/engines/registry.js'
import { filledMask, filledPixels, PAINT } from '../inference/image/pixels.js'
import { availableDevices } from '../inference/onnx/devices.js'
import { openOnnxSession } from '../inference/onnx/session.js'
import { CPU_PROVIDER } from '../inference/onnx/verified-session.js'
import { UserError } from '../user-error.js'
import { download, fileSha256 } from './download.js'
import { detectHardware, freeDiskBytes } from './hardware.js'
import { type CatalogEntry, type DeviceMemory, deviceMemory, findInCatalog } from './model-catalog.js'
import {
  type Hub,
  type HubFile,
  hubFromEnvironment,
  listHubFiles,
  parseRepository,
  selectModelFiles,
} from './model-hub.js'
import {
  addPinnedChecksums,
  type PinnedChecksums,
  pinnedChecksumsPath,
  readPinnedChecksums,
} from './pinned-checksums.js'
import { alignColumns, formatBytes, toGigabytes } from './text-table.js'

/** Without a summary it is no model, but what shows a preview of models' work. */
export type AddedModel = { readonly name: string; readonly summary: ModelSummary | undefined }

export type AddModelOptions = {
  /** What to call it; otherwise as it is called where it comes from. */
  readonly name?: string | undefined
  /** Of a file from an address, as whoever published it says; repositories tell theirs. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
  /** From 0 to 1, where that is known. */
  readonly onProgress: (done: number) => void
}

/**
 * `overscan models add`: a file or folder of this machine, the address of a file, a model of the catalogue or a repository of
 * Hugging Face, into the folder of the models. It is looked at before it gets its place.
 *
 * @param from like `model.safetensors`, `https://…/model.safetensors`, `sd15`, `owner/name` or `owner/name/model.safetensors`
 * @throws ProblemError `model-exists`, `model-name-invalid`, `model-checksum-changed`, `disk-space-low`, those of `download`, of `hubFiles` and of
 *   `readModel`
 */
export async function addModel(from: string, adding: AddModelOptions): Promise<AddedModel> {
  if (/^https?:\/\//i.test(from)) return addFromAddress(new URL(from), adding)
  if (existsSync(from)) return addFromHere(from, adding)
  const entry = findInCatalog(from)
  if (entry) return addFromCatalog(entry, adding)
  const repository = parseRepository(from)
  if (!repository) throw new UserError({ code: 'no-such-file', path: from })
  const hub = hubFromEnvironment(process.env)
  const { name, revision, path } = repository
  const chosen = selectModelFiles(await listHubFiles(hub, name, revision), name, path)
  const headers = headersFor(hub)
  if (chosen.single) {
    const own = nameFor(adding.name, basename(chosen.single.path, endingOf(chosen.single.path)))
    return downloaded(own, [{ ...chosen.single, to: '' }], headers, adding)
  }
  return downloaded(nameFor(adding.name, name.split('/')[1]!), chosen.folder!, headers, adding)
}

/** A model of the catalogue, which has to be what it was when it first came to this folder. */
export async function addFromCatalog(entry: CatalogEntry, adding: AddModelOptions): Promise<AddedModel> {
  const { repository, revision, path, sha256 } = entry
  const name = nameFor(adding.name, entry.name)
  const hub = hubFromEnvironment(process.env)
  const { single, folder } = selectModelFiles(await listHubFiles(hub, repository, revision), repository, path)
  const chosen = single ? [{ ...single, to: entry.use === 'preview' ? single.path : '' }] : folder!
  const pins = Object.values(await readPinnedChecksums(modelFolder()))
  const files = chosen.map(file => {
    const from = `${repository}@${revision}/${file.path}`
    const pin = pins.find(one => one.from === from)
    const known = pin?.sha256 ?? sha256?.[file.path]
    // The hub tells what it has: better known before gigabytes of something else came.
    if (known !== undefined && file.sha256 !== undefined && known !== file.sha256) {
      throw changed(from, file.sha256, known)
    }
    return { ...file, from, known }
  })
  return downloaded(name, files, headersFor(hub), adding, entry.use)
}

function changed(file: string, is: string, was: string): UserError {
  return new UserError({ code: 'model-checksum-changed', file, is, was, lock: pinnedChecksumsPath(modelFolder()) })
}

function headersFor({ token }: Hub): Record<string, string> | undefined {
  return token === undefined ? undefined : { authorization: `Bearer ${token}` }
}

async function addFromHere(from: string, { name, signal }: AddModelOptions): Promise<AddedModel> {
  const isFile = statSync(from).isFile()
  const own = nameFor(name, basename(from, isFile ? extname(from) : ''))
  // What it is decides whether it may come in at all.
  await summarizeModel(from)
  signal.throwIfAborted()
  const to = placeOf(own, isFile ? endingOf(from) : '')
  await mkdir(modelFolder(), { recursive: true })
  if (isFile) await link(from, to).catch(() => copyFile(from, to))
  else await cp(from, to, { recursive: true })
  return { name: own, summary: await summarizeModel(to) }
}

async function addFromAddress(url: URL, adding: AddModelOptions): Promise<AddedModel> {
  const last = decodeURIComponent(basename(url.pathname))
  if (PICKLE_EXTENSIONS.has(extname(last))) throw new UserError({ code: 'checkpoint-is-pickle', file: last })
  const own = nameFor(adding.name, last.endsWith(endingOf(last)) ? basename(last, endingOf(last)) : '')
  return downloaded(own, [{ path: last, url: url.href, sha256: adding.sha256, to: '' }], tokenFor(url), adding)
}

/** What torch writes; better known before gigabytes of it came. */
export const PICKLE_EXTENSIONS: ReadonlySet<string> = new Set(['.ckpt', '.pt', '.pth', '.bin'])

/** Only to those who gave it. */
function tokenFor({ hostname }: URL): Record<string, string> | undefined {
  const own = (domain: string) => hostname === domain || hostname.endsWith(`.${domain}`)
  const hub = hubFromEnvironment(process.env)
  const { CIVITAI_TOKEN: civitai } = parseEnvVars(process.env, ['CIVITAI_TOKEN'])
  const isHub = hostname === new URL(hub.endpoint).hostname
  const token = isHub ? hub.token : own('civitai.com') ? civitai : undefined
  return token ? { authorization: `Bearer ${token}` } : undefined
}

/** What was added, in a line. */
export function describeModel({ name, summary }: AddedModel): string {
  if (!summary) return `${name} (for previews)`
  const { kind, channels, precision, bytes } = summary
  if (kind === 'eraser') return `${name} (${kind}, ${precision}, ${formatBytes(bytes)})`
  return `${name} (${kind}, ${channels} channels, ${precision}, ${formatBytes(bytes)})`
}

/** The memory that models have on the first device that works. */
export async function defaultDeviceMemory(): Promise<DeviceMemory> {
  const { name = 'cpu' } = (await availableDevices()).find(({ works }) => works) ?? {}
  return deviceMemory(name, await detectHardware())
}

type Wanted = HubFile & {
  /** Where it goes in the model's folder; one that goes nowhere is the model. */
  readonly to: string
  /** `repository@revision/path`, of what is to be the same each time. */
  readonly from?: string
  /** What its SHA-256 was then, or is known to be. */
  readonly known?: string | undefined
}

async function downloaded(
  name: string,
  files: readonly Wanted[],
  headers: Record<string, string> | undefined,
  { signal, onProgress }: AddModelOptions,
  use: CatalogEntry['use'] = 'model',
): Promise<AddedModel> {
  const isFile = files.length === 1 && files[0]!.to === ''
  const ending = isFile ? endingOf(files[0]!.path) : ''
  const to = placeOf(name, ending)
  // Not a model's name: nobody takes it for one before it is whole.
  const source = createHash('sha256')
    .update(JSON.stringify(files.map(({ url }) => url)))
    .digest('hex')
    .slice(0, 8)
  const coming = join(modelFolder(), `.${name}-${source}.coming`)
  const first = join(coming, isFile ? `model${ending}` : '')
  const placed = files.map(file => ({ ...file, file: isFile ? first : join(coming, file.to) }))
  await assertRoom(placed)
  const weights = placed.map(({ bytes }) => bytes ?? 1)
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  let done = 0
  for (const [index, { url, sha256, file }] of placed.entries()) {
    if (!existsSync(file)) {
      const progress = (bytes: number, of: number | undefined) => {
        if (of) onProgress((done + (weights[index]! * bytes) / of) / whole)
      }
      await download({ url, file, headers, sha256, signal, onProgress: progress }).catch(async error => {
        // What came is kept for the next attempt; an empty folder is not.
        if (existsSync(coming) && readdirSync(coming).length === 0) await rm(coming, { recursive: true })
        throw error
      })
    }
    done += weights[index]!
  }
  try {
    const pins = await pinned(placed, basename(to), signal)
    const summary =
      use === 'model'
        ? await summarizeModel(first).catch(error => called(error, basename(to)))
        : await decodes(first, name)
    await rename(first, to)
    await rm(coming, { recursive: true, force: true })
    if (Object.keys(pins).length > 0) await addPinnedChecksums(modelFolder(), pins)
    return { name, summary }
  } catch (error) {
    signal.throwIfAborted()
    // What is no model is not kept, to be found again by the next attempt.
    await rm(coming, { recursive: true, force: true })
    throw error
  }
}

/** @throws ProblemError `disk-space-low`, before anything comes */
async function assertRoom(files: readonly (Wanted & { readonly file: string })[]): Promise<void> {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const needs = files.reduce((sum, { bytes = 0, file }) => {
    return existsSync(file) ? sum : sum + Math.max(bytes - sizeOf(`${file}.part`), 0)
  }, 0)
  const free = await freeDiskBytes(modelFolder())
  if (needs <= free) return
  throw new UserError({
    code: 'disk-space-low',
    path: modelFolder(),
    needs: toGigabytes(needs),
    free: toGigabytes(free),
  })
}

/**
 * What came, to be written down.
 *
 * @param place in the models' folder
 * @throws ProblemError `model-checksum-changed`
 */
async function pinned(
  files: readonly (Wanted & { readonly file: string })[],
  place: string,
  signal: AbortSignal,
): Promise<PinnedChecksums> {
  const pins: PinnedChecksums = {}
  for (const { file, from, known, to } of files) {
    if (from === undefined) continue
    const sha256 = await fileSha256(file, signal)
    if (known !== undefined && known !== sha256) throw changed(from, sha256, known)
    const date = new Date().toISOString().slice(0, 10)
    pins[to === '' ? place : `${place}/${to}`] = { sha256, bytes: statSync(file).size, from, date }
  }
  return pins
}

/** @throws ProblemError `model-unreadable` unless it makes a picture of latents */
async function decodes(folder: string, model: string): Promise<undefined> {
  const file = join(folder, 'vae_decoder', 'model.onnx')
  const network = await openOnnxSession({ name: 'vae_decoder', file }, CPU_PROVIDER, true).catch((cause: Error) => {
    throw new UserError({ code: 'model-unreadable', model, detail: cause.message }, { cause })
  })
  const isOne = network.inputs.has('latent_sample')
  await network.close()
  if (!isOne) throw new UserError({ code: 'model-unreadable', model, detail: 'it has no input called latent_sample' })
}

/** By the name that people know, not the one that it had on its way. */
function called(error: unknown, file: string): never {
  if (error instanceof UserError && 'file' in error.problem) throw new UserError({ ...error.problem, file })
  throw error
}

/** @throws ProblemError `model-exists`, `model-name-invalid` */
function nameFor(wanted: string | undefined, found: string): string {
  const name = wanted ?? found
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._()+-]*$/u.test(name) || name.length > 80)
    throw new UserError({ code: 'model-name-invalid' })
  if (findModel(modelFolder(), name) !== undefined) throw new UserError({ code: 'model-exists', model: name })
  return name
}

/** @param ending of a file; empty for a folder */
function placeOf(name: string, ending: string): string {
  return join(modelFolder(), `${name}${ending}`)
}

/** Of the file that a model in one file becomes. */
function endingOf(path: string): string {
  return isEraserFile(path) ? ERASER_EXTENSION : CHECKPOINT_EXTENSION
}

/** `overscan models list`: a line for each. */
export async function listModels(): Promise<string[]> {
  const names = listModelNames(modelFolder())
  if (names.length === 0) return [`There are none in ${modelFolder()}.`]
  const devices = (await availableDevices()).flatMap(({ name, works }) => (works ? [name] : [])).join(' ')
  const rows = [['name', 'kind', 'channels', 'precision', 'size', 'devices']]
  for (const name of names) {
    const path = findModel(modelFolder(), name)!
    try {
      const { kind, channels, precision, bytes } = await summarizeModel(path)
      const what = channels === 9 ? '9 (in-painting)' : kind === 'eraser' ? 'picture, mask' : String(channels)
      rows.push([name, kind, what, precision, formatBytes(bytes), devices])
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      rows.push([name, problemMessage(error.problem)])
    }
  }
  return alignColumns(rows)
}

/**
 * `overscan models check`: what each file hashes to and whether it is what it was when it came from the catalogue, whether anything
 * is missing, and whether it loads and computes on the processor.
 *
 * @param names all that are installed if there are none
 * @param tell gets a line at a time
 * @returns whether all of them are right
 */
export async function checkModels(names: readonly string[], tell: (line: string) => void): Promise<boolean> {
  let isRight = true
  const pins = await readPinnedChecksums(modelFolder())
  for (const name of names.length > 0 ? names : listModelNames(modelFolder())) {
    try {
      const path = findModel(modelFolder(), name)
      if (path === undefined) {
        const known = listModelNames(modelFolder()).join(', ')
        throw new UserError({ code: 'engine-unknown', engine: name, known })
      }
      for (const file of filesOf(path)) {
        const sha256 = await fileSha256(file)
        tell(`${sha256}  ${file}`)
        const pin = pins[relative(modelFolder(), file).split(sep).join('/')]
        if (pin && pin.sha256 !== sha256) throw changed(file, sha256, pin.sha256)
      }
      const { kind, channels, precision } = await summarizeModel(path)
      const isRightHere = await runsOneStep(path)
      if (!isRightHere) throw new UserError({ code: 'model-overflowed', model: name })
      tell(`${name}: right (${kind === 'eraser' ? kind : `${kind}, ${channels} channels`}, ${precision})`)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      isRight = false
      tell(`${name}: ${problemMessage(error.problem)}`)
    }
  }
  return isRight
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** Whether a step of a small picture comes to numbers; a network that erases has to come to an end. */
export async function runsOneStep(path: string): Promise<boolean> {
  if (isEraserFile(path)) {
    const eraser = await loadRemovalModel(path, CPU_PROVIDER.name)
    const size = eraser.workSize ?? { width: 64, height: 64 }
    await eraser.erase(filledPixels(size), filledMask(size, PAINT)).finally(() => eraser.close())
    return true
  }
  const model = await loadDiffusionModel(path, 'cpu')
  try {
    const [down, across] = model.unet.fixedSize ?? [8, 8]
    const [condition] = await model.encodePrompts([''], { width: across * 8, height: down * 8 })
    const row = { sample: new Float32Array(model.unet.channels * down * across).fill(0.5), condition: condition! }
    const [output] = await model.unet.predict([row], 500, { size: [down, across], guidanceScale: 1 })
    return output!.every(Number.isFinite)
  } finally {
    await model.close()
  }
}
