import type { Activity, Chat, Message, Modal } from './discord-types.js'

export type Upload = globalThis.File

/** What the bot answered at once. */
export type ActionResponse = {
  readonly sent?: string
  readonly dialog?: Modal
  readonly activity?: Activity
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[]
}

async function json<T>(response: Response): Promise<T> {
  const body = await response.json().catch(() => ({ error: response.statusText }))
  if (!response.ok) throw new Error(body.error ?? response.statusText)
  return body
}

export async function loadChat(): Promise<Chat> {
  return json(await fetch(`/api/chat?locale=${encodeURIComponent(navigator.language)}`))
}

/** @throws Error in words for the person */
export async function sendAction(
  what: Readonly<Record<string, unknown>>,
  files: readonly Upload[] = [],
): Promise<ActionResponse> {
  const form = new FormData()
  form.set('act', JSON.stringify(what))
  for (const file of files) form.append('file', file)
  return json(await fetch('/api/chat', { method: 'POST', body: form }))
}

/** What an Activity asks of Discord's program: data, or an error with a number. */
export async function sendRpc(
  activity: string,
  cmd: string,
  args: unknown,
): Promise<{ data: unknown } | { error: { code: number; message: string } }> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ activity, cmd, args: args ?? {} })
  return json(await fetch('/api/chat/rpc', { method: 'POST', headers, body }))
}

/** Follow what happens; the browser connects again by itself. @returns what ends it */
export function subscribe(on: {
  message(message: Message): void
  gone(id: string): void
  /** Connected, again perhaps: something may have been missed. */
  ready(): void
  lost(): void
}): () => void {
  const events = new EventSource('/api/chat/events')
  const data = (event: Event) => JSON.parse((event as MessageEvent<string>).data)
  events.addEventListener('message', event => on.message(data(event)))
  events.addEventListener('delete', event => on.gone(data(event).id))
  events.addEventListener('ready', () => on.ready())
  events.addEventListener('error', () => on.lost())
  return () => events.close()
}

export async function loadSampleNames(): Promise<string[]> {
  return json(await fetch('/api/samples'))
}

export async function loadSample(name: string): Promise<Upload> {
  const response = await fetch(`/samples/${name}`)
  return new File([await response.blob()], name, { type: 'image/png' })
}
