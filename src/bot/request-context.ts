import {
  ApplicationIntegrationType,
  type AutocompleteInteraction,
  type Client,
  type GuildMember,
  type Message,
  PermissionFlagsBits,
  type PermissionsBitField,
} from 'discord.js'
import type { Context } from '../commands/command.js'
import { type Words, wordsFor } from '../i18n/i18n.js'
import { ProblemError } from '../user-error.js'
import type { Parts } from './deps.js'
import { writeAudit } from './discord/audit-log.js'
import type { Region } from './drawing/session.js'
import type { Answerable } from './messages/interaction-responder.js'

/** Who asks, where, and in which words they are answered. */
export type Here = Context & {
  /** The channel, and the one that it is a thread of. */
  readonly channels: readonly string[]
  /** The channel is marked as age-restricted. */
  readonly restricted: boolean
  /** For what everybody sees; `words` are for the person alone. */
  readonly publicWords: Words
  /** Discord's names of these two languages. */
  readonly locales: { readonly own: string | null; readonly shown: string | null }
}

/** May see to other people's requests and to the settings. */
const MANAGER = [PermissionFlagsBits.ManageGuild, PermissionFlagsBits.ManageMessages]

export function hereOf(interaction: Answerable | AutocompleteInteraction, parts: Parts): Here {
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

export function hereOfMessage(message: Message, parts: Parts): Here {
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
export async function hereOfPerson(
  client: Client<true>,
  { person, server, channel: id, locale }: Pick<Region, 'person' | 'server' | 'channel' | 'locale'>,
  parts: Parts,
): Promise<Here> {
  const channel = await client.channels.fetch(id).catch(() => null)
  const guild = server === undefined ? undefined : client.guilds.cache.get(server)
  const member = await guild?.members.fetch(person).catch(() => undefined)
  if (!channel || (server !== undefined && !member)) throw new ProblemError({ code: 'attachment-missing' })
  const found = {
    person,
    server,
    roles: rolesOf(member ?? null),
    permissions: member && 'permissionsFor' in channel ? channel.permissionsFor(member) : null,
    locale: locale ?? null,
    serverLocale: guild?.preferredLocale ?? null,
    channel: channel.isTextBased() ? (channel as Answerable['channel']) : null,
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
  readonly channel: Answerable['channel']
  readonly client: Message['client']
}

function here(
  { person, server, roles, permissions, locale, serverLocale, channel, client }: Found,
  parts: Parts,
): Here {
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
      manager: server !== undefined && MANAGER.some(permission => permissions?.has(permission)),
    },
    server,
    channels: [channel, parent].flatMap(one => one?.id ?? []),
    restricted: of !== null && 'nsfw' in of && of.nsfw === true,
    locales,
    words: wordsFor(locales.own),
    publicWords: wordsFor(locales.shown),
    queue,
    settings,
    limits,
    fetchAttachment,
    forgetAsked: async () => asked?.forget(person),
    started,
    // Read anew: it may be what this very request sets.
    audit: async line => {
      if (server !== undefined) await writeAudit(client, settings.server(server).auditChannel, line, log)
    },
  }
}

function rolesOf(member: Answerable['member']): readonly string[] {
  if (!member) return []
  return Array.isArray(member.roles) ? member.roles : [...(member as GuildMember).roles.cache.keys()]
}
