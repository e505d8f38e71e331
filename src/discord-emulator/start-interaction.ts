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
} from './world.js'

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
  world: EmulatorState,
  { type, user, locale, channelId, data, source, trigger }: NewInteraction,
) {
  const id = world.id()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  let acknowledge!: StoredInteraction['acknowledge']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const late = () => reject(new Error('The application did not respond'))
    const callOff = world.clock.schedule(ACK_TIMEOUT_MS, late)
    acknowledge = answer => {
      callOff()
      resolve(answer)
    }
  })
  acknowledged.catch(() => {}) // not every caller looks
  const owners = ownersOf(world, channelId, user, source)
  const stored: StoredInteraction = {
    id,
    token,
    type,
    user,
    channelId,
    owners,
    createdAt: world.clock.now(),
    followUps: [],
    acknowledge,
    ...(source && { source }),
    ...(trigger !== undefined && { trigger }),
  }
  world.interactions.set(token, stored)
  emitMessageEvent(world, 'interaction', stored)
  const channel = world.channels.get(channelId)!
  const payload = {
    id,
    token,
    type,
    application_id: world.applicationId,
    version: 1,
    data,
    channel_id: channelId,
    channel,
    ...asker(world, channelId, user),
    locale,
    app_permissions: String(computePermissions(world, channel, world.bot.id)),
    entitlements: [],
    authorizing_integration_owners: owners,
    context: CONTEXTS[channelContext(world, channel)],
    attachment_size_limit: MAX_FILE_BYTES,
    ...(source && { message: messageObject(world, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

/** Who asks: in a server as its member, elsewhere as themselves. */
function asker(world: EmulatorState, channelId: string, user: APIUser): object {
  const channel = world.channels.get(channelId)!
  if (!('guild_id' in channel)) return { user }
  const locale = channelContext(world, channel) === 'server' ? world.guild.locale : 'en-US'
  return {
    guild_id: channel.guild_id,
    guild: { id: channel.guild_id, locale, features: [] },
    guild_locale: locale,
    member: { ...memberObject(world, channel, user.id), user },
  }
}

/** For whom the bot was installed: the server, of which direct messages say 0; or somebody themselves. */
function ownersOf(
  world: EmulatorState,
  channelId: string,
  user: APIUser,
  source?: StoredMessage,
): Record<string, string> {
  const known = source?.interaction_metadata?.authorizing_integration_owners
  if (known) return known as Record<string, string>
  const place = channelContext(world, world.channels.get(channelId)!)
  return place === 'server' ? { 0: world.guild.id } : place === 'direct' ? { 0: '0' } : { 1: user.id }
}
