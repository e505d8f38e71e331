import type { APIInteraction, APIUser } from 'discord.js'
import { channelContext } from './channels.js'
import { ClientRefusal } from './client-refusal.js'
import { memberObject } from './guild.js'
import { messageObject } from './messages.js'
import { computePermissions } from './permissions.js'
import {
  type EmulatorState,
  emitMessageEvent,
  MAX_FILE_BYTES,
  type StoredInteraction,
  type StoredMessage,
} from './state.js'

/** How long a bot may take to respond to an interaction. */
export const ACK_TIMEOUT_MS = 3000

const INTERACTION_CONTEXTS = { server: 0, 'foreign server': 0, direct: 1, group: 2 }

/** What a person does. */
export type NewInteraction = {
  readonly type: number
  readonly user: APIUser
  readonly locale: string
  readonly channelId: string
  readonly data: Record<string, unknown>
  readonly sourceMessage?: StoredMessage
  /** The id of the interaction that opened the submitted modal. */
  readonly triggerId?: string
}

/** Store an interaction. @returns also the gateway's payload, and a promise of the callback */
export function startInteraction(
  state: EmulatorState,
  { type, user, locale, channelId, data, sourceMessage: source, triggerId: trigger }: NewInteraction,
) {
  const id = state.nextId()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  let acknowledge!: StoredInteraction['acknowledge']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const rejectLate = () => reject(new ClientRefusal('no-answer', '', 'The application did not respond'))
    const callOff = state.clock.schedule(ACK_TIMEOUT_MS, rejectLate)
    acknowledge = answer => {
      callOff()
      resolve(answer)
    }
  })
  acknowledged.catch(() => {}) // not every caller awaits it
  const owners = ownersOf(state, channelId, user, source)
  const stored: StoredInteraction = {
    id,
    token,
    type,
    user,
    channelId,
    integrationOwners: owners,
    createdAt: state.clock.now(),
    followUps: [],
    acknowledge,
    ...(source && { sourceMessage: source }),
    ...(trigger !== undefined && { triggerId: trigger }),
  }
  state.interactions.set(token, stored)
  emitMessageEvent(state, 'interaction', stored)
  const channel = state.channels.get(channelId)!
  const payload = {
    id,
    token,
    type,
    application_id: state.applicationId,
    version: 1,
    data,
    channel_id: channelId,
    channel,
    ...asker(state, channelId, user),
    locale,
    app_permissions: String(computePermissions(state, channel, state.bot.id)),
    entitlements: [],
    authorizing_integration_owners: owners,
    context: INTERACTION_CONTEXTS[channelContext(state, channel)],
    attachment_size_limit: MAX_FILE_BYTES,
    ...(source && { message: messageObject(state, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

/** In a server `member`, elsewhere `user`. */
function asker(state: EmulatorState, channelId: string, user: APIUser): object {
  const channel = state.channels.get(channelId)!
  if (!('guild_id' in channel)) return { user }
  const locale = channelContext(state, channel) === 'server' ? state.guild.locale : 'en-US'
  return {
    guild_id: channel.guild_id,
    guild: { id: channel.guild_id, locale, features: [] },
    guild_locale: locale,
    member: { ...memberObject(state, channel, user.id), user },
  }
}

/** `authorizing_integration_owners`: key 0 is the server ('0' in direct messages), key 1 the user. */
function ownersOf(
  state: EmulatorState,
  channelId: string,
  user: APIUser,
  source?: StoredMessage,
): Record<string, string> {
  const known = source?.interaction_metadata?.authorizing_integration_owners
  if (known) return known as Record<string, string>
  const channel = state.channels.get(channelId)!
  const place = channelContext(state, channel)
  return 'guild_id' in channel && place === 'server'
    ? { 0: channel.guild_id! }
    : place === 'direct'
      ? { 0: '0' }
      : { 1: user.id }
}
