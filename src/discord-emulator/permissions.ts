import { type APIChannel, type APIRole, PermissionFlagsBits, type PermissionsString } from 'discord.js'
import type { EmulatorState } from './world.js'

/** What everybody may in a new server. */
const ORDINARY: readonly PermissionsString[] = [
  'CreateInstantInvite',
  'AddReactions',
  'Stream',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'MentionEveryone',
  'UseExternalEmojis',
  'Connect',
  'Speak',
  'UseVAD',
  'ChangeNickname',
  'UseApplicationCommands',
  'RequestToSpeak',
  'CreatePublicThreads',
  'CreatePrivateThreads',
  'UseExternalStickers',
  'SendMessagesInThreads',
  'UseEmbeddedActivities',
  'UseSoundboard',
  'UseExternalSounds',
  'SendVoiceMessages',
  'SendPolls',
  'UseExternalApps',
]

const ALL = Object.values(PermissionFlagsBits).reduce((sum, bit) => sum | bit, 0n)

export function permissionBits(names: readonly PermissionsString[]): bigint {
  return names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n)
}

/** What the bot is said to have where there are no roles: more in its own direct messages than among others. */
const DIRECT = permissionBits(['AttachFiles', 'EmbedLinks', 'MentionEveryone', 'UseExternalEmojis'])
const GROUP = permissionBits(['AttachFiles', 'EmbedLinks', 'MentionEveryone'])

/** A role as Discord shows it; those of the same server are above each other in the order of their making. */
export function roleObject(id: string, name: string, position: number, permissions = ORDINARY): APIRole {
  return {
    id,
    name,
    permissions: String(permissionBits(permissions)),
    position,
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

/** What somebody may in a channel: their roles give, then the channel's overwrites take and give. */
export function computePermissions(world: EmulatorState, channel: APIChannel, userId: string): bigint {
  if (!('guild_id' in channel)) return channel.type === 1 ? DIRECT : GROUP
  const { guild } = world
  const roles = channel.guild_id === guild.id ? (world.members.get(userId)?.roles ?? []) : []
  if (userId === guild.ownerId && channel.guild_id === guild.id) return ALL
  const has = [guild.id, ...roles].reduce((sum, id) => sum | BigInt(world.roles.get(id)!.permissions), 0n)
  if (has & PermissionFlagsBits.Administrator) return ALL
  const overwrites = ('permission_overwrites' in channel && channel.permission_overwrites) || []
  const of = (ids: string[]) => overwrites.filter(({ id }) => ids.includes(id))
  const left = [of([guild.id]), of(roles), of([userId])].reduce((sum, step) => {
    const [deny, allow] = (['deny', 'allow'] as const).map(key =>
      step.reduce((bits, one) => bits | BigInt(one[key]), 0n),
    )
    return (sum & ~deny!) | allow!
  }, has)
  // Who doesn't see a channel can do nothing in it; who can't write, can't attach either.
  if (!(left & PermissionFlagsBits.ViewChannel)) return 0n
  return left & PermissionFlagsBits.SendMessages ? left : left & ~permissionBits(['AttachFiles', 'EmbedLinks'])
}

/** Whether somebody may do that in a channel of a server. */
export function hasPermission(
  world: EmulatorState,
  channel: APIChannel,
  userId: string,
  permission: PermissionsString,
): boolean {
  return (computePermissions(world, channel, userId) & PermissionFlagsBits[permission]) !== 0n
}
