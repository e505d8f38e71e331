import type { APIInteraction, APIUser } from 'discord.js'
import { channelContext } from './channels.js'
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

/** In milliseconds. */
export const ACK_TIMEOUT_MS = 3000

const CONTEXTS = { server: 0, 'foreign server': 0, direct: 1, group: 2 }

/** What somebody does, as the bot is to hear of it. */
export type NewInteraction = {
  readonly type: number
  readonly user: APIUser
  readonly locale: string
  readonly channelId: string
  readonly data: Record<string, unknown>
  readonly source?: StoredMessage
  /** The interaction that brought up the dialog that is sent off. */
  readonly trigger?: string
}

/** Start an interaction: what the gateway sends, and how it is going. */
export function startInteraction(
  state: EmulatorState,
  { type, user, locale, channelId, data, source, trigger }: NewInteraction,
) {
  const id = state.id()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  let acknowledge!: StoredInteraction['acknowledge']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const late = () => reject(new Error('The application did not respond'))
    const callOff = state.clock.schedule(ACK_TIMEOUT_MS, late)
    acknowledge = answer => {
      callOff()
      resolve(answer)
    }
  })
  acknowledged.catch(() => {}) // not every caller looks
  const owners = ownersOf(state, channelId, user, source)
  const stored: StoredInteraction = {
    id,
    token,
    type,
    user,
    channelId,
    owners,
    createdAt: state.clock.now(),
    followUps: [],
    acknowledge,
    ...(source && { source }),
    ...(trigger !== undefined && { trigger }),
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
    context: CONTEXTS[channelContext(state, channel)],
    attachment_size_limit: MAX_FILE_BYTES,
    ...(source && { message: messageObject(state, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

/** Who asks: in a server as its member, elsewhere as themselves. */
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

/** For whom the bot was installed: the server, of which direct messages say 0; or somebody themselves. */
function ownersOf(
  state: EmulatorState,
  channelId: string,
  user: APIUser,
  source?: StoredMessage,
): Record<string, string> {
  const known = source?.interaction_metadata?.authorizing_integration_owners
  if (known) return known as Record<string, string>
  const place = channelContext(state, state.channels.get(channelId)!)
  return place === 'server' ? { 0: state.guild.id } : place === 'direct' ? { 0: '0' } : { 1: user.id }
}
