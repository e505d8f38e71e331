import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { copyFile, cp, link, mkdir, rename, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { CHECKPOINT } from '../inference/checkpoint/checkpoint.js'
import { loadModel } from '../inference/engines/diffusion/model.js'
import { modelNames, modelPath, type Summary, summaryOf } from '../inference/engines/diffusion/models.js'
import { modelFolder } from '../inference/engines/engines.js'
import { knownDevices } from '../inference/onnx/devices.js'
import { ProblemError } from '../problem.js'
import { sentence } from '../words/words.js'
import { download, sha256Of } from './download.js'
import { chosenFrom, type HubFile, hubFiles, hubIn, parseRepository } from './hub.js'

export type Added = { readonly name: string; readonly summary: Summary }

type Adding = {
  /** What to call it; otherwise as it is called where it comes from. */
  readonly name?: string | undefined
  /** Of a file from an address, as whoever published it says; repositories tell theirs. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
  /** From 0 to 1, where that is known. */
  readonly onProgress: (done: number) => void
}

/**
 * `overscan models add`: a file or folder of this machine, the address of a file, or a repository of Hugging Face, into the folder
 * of the models. It is looked at before it gets its place.
 *
 * @param from like `model.safetensors`, `https://…/model.safetensors`, `owner/name` or `owner/name/model.safetensors`
 * @throws ProblemError `model-exists`, `model-nameless`, those of `download`, of `hubFiles` and of `readModel`
 */
export async function addModel(from: string, adding: Adding): Promise<Added> {
  if (/^https?:\/\//i.test(from)) return addFromAddress(new URL(from), adding)
  if (existsSync(from)) return addFromHere(from, adding)
  const repository = parseRepository(from)
  if (!repository) throw new ProblemError({ code: 'no-such-file', path: from })
  const hub = hubIn(process.env)
  const { name, revision, path } = repository
  const chosen = chosenFrom(await hubFiles(hub, name, revision), name, path)
  const headers = hub.token === undefined ? undefined : { authorization: `Bearer ${hub.token}` }
  if (chosen.single) {
    const own = nameFor(adding.name, basename(chosen.single.path, CHECKPOINT))
    return downloaded(own, [{ ...chosen.single, to: '' }], headers, adding)
  }
  return downloaded(nameFor(adding.name, name.split('/')[1]!), chosen.folder!, headers, adding)
}

async function addFromHere(from: string, { name, signal }: Adding): Promise<Added> {
  const isFile = statSync(from).isFile()
  const own = nameFor(name, basename(from, isFile ? extname(from) : ''))
  // What it is decides whether it may come in at all.
  await summaryOf(from)
  signal.throwIfAborted()
  const to = placeOf(own, isFile)
  await mkdir(modelFolder(), { recursive: true })
  if (isFile) await link(from, to).catch(() => copyFile(from, to))
  else await cp(from, to, { recursive: true })
  return { name: own, summary: await summaryOf(to) }
}

async function addFromAddress(url: URL, adding: Adding): Promise<Added> {
  const last = decodeURIComponent(basename(url.pathname))
  if (PICKLES.has(extname(last))) throw new ProblemError({ code: 'checkpoint-pickled', file: last })
  const own = nameFor(adding.name, last.endsWith(CHECKPOINT) ? basename(last, CHECKPOINT) : '')
  return downloaded(own, [{ path: last, url: url.href, sha256: adding.sha256, to: '' }], tokenFor(url), adding)
}

/** What torch writes; better known before gigabytes of it came. */
const PICKLES: ReadonlySet<string> = new Set(['.ckpt', '.pt', '.pth', '.bin'])

/** Only to those who gave it. */
function tokenFor({ hostname }: URL): Record<string, string> | undefined {
  const own = (domain: string) => hostname === domain || hostname.endsWith(`.${domain}`)
  const hub = hubIn(process.env)
  const isHub = hostname === new URL(hub.endpoint).hostname
  const token = isHub ? hub.token : own('civitai.com') ? process.env.CIVITAI_TOKEN : undefined
  return token ? { authorization: `Bearer ${token}` } : undefined
}

/** @param files with where they go in the model's folder; one that goes nowhere is the model */
async function downloaded(
  name: string,
  files: readonly (HubFile & { readonly to: string })[],
  headers: Record<string, string> | undefined,
  { signal, onProgress }: Adding,
): Promise<Added> {
  const isFile = files.length === 1 && files[0]!.to === ''
  const to = placeOf(name, isFile)
  // Not a model's name: nobody takes it for one before it is whole.
  const source = createHash('sha256')
    .update(JSON.stringify(files.map(({ url }) => url)))
    .digest('hex')
    .slice(0, 8)
  const coming = join(modelFolder(), `.${name}-${source}.coming`)
  const first = isFile ? join(coming, `model${CHECKPOINT}`) : coming
  for (const [index, { url, sha256, to: place }] of files.entries()) {
    const file = isFile ? first : join(coming, place)
    if (!existsSync(file)) {
      const progress = (bytes: number, whole: number | undefined) => {
        if (whole) onProgress((index + bytes / whole) / files.length)
      }
      await download({ url, file, headers, sha256, signal, onProgress: progress }).catch(async error => {
        // What came is kept for the next attempt; an empty folder is not.
        if (existsSync(coming) && readdirSync(coming).length === 0) await rm(coming, { recursive: true })
        throw error
      })
    }
  }
  const summary = await summaryOf(first).catch(async error => {
    // What is no model is not kept, to be found again by the next attempt.
    await rm(coming, { recursive: true })
    throw error instanceof ProblemError ? new ProblemError(called(error.problem, basename(to))) : error
  })
  await rename(first, to)
  await rm(coming, { recursive: true, force: true })
  return { name, summary }
}

/** By the name that people know, not the one that it had on its way. */
function called(problem: ProblemError['problem'], file: string): ProblemError['problem'] {
  return 'file' in problem ? { ...problem, file } : problem
}

/** @throws ProblemError `model-exists`, `model-nameless` */
function nameFor(wanted: string | undefined, found: string): string {
  const name = wanted ?? found
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._()+-]*$/u.test(name) || name.length > 80)
    throw new ProblemError({ code: 'model-nameless' })
  if (modelPath(modelFolder(), name) !== undefined) throw new ProblemError({ code: 'model-exists', model: name })
  return name
}

function placeOf(name: string, isFile: boolean): string {
  return join(modelFolder(), isFile ? `${name}${CHECKPOINT}` : name)
}

/** `overscan models list`: a line for each. */
export async function listModels(): Promise<string[]> {
  const names = modelNames(modelFolder())
  if (names.length === 0) return [`There are none in ${modelFolder()}.`]
  const devices = (await knownDevices()).flatMap(({ name, works }) => (works ? [name] : [])).join(' ')
  const rows = [['name', 'kind', 'channels', 'precision', 'size', 'devices']]
  for (const name of names) {
    const path = modelPath(modelFolder(), name)!
    try {
      const { kind, channels, precision, bytes } = await summaryOf(path)
      const what = channels === 9 ? '9 (in-painting)' : String(channels)
      rows.push([name, kind, what, precision, gigabytes(bytes), devices])
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      rows.push([name, sentence(error.problem)])
    }
  }
  const widths = rows[0]!.map((_, column) => {
    return Math.max(...rows.map(row => (row.length > column + 1 ? row[column]!.length : 0)))
  })
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

export function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/**
 * `overscan models check`: what each file hashes to, whether anything is missing, and whether it loads and computes on the
 * processor.
 *
 * @param names all that are installed if there are none
 * @param tell gets a line at a time
 * @returns whether all of them are right
 */
export async function checkModels(names: readonly string[], tell: (line: string) => void): Promise<boolean> {
  let isRight = true
  for (const name of names.length > 0 ? names : modelNames(modelFolder())) {
    try {
      const path = modelPath(modelFolder(), name)
      if (path === undefined) {
        const known = modelNames(modelFolder()).join(', ')
        throw new ProblemError({ code: 'engine-unknown', engine: name, known })
      }
      for (const file of filesOf(path)) tell(`${await sha256Of(file)}  ${file}`)
      const { kind, channels, precision } = await summaryOf(path)
      const isRightHere = await computes(path)
      if (!isRightHere) throw new ProblemError({ code: 'model-overflowed', model: name })
      tell(`${name}: right (${kind}, ${channels} channels, ${precision})`)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      isRight = false
      tell(`${name}: ${sentence(error.problem)}`)
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

/** Whether a step of a small picture comes to numbers. */
async function computes(path: string): Promise<boolean> {
  const model = await loadModel(path, 'cpu')
  try {
    const [down, across] = model.unet.fixed ?? [8, 8]
    const [condition] = await model.conditions([''], { width: across * 8, height: down * 8 })
    const row = { sample: new Float32Array(model.unet.channels * down * across).fill(0.5), condition: condition! }
    const [output] = await model.unet.predict([row], 500, { size: [down, across], guidance: 1 })
    return output!.every(Number.isFinite)
  } finally {
    await model.close()
  }
}
