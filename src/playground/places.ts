import type { APIChannel, APIUser } from 'discord.js'
import { tellOf, type World } from './world.js'

/** A text channel as Discord shows it. */
export function textChannel(id: string, guildId: string, name: string, nsfw = false): APIChannel {
  return {
    id,
    type: 0,
    flags: 0,
    guild_id: guildId,
    name,
    position: 0,
    permission_overwrites: [],
    topic: null,
    nsfw,
    parent_id: null,
    last_message_id: null,
    rate_limit_per_user: 0,
  } as unknown as APIChannel
}

/** One more channel in the server. */
export function openChannel(world: World, name: string, nsfw: boolean): APIChannel {
  const channel = textChannel(world.id(), world.guild.id, name, nsfw)
  world.channels.set(channel.id, channel)
  tellOf(world, 'CHANNEL_CREATE', channel)
  return channel
}

/** A channel goes, and all that was said in it. */
export function deleteChannel(world: World, id: string): void {
  const channel = world.channels.get(id)
  if (!channel) throw new Error('there is no such channel')
  world.channels.delete(id)
  for (const message of [...world.messages.values()]) if (message.channel_id === id) world.messages.delete(message.id)
  tellOf(world, 'CHANNEL_DELETE', channel)
}

/** A channel of a server that the bot is no member of. */
export function foreignChannel(world: World): APIChannel {
  const channel = textChannel(world.id(), world.id(), 'elsewhere')
  world.channels.set(channel.id, channel)
  return channel
}

/** Where several people write to each other. */
export function groupChannel(world: World, recipients: readonly APIUser[]): APIChannel {
  const id = world.id()
  const group = { id, type: 3, flags: 0, name: null, icon: null, owner_id: recipients[0]!.id, last_message_id: null }
  const channel = { ...group, recipients } as unknown as APIChannel
  world.channels.set(id, channel)
  return channel
}

/** The server of a channel; undefined in direct and group messages. */
export function guildOf(world: World, channelId: string): string | undefined {
  const channel = world.channels.get(channelId)
  return channel && 'guild_id' in channel ? (channel.guild_id as string) : undefined
}

/** Whether the bot itself is where this channel is, and not only somebody who installed it for themselves. */
export function isMember(world: World, channelId: string): boolean {
  return guildOf(world, channelId) === world.guild.id || world.channels.get(channelId)?.type === 1
}

/** In which kind of place an interaction happens: a server, the bot's direct messages, others' messages. */
export function contextOf(world: World, channelId: string): 0 | 1 | 2 {
  if (guildOf(world, channelId) !== undefined) return 0
  return world.channels.get(channelId)?.type === 1 ? 1 : 2
}
