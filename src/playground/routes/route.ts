import type { APIChannel } from 'discord.js'
import type { Upload } from '../cdn.js'
import { unknownChannel, unknownMessage } from '../errors.js'
import { EPHEMERAL } from '../messages.js'
import type { StoredMessage, World } from '../world.js'

export type Handled = { readonly status: number; readonly body?: unknown }
export type Request = {
  readonly path: Record<string, string>
  readonly query: URLSearchParams
  readonly body: never
  readonly files: Upload[]
}
/** Like `GET /channels/{channel}`, and what answers it. @throws ApiError */
export type Route = readonly [template: string, handler: (world: World, request: Request) => Handled | Promise<Handled>]

export const ok = (body: unknown, status = 200): Handled => ({ status, body })
export const empty: Handled = { status: 204 }

/** @throws ApiError 10003 */
export function channelOf(world: World, id: string): APIChannel {
  const channel = world.channels.get(id)
  if (!channel) throw unknownChannel()
  return channel
}

/** A message by its channel. What only one person can see is not to be had this way. @throws ApiError 10008 */
export function inChannel(world: World, path: Record<string, string>): StoredMessage {
  const { id } = channelOf(world, path.channel!)
  const message = world.messages.get(path.message!)
  if (!message || message.channel_id !== id || message.flags! & EPHEMERAL) throw unknownMessage()
  return message
}
