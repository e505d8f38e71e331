import {
  ApplicationIntegrationType,
  type AutocompleteInteraction,
  type Channel,
  type Client,
  type Guild,
  type GuildMember,
  type Message,
  PermissionFlagsBits,
  type PermissionsBitField,
} from 'discord.js'
import type { CommandContext } from '../commands/command.js'
import { type Translations, translationsFor } from '../i18n/i18n.js'
import { UserError } from '../user-error.js'
import type { BotDeps } from './deps.js'
import { writeAuditLog } from './discord/audit-log.js'
import type { DrawingTarget } from './drawing/target.js'
import type { RespondableInteraction } from './messages/interaction-responder.js'

/** Who asks, where, and in which language they are answered. */
export type RequestContext = CommandContext & {
  /** The channel's id, and in a thread that of its parent. */
  readonly channels: readonly string[]
  /** Whether the channel is marked as age-restricted. */
  readonly ageRestricted: boolean
  /** For what everybody sees; `t` is for the person alone. */
  readonly publicT: Translations
  /** Discord's locales: `own` for what only the person sees, `shown` for what everybody sees. */
  readonly locales: { readonly own: string | null; readonly shown: string | null }
}

/** With one of these a member manages the bot: other people's jobs and the server's settings. */
const MANAGER_PERMISSIONS = [PermissionFlagsBits.ManageGuild, PermissionFlagsBits.ManageMessages]

export function contextOfInteraction(
  interaction: RespondableInteraction | AutocompleteInteraction,
  deps: BotDeps,
): RequestContext {
  const installed = interaction.authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall]
  const server = interaction.guildId !== null && installed === interaction.guildId ? interaction.guildId : undefined
  return createContext(
    {
      person: interaction.user.id,
      server,
      roles: rolesOf(interaction.member),
      permissions: interaction.memberPermissions,
      locale: interaction.locale,
      serverLocale: interaction.guildLocale,
      channel: interaction.channel,
      client: interaction.client,
    },
    deps,
  )
}

export function contextOfMessage(message: Message, deps: BotDeps): RequestContext {
  return createContext(
    {
      person: message.author.id,
      server: message.guildId ?? undefined,
      roles: rolesOf(message.member),
      permissions: message.member?.permissions ?? null,
      locale: message.guild?.preferredLocale ?? null,
      serverLocale: message.guild?.preferredLocale ?? null,
      channel: message.channel,
      client: message.client,
    },
    deps,
  )
}

/**
 * The context of a person who uses the drawing page, as Discord knows them in the picture's channel.
 *
 * @throws UserError `attachment-missing` where they, or the bot, have left
 */
export async function contextOfMember(
  client: Client<true>,
  { person, server, channel: id, locale }: Pick<DrawingTarget, 'person' | 'server' | 'channel' | 'locale'>,
  deps: BotDeps,
): Promise<RequestContext> {
  const guild = server === undefined ? undefined : await findGuild(client, server)
  const channel = await findChannel(client, id, guild).catch(() => null)
  const member = await guild?.members.fetch(person).catch(() => undefined)
  if (!channel || (server !== undefined && !member)) throw new UserError({ code: 'attachment-missing' })
  const requester = {
    person,
    server,
    roles: rolesOf(member ?? null),
    permissions: member && 'permissionsFor' in channel ? channel.permissionsFor(member) : null,
    locale: locale ?? null,
    serverLocale: guild?.preferredLocale ?? null,
    channel: channel.isTextBased() ? (channel as RespondableInteraction['channel']) : null,
    client,
  }
  return createContext(requester, deps)
}

/** A server that the bot is a member of. Where another process gets its events (`SHARDS`), it is fetched each time. */
async function findGuild(client: Client<true>, id: string): Promise<Guild | undefined> {
  return client.guilds.fetch({ guild: id, cache: false }).catch(() => undefined)
}

async function findChannel(client: Client<true>, id: string, guild: Guild | undefined): Promise<Channel | null> {
  const isForeign = guild !== undefined && !client.guilds.cache.has(guild.id)
  return isForeign ? guild.channels.fetch(id, { cache: false }) : client.channels.fetch(id)
}

/** What Discord says about the person and the channel. */
type Requester = {
  readonly person: string
  readonly server: string | undefined
  readonly roles: readonly string[]
  readonly permissions: Readonly<PermissionsBitField> | null
  readonly locale: string | null
  readonly serverLocale: string | null
  readonly channel: RespondableInteraction['channel']
  readonly client: Message['client']
}

function createContext(
  { person, server, roles, permissions, locale, serverLocale, channel, client }: Requester,
  deps: BotDeps,
): RequestContext {
  const {
    engines,
    queue,
    settings,
    quotas,
    recentTargets,
    recentObjects,
    keptResults,
    fetchAttachment,
    startedAt,
    log,
  } = deps
  const personSettings = settings.person(person)
  const serverSettings = server === undefined ? undefined : settings.server(server)
  const parent = channel?.isThread() ? channel.parent : null
  const restrictable = parent ?? channel
  const own = personSettings.language ?? locale
  const shown = serverSettings ? (serverSettings.language ?? serverLocale) : own
  return {
    person: {
      id: person,
      roles: server === undefined ? roles : [server, ...roles],
      isManager: server !== undefined && MANAGER_PERMISSIONS.some(permission => permissions?.has(permission)),
    },
    server,
    channels: [channel, parent].flatMap(one => one?.id ?? []),
    ageRestricted: restrictable !== null && 'nsfw' in restrictable && restrictable.nsfw === true,
    locales: { own, shown },
    t: translationsFor(own),
    publicT: translationsFor(shown),
    queue,
    settings,
    quotas,
    fetchAttachment,
    forgetRecentTargets: async () => {
      await recentTargets?.forget(person)
      await recentObjects.forget(person)
    },
    recentObjects: () => recentObjects.get(person),
    forgetKeptResults: () => keptResults.forget(person),
    startedAt,
    engines,
    // The setting is read again, since the request may be what changes it.
    audit: async line => {
      if (server !== undefined) await writeAuditLog(client, settings.server(server).auditChannel, line, log)
    },
  }
}

function rolesOf(member: RespondableInteraction['member']): readonly string[] {
  if (!member) return []
  return Array.isArray(member.roles) ? member.roles : [...(member as GuildMember).roles.cache.keys()]
}
