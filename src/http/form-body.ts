import type { Context } from 'hono'
import { BodyTooLargeError, readBody } from '../read-body.js'

/**
 * The form in a request's body. It is read here and not by a middleware, so that a handler can look at the token first.
 *
 * @param limit in bytes
 * @returns the status of the answer where the body isn't a form (400), or is too large (413)
 */
export async function readForm({ req }: Context, limit: number): Promise<FormData | 400 | 413> {
  const type = req.header('content-type') ?? ''
  try {
    const body = await readBody(req.raw, limit)
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  } catch (error) {
    // A body that isn't a form is a TypeError, and so is a connection that breaks off.
    if (error instanceof BodyTooLargeError) return 413
    return 400
  }
}
