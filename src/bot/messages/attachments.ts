import { stripMetadata } from '../../inference/image/strip-metadata.js'
import { BodyTooLargeError, readBody } from '../../read-body.js'
import { UserError } from '../../user-error.js'

/** The largest file that is fetched, in bytes. */
export const FILE_LIMIT_BYTES = 64 * 1024 * 1024

/** For the whole file, in milliseconds. */
const FETCH_TIMEOUT_MS = 30_000

export type AttachmentFetcher = (link: { readonly url: string; readonly size: number }) => Promise<Uint8Array>

/**
 * Fetches attachments from Discord's hosts only, without their camera metadata, since the bot posts most of them again.
 *
 * @param origins Discord's attachment hosts, like `https://cdn.discordapp.com`
 * @param timeoutMs how long the whole file may take
 * @returns a function that throws UserError `attachment-host-not-allowed`, `file-too-large`, `attachment-deleted` (deleted, or
 *   its link has expired) or `attachment-unreachable`
 */
export function createAttachmentFetcher(
  origins: readonly string[],
  timeoutMs: number = FETCH_TIMEOUT_MS,
): AttachmentFetcher {
  const allowed = new Set(origins.map(origin => new URL(origin).origin))
  return async ({ url, size }) => {
    const { origin, host } = new URL(url)
    if (!allowed.has(origin)) throw new UserError({ code: 'attachment-host-not-allowed', host })
    assertWithinLimit(size)
    let response: Response
    try {
      response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    } catch (cause) {
      throw new UserError({ code: 'attachment-unreachable' }, { cause })
    }
    if (response.status === 404 || response.status === 403) {
      await response.body?.cancel()
      throw new UserError({ code: 'attachment-deleted' })
    }
    if (!response.ok || !response.body) throw new UserError({ code: 'attachment-unreachable' })
    return stripMetadata(await read(response))
  }
}

/** The body's bytes, up to the limit, whatever size it announced. */
async function read(response: Response): Promise<Uint8Array> {
  try {
    return await readBody(response, FILE_LIMIT_BYTES)
  } catch (cause) {
    if (cause instanceof BodyTooLargeError) assertWithinLimit(FILE_LIMIT_BYTES + 1)
    throw new UserError({ code: 'attachment-unreachable' }, { cause })
  }
}

function assertWithinLimit(size: number): void {
  if (size <= FILE_LIMIT_BYTES) return
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024)
  throw new UserError({ code: 'file-too-large', megabytes: megabytes(size), limit: megabytes(FILE_LIMIT_BYTES) })
}
