import { listFiles } from '@huggingface/hub'
import { parseEnvVars } from '../config.js'
import { UserError } from '../user-error.js'

/** A file of a repository. */
export type HubFile = {
  readonly path: string
  readonly url: string
  readonly sha256: string | undefined
  readonly bytes?: number
}

/** Where model repositories are, and who asks; from the environment, as Hugging Face's own programs read it. */
export type Hub = { readonly endpoint: string; readonly token: string | undefined }

/** @throws ProblemError `configuration-invalid` */
export function hubFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Hub {
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token } = parseEnvVars(environment, ['HF_ENDPOINT', 'HF_TOKEN'])
  return { endpoint, token }
}

/** `owner/name`, with a revision after @ and a file or folder after a further slash if need be. */
const REPOSITORY = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w./-]+?))?(?:\/\/?([\w][\w ./()+-]*))?$/

export function parseRepository(
  text: string,
): { name: string; revision: string; path: string | undefined } | undefined {
  const [, name, revision = 'main', path] = REPOSITORY.exec(text) ?? []
  return name === undefined || path?.split('/').includes('..') ? undefined : { name, revision, path }
}

/**
 * What is in a repository.
 *
 * @throws ProblemError `download-missing`, `download-forbidden`, `download-failed`
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
      ...accessToken,
    })) {
      if (type !== 'file') continue
      const place = path.split('/').map(encodeURIComponent).join('/')
      const url = `${hub.endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${place}`
      found.push({ path, url, sha256: lfs?.oid, bytes: size })
    }
    return found
  } catch (cause) {
    const url = `${hub.endpoint}/${name}`
    const status = (cause as { statusCode?: number }).statusCode
    if (status === 404) throw new UserError({ code: 'download-missing', url }, { cause })
    if (status === 401 || status === 403) throw new UserError({ code: 'download-forbidden', url }, { cause })
    throw new UserError({ code: 'download-failed', url, reason: (cause as Error).message }, { cause })
  }
}

/** Small files that every layout has. */
const SETTINGS =
  /(?:^|\/)(?:model_index|config|scheduler_config|tokenizer_config|special_tokens_map|vocab|tokenizer)\.json$|merges\.txt$/

const PARTS = /^(?:unet|text_encoder|text_encoder_2|vae|vae_encoder|vae_decoder|scheduler|tokenizer|tokenizer_2)\//

/**
 * Which of a repository's files make up a model: ONNX graphs, or weights in diffusers' layout, of half precision where there is
 * a choice; or the only checkpoint in one file.
 *
 * @param path a file or a folder of the repository, if one was named
 * @returns the files with where they go in the model's folder; a single one is the model itself
 * @throws ProblemError `repository-ambiguous`
 */
export function selectModelFiles(files: readonly HubFile[], name: string, path: string | undefined) {
  const exact = files.find(file => file.path === path)
  if (exact) return { single: exact }
  const prefix = path === undefined ? '' : `${path.replace(/\/$/, '')}/`
  const own = files.flatMap(file =>
    file.path.startsWith(prefix) ? [{ ...file, to: file.path.slice(prefix.length) }] : [],
  )
  const folder = layoutOf(own)
  if (folder) return { folder }
  const single = own.filter(file => /^[^/]+\.safetensors$/.test(file.to))
  if (single.length === 1) return { single: single[0]! }
  const offered = single.map(file => `${name}/${file.path}`)
  throw new UserError({ code: 'repository-ambiguous', repository: name, files: offered.slice(0, 10).join(', ') })
}

function layoutOf(files: readonly (HubFile & { readonly to: string })[]) {
  const settings = files.filter(({ to }) => SETTINGS.test(to) && (PARTS.test(to) || !to.includes('/')))
  const parts = files.filter(({ to }) => PARTS.test(to))
  if (parts.some(({ to }) => to === 'unet/model.onnx')) {
    return [...settings, ...parts.filter(({ to }) => /\.onnx(?:_data|\.data)?$|\/weights\.pb$/.test(to))]
  }
  const weights = parts.filter(
    ({ to }) => /\.safetensors(?:\.index(?:\.fp16)?\.json)?$/.test(to) && !/non_ema/.test(to),
  )
  if (!weights.some(({ to }) => to.startsWith('unet/'))) return undefined
  const folderOf = (to: string) => to.slice(0, to.lastIndexOf('/'))
  const halves = new Set(weights.flatMap(({ to }) => (/\/[^/]+\.fp16\.safetensors$/.test(to) ? [folderOf(to)] : [])))
  const best = weights.filter(({ to }) => !halves.has(folderOf(to)) || /\.fp16\.safetensors$/.test(to))
  return [...settings, ...best]
}
