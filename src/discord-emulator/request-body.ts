import type { Context } from 'hono'
import { ApiError } from './api-errors.js'
import type { Upload } from './cdn.js'

export type RequestBody = {
  /** The JSON body, or `payload_json` of the form; undefined if there is none. */
  readonly body: unknown
  readonly files: Upload[]
  /** In bytes. */
  readonly size: number
  /** Set if the JSON is invalid. */
  readonly error?: ApiError
}

/** Read a JSON body, or the `payload_json` and `files[n]` of a form. */
export async function readRequestBody(context: Context): Promise<RequestBody> {
  const type = context.req.header('content-type') ?? ''
  if (!type.startsWith('multipart/form-data')) {
    const text = await context.req.text()
    const size = Buffer.byteLength(text)
    if (type.startsWith('application/x-www-form-urlencoded')) {
      return { body: Object.fromEntries(new URLSearchParams(text)), files: [], size }
    }
    return { ...parseJson(text === '' ? undefined : text), files: [], size }
  }
  const form = await context.req.formData()
  const files: Upload[] = []
  for (const [key, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(key)?.[1]
    if (typeof value === 'string' || index === undefined) continue
    files.push({ name: value.name, data: new Uint8Array(await value.arrayBuffer()), id: index })
  }
  const json = form.get('payload_json')
  const size = files.reduce((sum, { data }) => sum + data.length, typeof json === 'string' ? json.length : 0)
  return { ...parseJson(typeof json === 'string' ? json : '{}'), files, size }
}

function parseJson(text: string | undefined): { body: unknown; error?: ApiError } {
  try {
    return { body: text === undefined ? undefined : JSON.parse(text) }
  } catch {
    return { body: text, error: new ApiError(400, 50_109, 'The request body contains invalid JSON.') }
  }
}
