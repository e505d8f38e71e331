import {
  jobStateSchema,
  type ObjectSelection,
  openedDrawingSchema,
  selectionSchema,
  submittedSchema,
} from '../../protocol/drawing.js'
import type { DrawingRequest, SelectionRequest } from '../../protocol/drawing-request.js'
import { requestJson } from '../request.js'

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
