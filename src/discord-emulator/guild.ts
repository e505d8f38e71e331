import type { APIChannel, APIRole, LocaleString, PermissionsString } from 'discord.js'
import { permissionBits, roleObject } from './discord-objects.js'
import { computePermissions } from './permissions.js'
import { type EmulatorState, emitGuildEvent } from './state.js'

/** The guild object of the REST API. */
export function guildObject({ guild, roles }: EmulatorState): Record<string, unknown> {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: 'us-central',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [...roles.values()],
    default_message_notifications: 1,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale,
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  }
}

export function setLocale(state: EmulatorState, locale: LocaleString): void {
  state.guild.locale = locale
  emitGuildEvent(state, 'GUILD_UPDATE', guildObject(state))
}

/** The member object in an interaction's data: with permissions in the channel, without the user. */
export function memberObject(state: EmulatorState, channel: APIChannel, userId: string) {
  const { user: _, roles, ...member } = state.members.get(userId)!
  const isMember = 'guild_id' in channel && channel.guild_id === state.guild.id
  return { ...member, roles: isMember ? roles : [], permissions: String(computePermissions(state, channel, userId)) }
}

/** The server's role of this name; created on the first call. */
export function findOrCreateRole(
  state: EmulatorState,
  name: string,
  permissions: readonly PermissionsString[],
): APIRole {
  const existing = [...state.roles.values()].find(role => role.name === name)
  if (existing) return existing
  const role = roleObject(state.nextId(), name, state.roles.size, permissions)
  state.roles.set(role.id, role)
  emitGuildEvent(state, 'GUILD_ROLE_CREATE', { guild_id: state.guild.id, role })
  return role
}

/** Take permissions from `@everyone`. Other roles may still grant them. */
export function revokeFromEveryone(state: EmulatorState, names: readonly PermissionsString[]): void {
  const everyone = state.roles.get(state.guild.id)!
  everyone.permissions = String(BigInt(everyone.permissions) & ~permissionBits(names))
  emitGuildEvent(state, 'GUILD_ROLE_UPDATE', { guild_id: state.guild.id, role: everyone })
}

/** Allow or deny the bot permissions in a channel. @throws Error if the channel is in no server */
export function setPermissionOverwrite(
  state: EmulatorState,
  channelId: string,
  kind: 'allow' | 'deny',
  names: readonly PermissionsString[],
): void {
  const channel = state.channels.get(channelId)
  if (!channel || !('permission_overwrites' in channel)) throw new Error('that channel knows no permissions')
  const others = (channel.permission_overwrites ?? []).filter(({ id }) => id !== state.bot.id)
  const existing = channel.permission_overwrites?.find(({ id }) => id === state.bot.id)
  const bits = permissionBits(names)
  const [allow, deny] = (['allow', 'deny'] as const).map(key => {
    const before = BigInt(existing?.[key] ?? 0) & ~bits
    return String(key === kind ? before | bits : before)
  })
  channel.permission_overwrites = [...others, { id: state.bot.id, type: 1, allow: allow!, deny: deny! }]
  if ('guild_id' in channel && channel.guild_id === state.guild.id) emitGuildEvent(state, 'CHANNEL_UPDATE', channel)
}
