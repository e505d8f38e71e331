export type OpenedDrawing = {
  readonly prompt: string
  readonly negative: string
  readonly engine?: string
  readonly engines: readonly { readonly name: string; readonly reads: boolean }[]
  /** The picture's file, as base64. */
  readonly picture: string
}

export type JobState =
  | { readonly state: 'waiting'; readonly place: number }
  | { readonly state: 'running'; readonly done: number; readonly preview?: string }
  | { readonly state: 'done'; readonly pictures: readonly string[]; readonly next: readonly string[] }
  | { readonly state: 'failed'; readonly said: string }

/** The server said no, in words for the person. */
export class RefusedError extends Error {}

/** @throws Refused in words for the person */
export async function requestJson<T>(path: string, options: RequestInit = {}, token?: string): Promise<T> {
  const response = await fetch(path, { ...options, headers: token ? { authorization: `Bearer ${token}` } : {} })
  const body = await response.json().catch(() => ({ error: response.statusText }))
  if (!response.ok) throw new RefusedError(body.error)
  return body
}

export const openDrawing = (token: string) => requestJson<OpenedDrawing>('/api/region', {}, token)
export const fetchJob = (token: string, job: string) => requestJson<JobState>(`/api/region/jobs/${job}`, {}, token)

export async function submitDrawing(token: string, wish: unknown, mask: Blob | undefined): Promise<string> {
  const body = new FormData()
  body.set('wish', JSON.stringify(wish))
  if (mask) body.set('mask', mask, 'mask.png')
  const { job } = await requestJson<{ job: string }>('/api/region', { method: 'POST', body }, token)
  return job
}

export function pictureOf(base64: string): Promise<Blob> {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
  return Promise.resolve(new Blob([bytes], { type: typeOf(bytes) }))
}

function typeOf(bytes: Uint8Array): string {
  return bytes[0] === 0x89 ? 'image/png' : bytes[0] === 0xff ? 'image/jpeg' : 'image/webp'
}
