import type { APIApplicationCommand, APIUser } from 'discord.js'
import { accessibleChannel, type ChannelContext, channelContext } from './channels.js'
import { computePermissions } from './permissions.js'
import type { EmulatorState } from './state.js'

/** The integration types (0 guild install, 1 user install) and the interaction context that a command needs in each channel. */
const REQUIRED_INSTALLATION: Record<ChannelContext, { readonly types: readonly number[]; readonly context: number }> = {
  server: { types: [0], context: 0 },
  direct: { types: [0, 1], context: 1 },
  group: { types: [1], context: 2 },
  'foreign server': { types: [1], context: 0 },
}

/** The command that Discord's client offers a user in a channel. @throws Error if it offers none of this name and type */
export function findCommand(state: EmulatorState, name: string, type: number, channelId: string, user: APIUser) {
  const channel = accessibleChannel(state, channelId, user)
  const channelKind = channelContext(state, channel)
  const { types, context } = REQUIRED_INSTALLATION[channelKind]
  const command = [...state.commands.values()].find(one => {
    if (one.name !== name || one.type !== type) return false
    if (one.guild_id !== undefined) return channelKind === 'server'
    const isInstalled = (one.integration_types ?? [0]).some(installation => types.includes(installation))
    return isInstalled && (one.contexts?.includes(context) ?? true)
  })
  if (!command) throw new Error(`no bot has a command ${name}`)
  const needed = command.default_member_permissions
  if (channelKind === 'server' && needed !== null) {
    const permissions = computePermissions(state, channel, user.id)
    // '0' means that only administrators may use it.
    const required = BigInt(needed) || 8n
    if ((permissions & required) !== required) throw new Error(`${user.global_name} may not use ${name}`)
  }
  return command
}

/** The command's fields in the data of an interaction. */
export function commandData({ id, name, type, guild_id }: APIApplicationCommand) {
  return { id, name, type, ...(guild_id !== undefined && { guild_id }) }
}
