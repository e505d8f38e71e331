import type { APIChannel, APIUser } from 'discord.js'
import { textChannelObject } from './discord-objects.js'
import { deleteChannelMessages } from './messages.js'
import { type EmulatorState, emitGuildEvent, notifyChange } from './state.js'

/**
 * Where people use the bot: in the server that it is a member of, alone with it, or, when they installed it for
 * themselves, in a group's messages and in servers that know nothing of it.
 */
export type ChannelContext = 'server' | 'direct' | 'group' | 'foreign server'

export function channelContext(state: EmulatorState, channel: APIChannel): ChannelContext {
  if ('guild_id' in channel) return channel.guild_id === state.guild.id ? 'server' : 'foreign server'
  return channel.type === 1 ? 'direct' : 'group'
}

/** Whether the bot is there itself, not only its answers. */
export function isBotInChannel(state: EmulatorState, channel: APIChannel): boolean {
  return ['server', 'direct'].includes(channelContext(state, channel))
}

/** Where somebody and the bot write to each other alone; opened when it is not there yet. */
export function dmChannel(state: EmulatorState, recipient: APIUser): APIChannel {
  const known = [...state.channels.values()].find(one => one.type === 1 && one.recipients?.[0]?.id === recipient.id)
  if (known) return known
  const recipients = [recipient]
  const made = { id: state.id(), type: 1, flags: 0, last_message_id: null, recipients } as unknown as APIChannel
  state.channels.set(made.id, made)
  return made
}

export function createGroupDm(state: EmulatorState, recipients: readonly APIUser[]): APIChannel {
  const made = {
    id: state.id(),
    type: 3,
    flags: 0,
    last_message_id: null,
    name: null,
    icon: null,
    owner_id: recipients[0]!.id,
    recipients,
  } as unknown as APIChannel
  state.channels.set(made.id, made)
  return made
}

/** The only channel of a new server that the bot is no member of. */
export function createForeignGuild(state: EmulatorState): APIChannel {
  const made = textChannelObject(state.id(), state.id(), 'elsewhere')
  state.channels.set(made.id, made)
  return made
}

export function createChannel(state: EmulatorState, name: string, nsfw: boolean): APIChannel {
  const made = textChannelObject(state.id(), state.guild.id, name, nsfw)
  state.channels.set(made.id, made)
  emitGuildEvent(state, 'CHANNEL_CREATE', made)
  return made
}

/** With all that was said in it. */
export function deleteChannel(state: EmulatorState, id: string): void {
  const channel = state.channels.get(id)
  if (!channel) throw new Error('there is no such channel')
  state.channels.delete(id)
  deleteChannelMessages(state, id)
  if (channelContext(state, channel) === 'server') emitGuildEvent(state, 'CHANNEL_DELETE', channel)
  notifyChange(state)
}

/** A channel as somebody reaches it. @throws Error if it is gone, or is for others alone */
export function accessibleChannel(state: EmulatorState, id: string, me: APIUser): APIChannel {
  const channel = state.channels.get(id)
  if (!channel) throw new Error('that channel is gone')
  const among = !('recipients' in channel) || (channel.recipients?.some(one => one.id === me.id) ?? true)
  if (!among) throw new Error(`${me.global_name} is not in that channel`)
  return channel
}
