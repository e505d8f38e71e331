import { stripMetadata } from '../../inference/image/strip-metadata.js'
import { UserError } from '../../user-error.js'

/** The largest file that is fetched, in bytes; and for how long we wait for it, in milliseconds. */
const LARGEST = 64 * 1024 * 1024
const PATIENCE = 30_000

export type AttachmentFetcher = (link: { readonly url: string; readonly size: number }) => Promise<Uint8Array>

/**
 * Fetches what was uploaded to Discord, and nothing else; without what cameras write into pictures, since most of it will be posted.
 *
 * @param origins Discord's attachment hosts, like `https://cdn.discordapp.com`
 * @returns a function that throws ProblemError `attachment-host-not-allowed`, `file-too-large`, `attachment-deleted` (deleted, or
 *   its link has expired) or `attachment-unreachable`
 */
export function createAttachmentFetcher(origins: readonly string[]): AttachmentFetcher {
  const allowed = new Set(origins.map(origin => new URL(origin).origin))
  return async ({ url, size }) => {
    const { origin, host } = new URL(url)
    if (!allowed.has(origin)) throw new UserError({ code: 'attachment-host-not-allowed', host })
    refuseLarger(size)
    let response: Response
    try {
      response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) })
    } catch (cause) {
      throw new UserError({ code: 'attachment-unreachable' }, { cause })
    }
    if (response.status === 404 || response.status === 403) {
      await response.body?.cancel()
      throw new UserError({ code: 'attachment-deleted' })
    }
    if (!response.ok || !response.body) throw new UserError({ code: 'attachment-unreachable' })
    return stripMetadata(await read(response.body))
  }
}

/** The body's bytes, however many it announced, but never more than the limit. */
async function read(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of body) {
      size += part.length
      refuseLarger(size)
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    throw new UserError({ code: 'attachment-unreachable' }, { cause })
  }
  return Buffer.concat(parts)
}

function refuseLarger(size: number): void {
  if (size <= LARGEST) return
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024)
  throw new UserError({ code: 'file-too-large', megabytes: megabytes(size), limit: megabytes(LARGEST) })
}
