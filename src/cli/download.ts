import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { UserError } from '../user-error.js'

export type DownloadRequest = {
  readonly url: string
  /** Where it goes; what has come so far lies beside it as `.part`. */
  readonly file: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Of the whole file, in hexadecimal digits. */
  readonly sha256?: string | undefined
  readonly signal: AbortSignal
  /** Bytes that are there, and of how many if that is known. */
  readonly onProgress: (bytes: number, whole: number | undefined) => void
}

/** A connection that breaks is taken up again so often, if something came each time. */
const ATTEMPTS = 8

/** Milliseconds before the next attempt, times its number. */
const PAUSE = 500

/** What the server said of the file that a part belongs to. */
const partSchema = z.object({ url: z.string(), version: z.string() })

/**
 * Download a file over HTTP, going on where an earlier attempt ended (RFC 9110, sections 13.1.5 and 14): also one that was
 * cancelled, or of another process.
 *
 * @throws ProblemError `download-failed`, `download-forbidden`, `download-missing`, `download-corrupt`, `disk-full`; the signal's
 *   reason, which leaves the part
 */
export async function download(wanted: DownloadRequest): Promise<void> {
  const { file, sha256, signal } = wanted
  await mkdir(dirname(file), { recursive: true })
  const part = `${file}.part`
  let farthest = await sizeOf(part)
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    try {
      await fetched(wanted, part)
      break
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof UserError) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new UserError({ code: 'disk-full' })
      const now = await sizeOf(part)
      if (now > farthest) {
        attempt = 1
        farthest = now
      }
      if (attempt >= ATTEMPTS) throw failed(wanted.url, error)
    }
    await pause(PAUSE * attempt, undefined, { signal })
  }
  if (sha256 !== undefined && (await fileSha256(part, signal)) !== sha256.toLowerCase()) {
    await discard(part)
    throw new UserError({ code: 'download-corrupt', file: basename(file) })
  }
  await rename(part, file)
  await rm(`${part}.json`, { force: true })
}

/** @throws Error unless all of it is there then */
async function fetched({ url, headers, signal, onProgress }: DownloadRequest, part: string): Promise<void> {
  const known = await versionOf(part, url)
  const has = known === undefined ? 0 : await sizeOf(part)
  const range = has > 0 ? { range: `bytes=${has}-`, 'if-range': known! } : {}
  // What is packed on its way has other offsets.
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity', ...headers, ...range }, signal })
  const { status } = response
  if (status === 416 && has > 0 && totalIn(response) === has) return
  if (status === 401 || status === 403) throw new UserError({ code: 'download-forbidden', url })
  if (status === 404 || status === 410) throw new UserError({ code: 'download-missing', url })
  if (!response.ok || !response.body) {
    if (status === 416) await discard(part)
    await response.body?.cancel()
    if (status === 416 || status === 429 || status >= 500) throw new Error(`HTTP ${status}`)
    throw failed(url, new Error(`HTTP ${status}`))
  }
  const isRest = status === 206
  if (isRest && startIn(response) !== has) {
    await response.body.cancel()
    await discard(part)
    throw new Error('the server sent another part than was asked for')
  }
  const version = response.headers.get('etag')
  // Only a strong one promises the same bytes.
  if (version && !version.startsWith('W/')) await writeFile(`${part}.json`, JSON.stringify({ url, version }))
  else await rm(`${part}.json`, { force: true })
  let bytes = isRest ? has : 0
  const whole = isRest ? totalIn(response) : numberOf(response.headers.get('content-length'))
  onProgress(bytes, whole)
  const into = await open(part, isRest ? 'a' : 'w')
  try {
    // Each piece is written before the next is taken: what came is kept, however this ends.
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      await into.write(piece)
      bytes += piece.length
      onProgress(bytes, whole)
    }
  } finally {
    await into.close()
  }
  if (whole !== undefined && bytes !== whole) throw new Error(`${bytes} of ${whole} bytes came`)
}

/** The whole length that a partial answer tells of. */
function totalIn(response: Response): number | undefined {
  return numberOf(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1])
}

/** Where a partial answer begins. */
function startIn(response: Response): number | undefined {
  return numberOf(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1])
}

function numberOf(text: string | null | undefined): number | undefined {
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}

async function versionOf(part: string, url: string): Promise<string | undefined> {
  const text = await readFile(`${part}.json`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const told = partSchema.parse(JSON.parse(text))
    return told.url === url ? told.version : undefined
  } catch {
    return undefined // what was cut off in the middle of being written tells nothing
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

function failed(url: string, error: unknown): UserError {
  const cause = error instanceof Error ? error : new Error(String(error))
  // fetch says only that it failed; why lies beneath.
  const reason = cause.cause instanceof Error ? cause.cause.message || cause.cause.name : cause.message
  return new UserError({ code: 'download-failed', url, reason }, { cause })
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function fileSha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}
