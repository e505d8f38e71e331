import { memberObject } from './guild.js'
import { computePermissions } from './permissions.js'
import type { EmulatorState } from './state.js'

/** A user, a channel or a role. */
export type Mentionable = { readonly id: string }

const USER = 6
const CHANNEL = 7
const ROLE = 8
const MENTIONABLE = 9
/** Option types whose values are ids. */
export const MENTIONABLE_OPTION_TYPES: readonly number[] = [USER, CHANNEL, ROLE, MENTIONABLE]

type MentionableOption = {
  readonly name: string
  readonly type: number
  readonly channel_types?: readonly number[] | undefined
}

/** The object behind an option's id, for `resolved`, by kind. @throws Error if it does not fit the option */
export function resolveMentionable(
  state: EmulatorState,
  channelId: string,
  { name, type, channel_types }: MentionableOption,
  { id }: Mentionable,
): Record<string, unknown> {
  const channel = state.channels.get(channelId)!
  const guildId = 'guild_id' in channel ? channel.guild_id : undefined
  if (type === CHANNEL) {
    const channel = guildId ? state.channels.get(id) : undefined
    const isInGuild = channel && 'guild_id' in channel && channel.guild_id === guildId
    if (!isInGuild || channel_types?.includes(channel.type) === false) throw new Error(`${name}: no such channel`)
    return { channels: { ...channel, permissions: String(computePermissions(state, channel, state.bot.id)) } }
  }
  const user = type === ROLE ? undefined : state.members.get(id)?.user
  if (user) {
    const { deaf: _, mute: __, ...member } = memberObject(state, channel, id)
    return { users: user, ...(guildId && { members: member }) }
  }
  const role = type === USER || !guildId ? undefined : state.roles.get(id)
  if (!role) throw new Error(`${name}: nobody and nothing such is here`)
  return { roles: role }
}
