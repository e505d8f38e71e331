/** A body has more bytes than it may have. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
  constructor(readonly bytes: number) {
    super(`the body has more than ${bytes} bytes`)
  }
}

/**
 * All bytes of a body, whatever size it announced. The request's signal bounds the time.
 *
 * @param limit in bytes
 * @throws BodyTooLargeError, and what reading throws
 */
export async function readBody({ body }: Pick<Response | Request, 'body'>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  if (!body) return Buffer.alloc(0)
  // Leaving the loop cancels the body.
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > limit) throw new BodyTooLargeError(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
