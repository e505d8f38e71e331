import type { APIChannel, PermissionsString } from 'discord.js'
import { missingAccess, missingPermissions, unknownChannel, unknownMessage } from '../api-errors.js'
import type { Upload } from '../cdn.js'
import { isBotInChannel } from '../channels.js'
import { EPHEMERAL } from '../messages.js'
import { hasPermission } from '../permissions.js'
import type { EmulatorState, OAuthGrant, StoredMessage } from '../state.js'
import { isThread } from '../threads.js'

export type RouteResponse = { readonly status: number; readonly body?: unknown }
export type RouteRequest = {
  readonly path: Record<string, string>
  readonly query: URLSearchParams
  readonly body: never
  readonly files: Upload[]
  /** The grant of a user's access token; undefined if the bot asks. */
  readonly bearer?: OAuthGrant | undefined
}
/** A template like `GET /channels/{channel}`, and its handler, which throws ApiError. */
export type Route = readonly [
  template: string,
  handler: (state: EmulatorState, request: RouteRequest) => RouteResponse | Promise<RouteResponse>,
]

export const ok = (body: unknown, status = 200): RouteResponse => ({ status, body })
export const noContent: RouteResponse = { status: 204 }

/**
 * A channel that the bot can access.
 *
 * @param needs permissions that the bot must have, in a server
 * @throws ApiError 10003, 50001, 50013
 */
export function botChannel(state: EmulatorState, id: string, ...needs: PermissionsString[]): APIChannel {
  const channel = state.channels.get(id)
  if (!channel) throw unknownChannel()
  if (!isBotInChannel(state, channel)) throw missingAccess()
  if (channel.type === 1) return channel
  if (!hasPermission(state, channel, state.bot.id, 'ViewChannel')) throw missingAccess()
  const inThread = (need: PermissionsString) =>
    need === 'SendMessages' && isThread(channel) ? 'SendMessagesInThreads' : need
  if (!needs.every(need => hasPermission(state, channel, state.bot.id, inThread(need)))) throw missingPermissions()
  return channel
}

/** A message of a channel. Ephemeral messages are not available by this route. @throws ApiError 10008 */
export function botMessage(state: EmulatorState, path: Record<string, string>): StoredMessage {
  const { id } = botChannel(state, path.channel!)
  const message = state.messages.get(path.message!)
  if (!message || message.channel_id !== id || message.flags! & EPHEMERAL) throw unknownMessage()
  return message
}
