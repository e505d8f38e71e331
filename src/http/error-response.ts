import type { ErrorBody } from '../protocol/error.js'

/** @param error a sentence for the person */
export function errorResponse(error: string, status: number): Response {
  return Response.json({ error } satisfies ErrorBody, { status })
}
