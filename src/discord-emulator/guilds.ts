import type { APIChannel } from 'discord.js'
import { DISCORD_EPOCH_MS } from './clock.js'
import { roleObject, textChannelObject } from './discord-objects.js'
import { guildObject } from './guild.js'
import type { EmulatorState } from './state.js'
import { activeThreads, isThread } from './threads.js'

/** A further server with the bot, one text channel and nothing else. */
export type SmallGuild = { readonly id: string; readonly name: string; readonly channel: APIChannel }

/** The most servers that one gateway connection may serve. */
export const MAX_GUILDS_PER_SHARD = 2500

/** Discord recommends one shard for about as many servers. */
const GUILDS_PER_RECOMMENDED_SHARD = 1000

/** Make servers that the bot is a member of. They are there from its next login. */
export function createSmallGuilds(state: EmulatorState, count: number): SmallGuild[] {
  const now = state.clock.now()
  return Array.from({ length: count }, () => {
    const number = state.smallGuilds.size + 1
    // A shard is found by the milliseconds of the id, so each server gets another one. The last bits set it apart from other ids.
    const id = String(((BigInt(now - number) - DISCORD_EPOCH_MS) << 22n) | 0xfffn)
    const guild = { id, name: `Server ${number}`, channel: textChannelObject(state.nextId(), id, 'general') }
    state.smallGuilds.set(id, guild)
    state.channels.set(guild.channel.id, guild.channel)
    return guild
  })
}

/** Whether the bot is a member of the server. */
export function isBotInGuild(state: EmulatorState, id: string): boolean {
  return id === state.guild.id || state.smallGuilds.has(id)
}

/** The index of the shard that gets the events of a server; direct messages go to the first one. */
export function shardOf(guildId: string | undefined, shardCount: number): number {
  return guildId === undefined ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(shardCount))
}

/** The servers of one shard. */
export function guildsOfShard(state: EmulatorState, [index, count]: readonly [number, number]): string[] {
  return [state.guild.id, ...state.smallGuilds.keys()].filter(id => shardOf(id, count) === index)
}

export function recommendedShards(state: EmulatorState): number {
  return state.shards ?? Math.ceil((state.smallGuilds.size + 1) / GUILDS_PER_RECOMMENDED_SHARD)
}

/** The guild object of the REST API; undefined if the bot isn't a member. */
export function findGuild(state: EmulatorState, id: string): Record<string, unknown> | undefined {
  if (id === state.guild.id) return guildObject(state)
  const small = state.smallGuilds.get(id)
  return small && { ...guildObject(state), id, name: small.name, roles: [roleObject(id, '@everyone', 0)] }
}

/** The data of GUILD_CREATE. */
export function guildCreate(state: EmulatorState, id: string): unknown {
  const small = state.smallGuilds.get(id)
  const members = small ? [state.members.get(state.bot.id)!] : [...state.members.values()]
  const channels = [...(small ? [small.channel] : state.channels.values())]
  return {
    ...findGuild(state, id),
    joined_at: new Date(state.clock.now()).toISOString(),
    large: false,
    unavailable: false,
    member_count: members.length,
    members,
    channels: channels.filter(channel => 'guild_id' in channel && channel.guild_id === id && !isThread(channel)),
    threads: small ? [] : activeThreads(state),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}
