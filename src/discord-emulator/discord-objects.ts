import { type APIChannel, type APIRole, type APIUser, PermissionFlagsBits, type PermissionsString } from 'discord.js'

/** The permissions that `@everyone` has in a new server. */
const DEFAULT_PERMISSIONS: readonly PermissionsString[] = [
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

export function permissionBits(names: readonly PermissionsString[]): bigint {
  return names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n)
}

/** A role object. @param position in the list of the server's roles; 0 is `@everyone` */
export function roleObject(id: string, name: string, position: number, permissions = DEFAULT_PERMISSIONS): APIRole {
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

export function textChannelObject(id: string, guildId: string, name: string, nsfw = false): APIChannel {
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

export function userObject(id: string, name: string, bot: boolean): APIUser {
  return {
    id,
    username: bot ? name : name.toLowerCase().replaceAll(/[^a-z0-9_.]/g, '_'),
    discriminator: bot ? '0001' : '0',
    global_name: bot ? null : name,
    avatar: null,
    bot,
    public_flags: 0,
    flags: 0,
    primary_guild: null,
  } as unknown as APIUser
}
