import { type APIChannel, PermissionFlagsBits, type PermissionsString } from 'discord.js'
import { permissionBits } from './discord-objects.js'
import type { EmulatorState } from './state.js'

const ALL_PERMISSIONS = Object.values(PermissionFlagsBits).reduce((sum, bit) => sum | bit, 0n)

/** What Discord reports for the bot where there are no roles: in its own direct messages, and in group messages. */
const DM_PERMISSIONS = permissionBits(['AttachFiles', 'EmbedLinks', 'MentionEveryone', 'UseExternalEmojis'])
const GROUP_DM_PERMISSIONS = permissionBits(['AttachFiles', 'EmbedLinks', 'MentionEveryone'])

/** A user's permissions in a channel: their roles, then the channel's overwrites (everyone, roles, member). */
export function computePermissions(state: EmulatorState, channel: APIChannel, userId: string): bigint {
  if (!('guild_id' in channel)) return channel.type === 1 ? DM_PERMISSIONS : GROUP_DM_PERMISSIONS
  const { guild } = state
  const roles = channel.guild_id === guild.id ? (state.members.get(userId)?.roles ?? []) : []
  if (userId === guild.ownerId && channel.guild_id === guild.id) return ALL_PERMISSIONS
  const base = [guild.id, ...roles].reduce((sum, id) => sum | BigInt(state.roles.get(id)!.permissions), 0n)
  if (base & PermissionFlagsBits.Administrator) return ALL_PERMISSIONS
  const parent = isThreadType(channel) ? state.channels.get(channel.parent_id) : undefined
  // A thread has the overwrites of its channel.
  const owner = parent ?? channel
  const overwrites = ('permission_overwrites' in owner && owner.permission_overwrites) || []
  const overwritesOf = (ids: string[]) => overwrites.filter(({ id }) => ids.includes(id))
  const steps = [overwritesOf([guild.id]), overwritesOf(roles), overwritesOf([userId])]
  const permissions = steps.reduce((sum, step) => {
    const [deny, allow] = (['deny', 'allow'] as const).map(key =>
      step.reduce((bits, overwrite) => bits | BigInt(overwrite[key]), 0n),
    )
    return (sum & ~deny!) | allow!
  }, base)
  // Discord's implicit permissions: without ViewChannel there are none, without SendMessages no attachments.
  if (!(permissions & PermissionFlagsBits.ViewChannel)) return 0n
  const toSend = parent ? PermissionFlagsBits.SendMessagesInThreads : PermissionFlagsBits.SendMessages
  if (permissions & toSend) return permissions
  return permissions & ~permissionBits(['AttachFiles', 'EmbedLinks'])
}

function isThreadType(channel: APIChannel): channel is APIChannel & { parent_id: string } {
  return channel.type === 10 || channel.type === 11 || channel.type === 12
}

export function hasPermission(
  state: EmulatorState,
  channel: APIChannel,
  userId: string,
  permission: PermissionsString,
): boolean {
  return (computePermissions(state, channel, userId) & PermissionFlagsBits[permission]) !== 0n
}
