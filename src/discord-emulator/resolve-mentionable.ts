import { memberObject } from './guild.js'
import { computePermissions } from './permissions.js'
import type { EmulatorState } from './state.js'

/** Somebody, a channel or a role. */
export type Mentionable = { readonly id: string }

const USER = 6
const CHANNEL = 7
const ROLE = 8
const MENTIONABLE = 9
/** The kinds of options that name something. */
export const MENTIONABLE_OPTION_TYPES: readonly number[] = [USER, CHANNEL, ROLE, MENTIONABLE]

type Naming = { readonly name: string; readonly type: number; readonly channel_types?: readonly number[] | undefined }

/** What an interaction shows of what an option names, by kind. @throws Error if it does not fit the option */
export function resolveMentionable(
  state: EmulatorState,
  channelId: string,
  { name, type, channel_types }: Naming,
  { id }: Mentionable,
): Record<string, unknown> {
  const here = state.channels.get(channelId)!
  const guildId = 'guild_id' in here ? here.guild_id : undefined
  if (type === CHANNEL) {
    const channel = guildId ? state.channels.get(id) : undefined
    const fits = channel && 'guild_id' in channel && channel.guild_id === guildId
    if (!fits || channel_types?.includes(channel.type) === false) throw new Error(`${name}: no such channel`)
    return { channels: { ...channel, permissions: String(computePermissions(state, channel, state.bot.id)) } }
  }
  const user = type === ROLE ? undefined : state.members.get(id)?.user
  if (user) {
    const { deaf: _, mute: __, ...member } = memberObject(state, here, id)
    return { users: user, ...(guildId && { members: member }) }
  }
  const role = type === USER || !guildId ? undefined : state.roles.get(id)
  if (!role) throw new Error(`${name}: nobody and nothing such is here`)
  return { roles: role }
}
