import { type APIRole, PermissionFlagsBits } from 'discord.js'
import { ApiError } from './errors.js'
import { mainChannel, memberOf, tellOf, type World } from './world.js'

export type Permission = keyof typeof PermissionFlagsBits

/** What everybody may do in a new server; managing anything is not among it. */
const EVERYBODY: readonly Permission[] = [
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'ReadMessageHistory',
  'UseApplicationCommands',
  'UseExternalApps',
  'UseExternalEmojis',
  'ChangeNickname',
]

function bits(names: readonly Permission[]): bigint {
  return names.reduce((all, name) => all | PermissionFlagsBits[name], 0n)
}

/** A role as Discord shows it. */
export function makeRole(id: string, name: string, permissions: readonly Permission[] = EVERYBODY): APIRole {
  return {
    id,
    name,
    permissions: String(bits(permissions)),
    position: 0,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    mentionable: false,
    icon: null,
    unicode_emoji: null,
    flags: 0,
  } as unknown as APIRole
}

/** What a member may do in a channel, as Discord writes it. The owner may do everything. */
export function permissionsIn(world: World, userId: string, channelId: string): string {
  if (userId === world.guild.ownerId) return String(bits(Object.keys(PermissionFlagsBits) as Permission[]))
  const roles = [world.guild.id, ...memberOf(world, userId).roles]
  const granted = roles.reduce((all, id) => all | BigInt(world.roles.get(id)?.permissions ?? 0), 0n)
  const denied = userId === world.bot.id ? (world.forbidden.get(channelId) ?? 0n) : 0n
  return String(granted & ~denied)
}

/** Take permissions in a channel from the bot, or give them back. */
export function forbid(world: World, channelId: string, names: readonly Permission[], forbidden: boolean): void {
  const before = world.forbidden.get(channelId) ?? 0n
  const deny = forbidden ? before | bits(names) : before & ~bits(names)
  world.forbidden.set(channelId, deny)
  const channel = world.channels.get(channelId) ?? mainChannel(world)
  const overwrite = { id: world.bot.id, type: 1, allow: '0', deny: String(deny) }
  Object.assign(channel, { permission_overwrites: deny === 0n ? [] : [overwrite] })
  tellOf(world, 'CHANNEL_UPDATE', channel)
}

/**
 * By its own token the bot may do only what it may in that channel; in direct messages there are no permissions.
 *
 * @throws ApiError 50001 without access to the channel, 50013 without one of `names`
 */
export function demand(world: World, channelId: string, ...names: readonly Permission[]): void {
  const channel = world.channels.get(channelId)
  if (channel?.type === 1) return
  const guild = channel && 'guild_id' in channel ? channel.guild_id : undefined
  const mine = guild === world.guild.id ? BigInt(permissionsIn(world, world.bot.id, channelId)) : 0n
  if (!(mine & PermissionFlagsBits.ViewChannel)) throw new ApiError(403, 50_001, 'Missing Access')
  if ((mine & bits(names)) !== bits(names)) throw new ApiError(403, 50_013, 'Missing Permissions')
}

/** Whether the bot may do something there. */
export function may(world: World, channelId: string, name: Permission): boolean {
  try {
    demand(world, channelId, name)
    return true
  } catch {
    return false
  }
}
