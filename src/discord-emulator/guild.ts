import type { APIChannel, APIRole, LocaleString, PermissionsString } from 'discord.js'
import { permissionBits, roleObject } from './discord-objects.js'
import { computePermissions } from './permissions.js'
import { type EmulatorState, emitGuildEvent } from './state.js'

/** The server as REST shows it. */
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

/** Somebody as an interaction in a channel shows them: with what they may there, without their account. */
export function memberObject(state: EmulatorState, channel: APIChannel, userId: string) {
  const { user: _, roles, ...member } = state.members.get(userId)!
  const here = 'guild_id' in channel && channel.guild_id === state.guild.id
  return { ...member, roles: here ? roles : [], permissions: String(computePermissions(state, channel, userId)) }
}

/** The server's role of that name; made when it is not there yet. */
export function findOrCreateRole(
  state: EmulatorState,
  name: string,
  permissions: readonly PermissionsString[],
): APIRole {
  const known = [...state.roles.values()].find(role => role.name === name)
  if (known) return known
  const made = roleObject(state.id(), name, state.roles.size, permissions)
  state.roles.set(made.id, made)
  emitGuildEvent(state, 'GUILD_ROLE_CREATE', { guild_id: state.guild.id, role: made })
  return made
}

/** Take permissions from everybody, where no role gives them back. */
export function revokeFromEveryone(state: EmulatorState, names: readonly PermissionsString[]): void {
  const everybody = state.roles.get(state.guild.id)!
  everybody.permissions = String(BigInt(everybody.permissions) & ~permissionBits(names))
  emitGuildEvent(state, 'GUILD_ROLE_UPDATE', { guild_id: state.guild.id, role: everybody })
}

/** Give the bot permissions in a channel of a server, or take them from it. */
export function setPermissionOverwrite(
  state: EmulatorState,
  channelId: string,
  verdict: 'allow' | 'deny',
  names: readonly PermissionsString[],
): void {
  const channel = state.channels.get(channelId)
  if (!channel || !('permission_overwrites' in channel)) throw new Error('that channel knows no permissions')
  const others = (channel.permission_overwrites ?? []).filter(({ id }) => id !== state.bot.id)
  const known = channel.permission_overwrites?.find(({ id }) => id === state.bot.id)
  const bits = permissionBits(names)
  const [allow, deny] = (['allow', 'deny'] as const).map(key => {
    const before = BigInt(known?.[key] ?? 0) & ~bits
    return String(key === verdict ? before | bits : before)
  })
  channel.permission_overwrites = [...others, { id: state.bot.id, type: 1, allow: allow!, deny: deny! }]
  if ('guild_id' in channel && channel.guild_id === state.guild.id) emitGuildEvent(state, 'CHANNEL_UPDATE', channel)
}
