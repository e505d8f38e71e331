import type { APIApplicationCommand, APIUser } from 'discord.js'
import { accessibleChannel, type ChannelContext, channelContext } from './channels.js'
import { computePermissions } from './permissions.js'
import type { EmulatorState } from './state.js'

/** Which installation a command needs in a place, 0 in a server or 1 by somebody themselves, and for which context. */
const NEEDED: Record<ChannelContext, { readonly types: readonly number[]; readonly context: number }> = {
  server: { types: [0], context: 0 },
  direct: { types: [0, 1], context: 1 },
  group: { types: [1], context: 2 },
  'foreign server': { types: [1], context: 0 },
}

/** The command of that name and type that Discord's program offers somebody in a channel. @throws Error if none */
export function findCommand(state: EmulatorState, name: string, type: number, channelId: string, me: APIUser) {
  const channel = accessibleChannel(state, channelId, me)
  const place = channelContext(state, channel)
  const { types, context } = NEEDED[place]
  const command = [...state.commands.values()].find(one => {
    if (one.name !== name || one.type !== type) return false
    if (one.guild_id !== undefined) return place === 'server'
    const installed = (one.integration_types ?? [0]).some(each => types.includes(each))
    return installed && (one.contexts?.includes(context) ?? true)
  })
  if (!command) throw new Error(`no bot has a command ${name}`)
  const needed = command.default_member_permissions
  if (place === 'server' && needed !== null) {
    const has = computePermissions(state, channel, me.id)
    // None at all stands for administrators alone.
    const wanted = BigInt(needed) || 8n
    if ((has & wanted) !== wanted) throw new Error(`${me.global_name} may not use ${name}`)
  }
  return command
}

/** A command as an interaction names it. */
export function commandData({ id, name, type, guild_id }: APIApplicationCommand) {
  return { id, name, type, ...(guild_id !== undefined && { guild_id }) }
}
