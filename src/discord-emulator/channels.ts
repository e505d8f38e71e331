import type { APIChannel, APIUser } from 'discord.js'
import { textChannelObject } from './discord-objects.js'
import { isBotInGuild } from './guilds.js'
import { deleteChannelMessages } from './messages.js'
import { type EmulatorState, emitGuildEvent, notifyChange } from './state.js'
import { isThread, maySeeThread } from './threads.js'

/**
 * Where a user uses the bot: in the server that it is a member of, in its direct messages, or, with a user install, in a
 * group DM and in a server that it is not in.
 */
export type ChannelContext = 'server' | 'direct' | 'group' | 'foreign server'

export function channelContext(state: EmulatorState, channel: APIChannel): ChannelContext {
  if ('guild_id' in channel) return isBotInGuild(state, channel.guild_id!) ? 'server' : 'foreign server'
  return channel.type === 1 ? 'direct' : 'group'
}

/** Whether the bot is a member; elsewhere it can only respond to interactions. */
export function isBotInChannel(state: EmulatorState, channel: APIChannel): boolean {
  if (isThread(channel) && !maySeeThread(state, channel, state.bot.id)) return false
  return ['server', 'direct'].includes(channelContext(state, channel))
}

/** The direct messages of a user and the bot; created on the first call. */
export function dmChannel(state: EmulatorState, recipient: APIUser): APIChannel {
  const existing = [...state.channels.values()].find(one => one.type === 1 && one.recipients?.[0]?.id === recipient.id)
  if (existing) return existing
  const recipients = [recipient]
  const channel = { id: state.nextId(), type: 1, flags: 0, last_message_id: null, recipients } as unknown as APIChannel
  state.channels.set(channel.id, channel)
  return channel
}

export function createGroupDm(state: EmulatorState, recipients: readonly APIUser[]): APIChannel {
  const channel = {
    id: state.nextId(),
    type: 3,
    flags: 0,
    last_message_id: null,
    name: null,
    icon: null,
    owner_id: recipients[0]!.id,
    recipients,
  } as unknown as APIChannel
  state.channels.set(channel.id, channel)
  return channel
}

/** The channel of a new server that the bot is not in. */
export function createForeignGuild(state: EmulatorState): APIChannel {
  const channel = textChannelObject(state.nextId(), state.nextId(), 'elsewhere')
  state.channels.set(channel.id, channel)
  return channel
}

const CHANNEL_TYPES = { text: 0, voice: 2, announcement: 5, stage: 13, forum: 15 } as const

export type ChannelOptions = { readonly nsfw?: boolean; readonly kind?: keyof typeof CHANNEL_TYPES }

export function createChannel(
  state: EmulatorState,
  name: string,
  { nsfw = false, kind = 'text' }: ChannelOptions = {},
): APIChannel {
  const type = CHANNEL_TYPES[kind]
  const voice = kind === 'voice' || kind === 'stage' ? { bitrate: 64_000, user_limit: 0, rtc_region: null } : {}
  const channel = { ...textChannelObject(state.nextId(), state.guild.id, name, nsfw), type, ...voice } as APIChannel
  state.channels.set(channel.id, channel)
  emitGuildEvent(state, 'CHANNEL_CREATE', channel)
  return channel
}

/** Delete a channel and its messages. @throws Error if there is no such channel */
export function deleteChannel(state: EmulatorState, id: string): void {
  const channel = state.channels.get(id)
  if (!channel) throw new Error('there is no such channel')
  state.channels.delete(id)
  deleteChannelMessages(state, id)
  const event = isThread(channel) ? 'THREAD_DELETE' : 'CHANNEL_DELETE'
  if (channelContext(state, channel) === 'server') emitGuildEvent(state, event, channel)
  notifyChange(state)
}

/** @throws Error if the channel was deleted, or `user` is not a recipient */
export function accessibleChannel(state: EmulatorState, id: string, user: APIUser): APIChannel {
  const channel = state.channels.get(id)
  if (!channel) throw new Error('that channel is gone')
  const isRecipient = !('recipients' in channel) || (channel.recipients?.some(one => one.id === user.id) ?? true)
  const isVisible = !isThread(channel) || maySeeThread(state, channel, user.id)
  if (!isRecipient || !isVisible) throw new Error(`${user.global_name} is not in that channel`)
  return channel
}
