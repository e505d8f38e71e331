import { existsSync, statSync } from 'node:fs'
import { copyFile, cp, link } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { CHECKPOINT_EXTENSION } from '../../inference/checkpoint/checkpoint.js'
import { ERASER_EXTENSION } from '../../inference/engines/model-folder.js'
import { summarizeModel } from '../../inference/engines/model-summary.js'
import { makeFolder } from '../../make-folder.js'
import { UserError } from '../../user-error.js'
import { closestName } from '../env/closest-name.js'
import { formatBytes } from '../text-table.js'
import { type AddModelOptions, downloadModel } from './download-model.js'
import { type CatalogEntry, findInCatalog, MODEL_CATALOG } from './model-catalog.js'
import { type Hub, listHubFiles, parseRepository, selectModelFiles } from './model-hub.js'
import { describeKind } from './model-kind.js'
import type { ModelSources } from './model-sources.js'
import { checksumChanged, readPinnedChecksums } from './pinned-checksums.js'
import { type AddedModel, assertTaskFits, extensionFor, newModelName, placeOf, stateTask } from './place-model.js'

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
