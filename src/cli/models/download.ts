import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { makeFolder } from '../../make-folder.js'
import { redact } from '../../serialize-error.js'
import { UserError } from '../../user-error.js'
import { freeDiskBytes } from '../hardware.js'
import { formatBytes, toGigabytes } from '../text-table.js'
import { guardedFetch } from './guarded-fetch.js'

export type DownloadRequest = {
  readonly url: string
  /** The destination. Incomplete data is kept in the same folder as `.part`. */
  readonly file: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Expected, of the whole file, in hexadecimal digits. */
  readonly sha256?: string | undefined
  /** The announced size, in bytes: no more is written. */
  readonly bytes?: number | undefined
  readonly signal: AbortSignal
  /** Bytes received so far, and in total if the server says. */
  readonly onProgress: (bytes: number, total: number | undefined) => void
}

/** Attempts in a row that bring no new bytes. */
const MAX_ATTEMPTS = 8

/** Pause before the next attempt, multiplied by its number. */
const RETRY_DELAY_MS = 500

/** The source of a `.part` file: a hash of its URL, which may hold a token, and its entity tag. */
const partSchema = z.object({ url: z.string(), version: z.string() })

/** A server that sends nothing for this long is asked again. */
const IDLE_TIMEOUT_MS = 60_000

/** What a download leaves free on the disk, in bytes: other programs need some, and so does the next file. */
const RESERVED_BYTES = 512 * 1024 * 1024

/**
 * Download a file over HTTP. Resumes an earlier attempt (RFC 9110, sections 13.1.5 and 14), also one that was cancelled or made by
 * another process.
 *
 * @throws UserError `download-failed`, `download-forbidden`, `download-missing`, `download-is-page`, `download-corrupt`, `download-too-large`,
 *   `redirect-refused`, `disk-space-low`, `disk-full`; the signal's reason, which keeps the part
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { file, sha256, signal } = request
  await makeFolder(dirname(file))
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
async function fetchInto(request: DownloadRequest, part: string): Promise<void> {
  const idle = idleSignal(request.signal)
  try {
    await receive(request, part, idle)
  } finally {
    idle.stop()
  }
}

/** A signal that fires as well when {@link IDLE_TIMEOUT_MS} have passed since the last byte. */
function idleSignal(signal: AbortSignal) {
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(new Error('the server sends nothing')), IDLE_TIMEOUT_MS)
  return {
    signal: AbortSignal.any([signal, stalled.signal]),
    touch: () => timer.refresh(),
    stop: () => clearTimeout(timer),
  }
}

async function receive(request: DownloadRequest, part: string, idle: ReturnType<typeof idleSignal>): Promise<void> {
  const { url, headers, onProgress } = request
  const version = await storedVersion(part, url)
  const offset = version === undefined ? 0 : await sizeOf(part)
  const range = offset > 0 ? { range: `bytes=${offset}-`, 'if-range': version! } : {}
  // Compression would change the byte offsets.
  const response = await guardedFetch(url, {
    headers: { 'accept-encoding': 'identity', ...headers, ...range },
    signal: idle.signal,
  })
  const { status } = response
  if (status === 416 && offset > 0 && totalLength(response) === offset) return
  if (status === 401 || status === 403) throw new UserError({ code: 'download-forbidden', url: redact(url) })
  if (status === 404 || status === 410) throw new UserError({ code: 'download-missing', url: redact(url) })
  if (!response.ok || !response.body) {
    if (status === 416) await discard(part)
    await response.body?.cancel()
    if (status === 416 || status === 429 || status >= 500) throw new Error(`HTTP ${status}`)
    throw downloadFailed(url, new Error(`HTTP ${status}`))
  }
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
    await response.body.cancel()
    throw new UserError({ code: 'download-is-page', url: redact(url) })
  }
  const isPartial = status === 206
  if (isPartial && rangeStart(response) !== offset) {
    await response.body.cancel()
    await discard(part)
    throw new Error('the server sent a different range than requested')
  }
  const tag = response.headers.get('etag')
  // Only a strong entity tag guarantees the same bytes.
  if (tag && !tag.startsWith('W/')) await writeFile(`${part}.json`, JSON.stringify({ url: hashOf(url), version: tag }))
  else await rm(`${part}.json`, { force: true })
  let bytes = isPartial ? offset : 0
  const total = isPartial ? totalLength(response) : parseNumber(response.headers.get('content-length'))
  const limit = await byteLimit(request, part, bytes, total).catch(async error => {
    await response.body?.cancel()
    throw error
  })
  onProgress(bytes, total)
  const output = await open(part, isPartial ? 'a' : 'w')
  try {
    // Write each chunk before reading the next: received bytes survive any failure.
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      idle.touch()
      bytes += chunk.length
      if (bytes > limit) throw tooLarge(request, limit)
      await output.write(chunk)
      onProgress(bytes, total)
    }
  } finally {
    await output.close()
  }
  if (total !== undefined && bytes !== total) throw new Error(`only ${bytes} of ${total} bytes were received`)
}

/**
 * How many bytes the file may have: what was announced, and what fits on the disk.
 *
 * @param has bytes of it that are there already
 * @throws UserError `download-too-large`, `disk-space-low`
 */
async function byteLimit(request: DownloadRequest, part: string, has: number, total?: number): Promise<number> {
  const announced = request.bytes ?? total
  if (announced !== undefined && total !== undefined && total > announced) throw tooLarge(request, announced)
  const free = await freeDiskBytes(dirname(part))
  const room = has + Math.max(0, free - RESERVED_BYTES)
  if (announced !== undefined && announced > room) {
    const needs = toGigabytes(announced - has + RESERVED_BYTES)
    throw new UserError({ code: 'disk-space-low', path: dirname(request.file), needs, free: toGigabytes(free) })
  }
  return announced ?? room
}

function tooLarge({ file }: DownloadRequest, limit: number): UserError {
  return new UserError({ code: 'download-too-large', file: basename(file), limit: formatBytes(limit) })
}

function hashOf(url: string): string {
  return createHash('sha256').update(url).digest('hex')
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
    return stored.url === hashOf(url) ? stored.version : undefined
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
  return new UserError({ code: 'download-failed', url: redact(url), reason: redact(reason) }, { cause })
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function fileSha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}
