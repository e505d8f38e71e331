import * as z from 'zod/mini'
import { errorSchema } from '../protocol/error.js'

// The page's content security policy forbids `eval`, which zod would try for faster parsers.
z.config({ jitless: true })

/** The server refused the request. The message is a sentence for the person. */
export class RefusedError extends Error {}

/**
 * @param token bearer token
 * @throws RefusedError if the status is 400 or above; Error if the server does not answer, or not by the schema
 */
export async function requestJson<T>(
  path: string,
  schema: z.ZodMiniType<T>,
  options: RequestInit = {},
  token?: string,
): Promise<T> {
  const response = await request(path, options, token)
  return schema.parse(await response.json())
}

/** The file behind a URL of the server. @throws as {@link requestJson} */
export async function requestBlob(path: string, token: string): Promise<Blob> {
  return (await request(path, {}, token)).blob()
}

async function request(path: string, options: RequestInit, token: string | undefined): Promise<Response> {
  const response = await fetch(path, { ...options, headers: token ? { authorization: `Bearer ${token}` } : {} })
  if (response.ok) return response
  const body = errorSchema.safeParse(await response.json().catch(() => undefined))
  throw new RefusedError(body.success ? body.data.error : response.statusText)
}
