import { listFiles } from '@huggingface/hub'
import { segmentFiles } from '../../inference/segment/segment-folder.js'
import { readBody } from '../../read-body.js'
import { redact } from '../../serialize-error.js'
import { UserError } from '../../user-error.js'
import { guardedFetch } from './guarded-fetch.js'

/** A file of a repository. */
export type HubFile = {
  readonly path: string
  readonly url: string
  readonly sha256: string | undefined
  readonly bytes?: number
}

/** A Hugging Face Hub or a mirror of it. */
export type Hub = { readonly endpoint: string; readonly token: string | undefined }

/** `owner/name`, optionally with `@revision` and the path of a file or folder. */
const REPOSITORY = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w./-]+?))?(?:\/\/?([\w][\w ./()+-]*))?$/

export function parseRepository(
  text: string,
): { name: string; revision: string; path: string | undefined } | undefined {
  const [, name, revision = 'main', path] = REPOSITORY.exec(text) ?? []
  return name === undefined || path?.split('/').includes('..') ? undefined : { name, revision, path }
}

/** Of a page of a list: a thousand files have 300 kB. */
const LIST_LIMIT_BYTES = 8 * 1024 * 1024
const LIST_TIMEOUT_MS = 60_000

/** A list has pages, and each names the next one. Together they may take this many. */
const MAX_LIST_PAGES = 100

/** `fetch` for lists of the Hub: a list may not lead to another site with the token, nor be endless. */
function hubFetch({ endpoint }: Hub): typeof fetch {
  let pages = 0
  return async (input, options) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== new URL(endpoint).origin || ++pages > MAX_LIST_PAGES) {
      throw new UserError({ code: 'redirect-refused', from: new URL(endpoint).host, to: url.origin })
    }
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS)
    const response = await guardedFetch(url, { ...options, signal })
    const { status, statusText, headers } = response
    return new Response(await readBody(response, LIST_LIMIT_BYTES), { status, statusText, headers })
  }
}

/**
 * All files of a repository.
 *
 * @throws UserError `download-missing`, `download-forbidden`, `download-failed`
 */
export async function listHubFiles(hub: Hub, name: string, revision: string): Promise<HubFile[]> {
  const found: HubFile[] = []
  const accessToken = hub.token === undefined ? {} : { accessToken: hub.token }
  try {
    const repo = { type: 'model', name } as const
    for await (const { type, path, size, lfs } of listFiles({
      repo,
      revision,
      recursive: true,
      hubUrl: hub.endpoint,
      fetch: hubFetch(hub),
      ...accessToken,
    })) {
      if (type !== 'file') continue
      const encodedPath = path.split('/').map(encodeURIComponent).join('/')
      const url = `${hub.endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${encodedPath}`
      found.push({ path, url, sha256: lfs?.oid, bytes: size })
    }
    return found
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    const url = `${hub.endpoint}/${name}`
    const status = (cause as { statusCode?: number }).statusCode
    if (status === 404) throw new UserError({ code: 'download-missing', url }, { cause })
    if (status === 401 || status === 403) throw new UserError({ code: 'download-forbidden', url }, { cause })
    throw new UserError({ code: 'download-failed', url, reason: redact(networkReason(cause)) }, { cause })
  }
}

/** `fetch` says only that it failed; its cause says why. */
function networkReason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message || cause.name : message
}

/** Small files that every layout has. */
const CONFIG_FILES =
  /(?:^|\/)(?:model_index|config|scheduler_config|tokenizer_config|special_tokens_map|vocab|tokenizer)\.json$|merges\.txt$/

/** Folders of the diffusers layout. */
const COMPONENT_FOLDERS =
  /^(?:unet|text_encoder|text_encoder_2|vae|vae_encoder|vae_decoder|scheduler|tokenizer|tokenizer_2)\//

/**
 * Which files of a repository make up a model: ONNX graphs, or weights in the diffusers layout (half precision if there is one), or the
 * pair of graphs of a segment model, or the folder of one network such as a ControlNet, or the only single-file checkpoint.
 *
 * @param path a file or a folder of the repository, if one was named
 * @returns `folder`: files with their path `to` in the model's folder; or `single`: one file that is the model
 * @throws UserError `repository-ambiguous`
 */
export function selectModelFiles(files: readonly HubFile[], name: string, path: string | undefined) {
  const exact = files.find(file => file.path === path)
  if (exact) return { single: exact }
  const prefix = path === undefined ? '' : `${path.replace(/\/$/, '')}/`
  const inFolder = files.flatMap(file =>
    file.path.startsWith(prefix) ? [{ ...file, to: file.path.slice(prefix.length) }] : [],
  )
  const folder = layoutFiles(inFolder) ?? segmentModelFiles(inFolder) ?? networkFiles(inFolder)
  if (folder) return { folder }
  const single = inFolder.filter(file => /^[^/]+\.safetensors$/.test(file.to))
  if (single.length === 1) return { single: single[0]! }
  const candidates = single.map(file => `${name}/${file.path}`)
  throw new UserError({ code: 'repository-ambiguous', repository: name, files: candidates.slice(0, 10).join(', ') })
}

/** An encoder and its decoders, with the files that hold their weights. */
function segmentModelFiles<File extends { readonly to: string }>(files: readonly File[]): File[] | undefined {
  const pair = segmentFiles(files.map(({ to }) => to))
  const graphs = pair && [pair.encoder, ...pair.decoders]
  return graphs && files.filter(({ to }) => graphs.includes(to.replace(/[._]data$/, '')))
}

/** One network by itself, as diffusers or an ONNX export write it; undefined where its only file is enough. */
function networkFiles<File extends { readonly to: string }>(files: readonly File[]): File[] | undefined {
  const config = files.filter(({ to }) => to === 'config.json')
  const weights = files.filter(({ to }) => NETWORK_WEIGHTS.test(to))
  const half = weights.filter(({ to }) => /\.fp16[.-]/.test(to))
  const smallest = half.length > 0 ? half : weights
  if (config.length > 0 && smallest.length > 0 && weights.length > 1) return [...config, ...smallest]
  const graph = files.filter(({ to }) => /^(?:model\.onnx(?:[._]data)?|weights\.pb)$/.test(to))
  return graph.some(({ to }) => to === 'model.onnx') ? [...config, ...graph] : undefined
}

const NETWORK_WEIGHTS = /^diffusion_pytorch_model(?:\.fp16|-\d+-of-\d+)*\.safetensors(?:\.index(?:\.fp16)?\.json)?$/

function layoutFiles(files: readonly (HubFile & { readonly to: string })[]) {
  const configs = files.filter(({ to }) => CONFIG_FILES.test(to) && (COMPONENT_FOLDERS.test(to) || !to.includes('/')))
  const components = files.filter(({ to }) => COMPONENT_FOLDERS.test(to))
  if (components.some(({ to }) => to === 'unet/model.onnx')) {
    return [...configs, ...components.filter(({ to }) => /\.onnx(?:_data|\.data)?$|\/weights\.pb$/.test(to))]
  }
  const weights = components.filter(
    ({ to }) => /\.safetensors(?:\.index(?:\.fp16)?\.json)?$/.test(to) && !/non_ema/.test(to),
  )
  if (!weights.some(({ to }) => to.startsWith('unet/'))) return undefined
  const folderOf = (to: string) => to.slice(0, to.lastIndexOf('/'))
  const halfPrecision = new Set(
    weights.flatMap(({ to }) => (/\/[^/]+\.fp16\.safetensors$/.test(to) ? [folderOf(to)] : [])),
  )
  const smallest = weights.filter(({ to }) => !halfPrecision.has(folderOf(to)) || /\.fp16\.safetensors$/.test(to))
  return [...configs, ...smallest]
}
