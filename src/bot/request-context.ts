import {
  ApplicationIntegrationType,
  type AutocompleteInteraction,
  type Client,
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
import type { DrawingTarget } from './drawing/session.js'
import type { RespondableInteraction } from './messages/interaction-responder.js'

/** Who asks, where, and in which words they are answered. */
export type RequestContext = CommandContext & {
  /** The channel, and the one that it is a thread of. */
  readonly channels: readonly string[]
  /** The channel is marked as age-restricted. */
  readonly ageRestricted: boolean
  /** For what everybody sees; `words` are for the person alone. */
  readonly publicT: Translations
  /** Discord's names of these two languages. */
  readonly locales: { readonly own: string | null; readonly shown: string | null }
}

/** May see to other people's requests and to the settings. */
const MANAGER = [PermissionFlagsBits.ManageGuild, PermissionFlagsBits.ManageMessages]

export function contextOfInteraction(
  interaction: RespondableInteraction | AutocompleteInteraction,
  parts: BotDeps,
): RequestContext {
  const installed = interaction.authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall]
  const server = interaction.guildId !== null && installed === interaction.guildId ? interaction.guildId : undefined
  return here(
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
    parts,
  )
}

export function contextOfMessage(message: Message, parts: BotDeps): RequestContext {
  return here(
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
    parts,
  )
}

/**
 * Somebody who is not there just now, as Discord knows them in that place.
 *
 * @throws ProblemError `attachment-missing` where they, or the bot, are not there any more
 */
export async function contextOfMember(
  client: Client<true>,
  { person, server, channel: id, locale }: Pick<DrawingTarget, 'person' | 'server' | 'channel' | 'locale'>,
  parts: BotDeps,
): Promise<RequestContext> {
  const channel = await client.channels.fetch(id).catch(() => null)
  const guild = server === undefined ? undefined : client.guilds.cache.get(server)
  const member = await guild?.members.fetch(person).catch(() => undefined)
  if (!channel || (server !== undefined && !member)) throw new UserError({ code: 'attachment-missing' })
  const found = {
    person,
    server,
    roles: rolesOf(member ?? null),
    permissions: member && 'permissionsFor' in channel ? channel.permissionsFor(member) : null,
    locale: locale ?? null,
    serverLocale: guild?.preferredLocale ?? null,
    channel: channel.isTextBased() ? (channel as RespondableInteraction['channel']) : null,
    client,
  }
  return here(found, parts)
}

type Found = {
  readonly person: string
  readonly server: string | undefined
  readonly roles: readonly string[]
  readonly permissions: Readonly<PermissionsBitField> | null
  readonly locale: string | null
  readonly serverLocale: string | null
  readonly channel: RespondableInteraction['channel']
  readonly client: Message['client']
}

function here(
  { person, server, roles, permissions, locale, serverLocale, channel, client }: Found,
  parts: BotDeps,
): RequestContext {
  const { queue, settings, limits, asked, fetchAttachment, started, log } = parts
  const own = settings.person(person)
  const rules = server === undefined ? undefined : settings.server(server)
  const parent = channel?.isThread() ? channel.parent : null
  const of = parent ?? channel
  const spoken = own.language ?? locale
  const locales = { own: spoken, shown: rules ? (rules.language ?? serverLocale) : spoken }
  return {
    person: {
      id: person,
      roles: server === undefined ? roles : [server, ...roles],
      isManager: server !== undefined && MANAGER.some(permission => permissions?.has(permission)),
    },
    server,
    channels: [channel, parent].flatMap(one => one?.id ?? []),
    ageRestricted: of !== null && 'nsfw' in of && of.nsfw === true,
    locales,
    t: translationsFor(locales.own),
    publicT: translationsFor(locales.shown),
    queue,
    settings,
    limits,
    fetchAttachment,
    forgetRecentTarget: async () => asked?.forget(person),
    started,
    // Read anew: it may be what this very request sets.
    audit: async line => {
      if (server !== undefined) await writeAuditLog(client, settings.server(server).auditChannel, line, log)
    },
  }
}

function rolesOf(member: RespondableInteraction['member']): readonly string[] {
  if (!member) return []
  return Array.isArray(member.roles) ? member.roles : [...(member as GuildMember).roles.cache.keys()]
}
