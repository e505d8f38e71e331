import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { UserError } from '../../user-error.js'

export type DownloadRequest = {
  readonly url: string
  /** The destination. Incomplete data is kept in the same folder as `.part`. */
  readonly file: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Expected, of the whole file, in hexadecimal digits. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
  /** Bytes received so far, and in total if the server says. */
  readonly onProgress: (bytes: number, total: number | undefined) => void
}

/** Attempts in a row that bring no new bytes. */
const MAX_ATTEMPTS = 8

/** Pause before the next attempt, multiplied by its number. */
const RETRY_DELAY_MS = 500

/** The source of a `.part` file: its URL and its entity tag. */
const partSchema = z.object({ url: z.string(), version: z.string() })

/**
 * Download a file over HTTP. Resumes an earlier attempt (RFC 9110, sections 13.1.5 and 14), also one that was cancelled or made by
 * another process.
 *
 * @throws UserError `download-failed`, `download-forbidden`, `download-missing`, `download-corrupt`, `disk-full`; the signal's
 *   reason, which keeps the part
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { file, sha256, signal } = request
  await mkdir(dirname(file), { recursive: true })
  const part = `${file}.part`
  let mostBytes = await sizeOf(part)
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      await fetchInto(request, part)
      break
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof UserError) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new UserError({ code: 'disk-full' })
      const bytes = await sizeOf(part)
      if (bytes > mostBytes) {
        attempt = 1
        mostBytes = bytes
      }
      if (attempt >= MAX_ATTEMPTS) throw downloadFailed(request.url, error)
    }
    await sleep(RETRY_DELAY_MS * attempt, undefined, { signal })
  }
  if (sha256 !== undefined && (await fileSha256(part, signal)) !== sha256.toLowerCase()) {
    await discard(part)
    throw new UserError({ code: 'download-corrupt', file: basename(file) })
  }
  await rename(part, file)
  await rm(`${part}.json`, { force: true })
}

/** @throws Error unless the file is complete afterwards */
async function fetchInto({ url, headers, signal, onProgress }: DownloadRequest, part: string): Promise<void> {
  const version = await storedVersion(part, url)
  const offset = version === undefined ? 0 : await sizeOf(part)
  const range = offset > 0 ? { range: `bytes=${offset}-`, 'if-range': version! } : {}
  // Compression would change the byte offsets.
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity', ...headers, ...range }, signal })
  const { status } = response
  if (status === 416 && offset > 0 && totalLength(response) === offset) return
  if (status === 401 || status === 403) throw new UserError({ code: 'download-forbidden', url })
  if (status === 404 || status === 410) throw new UserError({ code: 'download-missing', url })
  if (!response.ok || !response.body) {
    if (status === 416) await discard(part)
    await response.body?.cancel()
    if (status === 416 || status === 429 || status >= 500) throw new Error(`HTTP ${status}`)
    throw downloadFailed(url, new Error(`HTTP ${status}`))
  }
  const isPartial = status === 206
  if (isPartial && rangeStart(response) !== offset) {
    await response.body.cancel()
    await discard(part)
    throw new Error('the server sent a different range than requested')
  }
  const tag = response.headers.get('etag')
  // Only a strong entity tag guarantees the same bytes.
  if (tag && !tag.startsWith('W/')) await writeFile(`${part}.json`, JSON.stringify({ url, version: tag }))
  else await rm(`${part}.json`, { force: true })
  let bytes = isPartial ? offset : 0
  const total = isPartial ? totalLength(response) : parseNumber(response.headers.get('content-length'))
  onProgress(bytes, total)
  const output = await open(part, isPartial ? 'a' : 'w')
  try {
    // Write each chunk before reading the next: received bytes survive any failure.
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      await output.write(chunk)
      bytes += chunk.length
      onProgress(bytes, total)
    }
  } finally {
    await output.close()
  }
  if (total !== undefined && bytes !== total) throw new Error(`only ${bytes} of ${total} bytes were received`)
}

/** The total length in `Content-Range`. */
function totalLength(response: Response): number | undefined {
  return parseNumber(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1])
}

/** The first byte in `Content-Range`. */
function rangeStart(response: Response): number | undefined {
  return parseNumber(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1])
}

function parseNumber(text: string | null | undefined): number | undefined {
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}

async function storedVersion(part: string, url: string): Promise<string | undefined> {
  const text = await readFile(`${part}.json`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const stored = partSchema.parse(JSON.parse(text))
    return stored.url === url ? stored.version : undefined
  } catch {
    return undefined // it was cut off while it was written
  }
}

async function discard(part: string): Promise<void> {
  for (const file of [part, `${part}.json`]) await rm(file, { force: true })
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

function downloadFailed(url: string, error: unknown): UserError {
  const cause = error instanceof Error ? error : new Error(String(error))
  // `fetch` hides the reason in `cause`.
  const reason = cause.cause instanceof Error ? cause.cause.message || cause.cause.name : cause.message
  return new UserError({ code: 'download-failed', url, reason }, { cause })
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function fileSha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}
