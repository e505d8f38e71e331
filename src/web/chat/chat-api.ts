import {
  type ActionResponse,
  actionResponseSchema,
  type Chat,
  chatSchema,
  deleteEventSchema,
  messageEventSchema,
  type RpcResponse,
  rpcResponseSchema,
  samplesSchema,
} from '../../protocol/chat.js'
import type { ChatAction, RpcRequest } from '../../protocol/chat-request.js'
import type { Message } from '../../protocol/discord-objects.js'
import { requestJson } from '../request.js'

export function loadChat(): Promise<Chat> {
  return requestJson(`/api/chat?locale=${encodeURIComponent(navigator.language)}`, chatSchema)
}

/** @param files that the action names by their index. @throws RefusedError */
export function sendAction(action: ChatAction, files: readonly File[] = []): Promise<ActionResponse> {
  const body = new FormData()
  body.set('action', JSON.stringify(action))
  for (const file of files) body.append('file', file)
  return requestJson('/api/chat', actionResponseSchema, { method: 'POST', body })
}

/** A command of an Activity to Discord's client. */
export function sendRpc(request: RpcRequest): Promise<RpcResponse> {
  return requestJson('/api/chat/rpc', rpcResponseSchema, { method: 'POST', body: JSON.stringify(request) })
}

/** Follow the channel. The browser reconnects by itself. @returns what ends it */
export function subscribe(listener: {
  onMessage(message: Message): void
  onDelete(id: string): void
  /** Connected or reconnected: events may have been missed. */
  onReady(): void
  onDisconnect(): void
}): () => void {
  const events = new EventSource('/api/chat/events')
  const data = (event: Event): unknown => JSON.parse((event as MessageEvent<string>).data)
  events.addEventListener('message', event => listener.onMessage(messageEventSchema.parse(data(event))))
  events.addEventListener('delete', event => listener.onDelete(deleteEventSchema.parse(data(event)).id))
  events.addEventListener('ready', () => listener.onReady())
  events.addEventListener('error', () => listener.onDisconnect())
  return () => events.close()
}

export function loadSampleNames(): Promise<string[]> {
  return requestJson('/api/samples', samplesSchema)
}

export async function loadSample(name: string): Promise<File> {
  const response = await fetch(`/samples/${name}`)
  return new File([await response.blob()], name, { type: 'image/png' })
}
