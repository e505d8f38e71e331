import {
  jobStateSchema,
  type ObjectSelection,
  openedDrawingSchema,
  selectionSchema,
  submittedSchema,
} from '../../protocol/drawing.js'
import type { DrawingRequest, SelectionRequest } from '../../protocol/drawing-request.js'
import { RefusedError, requestBlob, requestJson } from '../request.js'

const RETRY_INTERVAL_MS = 2000

export const fetchDrawing = (token: string) => requestJson('/api/drawing', openedDrawingSchema, {}, token)
export const fetchJob = (token: string, id: string) => requestJson(`/api/drawing/jobs/${id}`, jobStateSchema, {}, token)

/** @param mask PNG, white on black. @returns the job's id */
export async function submitDrawing(token: string, request: DrawingRequest, mask: Blob | undefined): Promise<string> {
  const body = new FormData()
  body.set('request', JSON.stringify(request))
  if (mask) body.set('mask', mask, 'mask.png')
  const { job } = await requestJson('/api/drawing', submittedSchema, { method: 'POST', body }, token)
  return job
}

export function selectObject(token: string, request: SelectionRequest): Promise<ObjectSelection> {
  return requestJson(
    '/api/drawing/selection',
    selectionSchema,
    { method: 'POST', body: JSON.stringify(request) },
    token,
  )
}

/** A picture of the server. A lost connection is waited for. @throws RefusedError */
export async function fetchPicture(path: string, token: string): Promise<Blob> {
  for (;;) {
    try {
      return await requestBlob(path, token)
    } catch (error) {
      if (error instanceof RefusedError) throw error
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_INTERVAL_MS))
  }
}
