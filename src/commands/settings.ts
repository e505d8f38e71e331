import { ChannelType } from 'discord.js'
import type { Translations } from '../i18n/i18n.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import { VARIATIONS } from '../inference/pipeline/request.js'
import {
  DEFAULT_STEPS_RANGE,
  type Language,
  type PersonSettings,
  type Quota,
  type ServerSettings,
} from '../settings/settings.js'
import type { CommandContext, CommandOptions } from './command.js'
import { booleanOption, slashCommand, subcommand, textCommand } from './command-builder.js'
import { localizedChoice, localizeOption } from './localize.js'
import { requireManager } from './require-manager.js'
import { suggestModels, suggestUpscalers } from './suggest-models.js'

/** The languages' own names. */
const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ja: '日本語',
}
const LANGUAGE_CHOICES = Object.entries(LANGUAGE_NAMES).map(([value, name]) => ({ name, value }))

/** Most channels, roles and forbidden words in a server's lists. */
const LIST_LIMIT = 100

const data = slashCommand('settings')
data.addSubcommand(subcommand('show'))
data.addSubcommand(
  subcommand('mine')
    .addIntegerOption(integer =>
      localizeOption(integer, 'variations').setMinValue(VARIATIONS.min).setMaxValue(VARIATIONS.max),
    )
    .addStringOption(text => localizeOption(text, 'model').setAutocomplete(true))
    .addStringOption(text =>
      localizeOption(text, 'confirm').addChoices(localizedChoice('always'), localizedChoice('unsure')),
    )
    .addStringOption(text => localizeOption(text, 'language').addChoices(LANGUAGE_CHOICES)),
)
data.addSubcommand(
  subcommand('channel')
    .addChannelOption(channel =>
      localizeOption(channel, 'channel')
        .setRequired(true)
        .addChannelTypes(ChannelType.GuildText, ChannelType.GuildAnnouncement),
    )
    .addBooleanOption(flag => booleanOption('allowed')(flag).setRequired(true)),
)
data.addSubcommand(
  subcommand('role')
    .addRoleOption(role => localizeOption(role, 'role').setRequired(true))
    .addBooleanOption(flag => booleanOption('allowed')(flag).setRequired(true)),
)
data.addSubcommand(
  subcommand('first')
    .addRoleOption(role => localizeOption(role, 'role').setRequired(true))
    .addBooleanOption(flag => booleanOption('allowed')(flag).setRequired(true)),
)
data.addSubcommand(
  subcommand('quota')
    .addRoleOption(role => localizeOption(role, 'role').setRequired(true))
    .addIntegerOption(integer => localizeOption(integer, 'pictures').setMinValue(0).setMaxValue(100_000))
    .addIntegerOption(integer => localizeOption(integer, 'seconds').setMinValue(0).setMaxValue(1_000_000))
    .addStringOption(text => localizeOption(text, 'per').addChoices(localizedChoice('hour'), localizedChoice('day'))),
)
data.addSubcommand(
  subcommand('defaults')
    .addIntegerOption(integer =>
      localizeOption(integer, 'variations').setMinValue(VARIATIONS.min).setMaxValue(VARIATIONS.max),
    )
    .addStringOption(text => localizeOption(text, 'model').setAutocomplete(true))
    .addIntegerOption(integer =>
      localizeOption(integer, 'steps').setMinValue(DEFAULT_STEPS_RANGE.min).setMaxValue(DEFAULT_STEPS_RANGE.max),
    )
    .addBooleanOption(booleanOption('color-match'))
    .addStringOption(text => localizeOption(text, 'upscaler').setAutocomplete(true)),
)
data.addSubcommand(
  subcommand('words')
    .addStringOption(text => localizeOption(text, 'add').setMaxLength(100))
    .addStringOption(text => localizeOption(text, 'allow').setMaxLength(100).setAutocomplete(true)),
)
data.addSubcommand(
  subcommand('buttons').addStringOption(text =>
    localizeOption(text, 'who').setRequired(true).addChoices(localizedChoice('author'), localizedChoice('all')),
  ),
)
data.addSubcommand(
  subcommand('language').addStringOption(text =>
    localizeOption(text, 'language').setRequired(true).addChoices(LANGUAGE_CHOICES),
  ),
)
data.addSubcommand(
  subcommand('audit').addChannelOption(channel =>
    localizeOption(channel, 'channel').addChannelTypes(ChannelType.GuildText, ChannelType.GuildAnnouncement),
  ),
)
data.addSubcommand(
  subcommand('safety')
    .addStringOption(text =>
      localizeOption(text, 'spoiler').addChoices(localizedChoice('never'), localizedChoice('always')),
    )
    .addBooleanOption(booleanOption('restricted-only')),
)

/** `/settings`: show the settings; for managers the server's rules; for everybody their own defaults. */
export const settingsCommand = textCommand(
  data.toJSON(),
  async (options, context) => {
    const { settings, t, person, audit, engines } = context
    const name = options.getSubcommand(false)
    if (name === 'mine') {
      await settings.setPerson(person.id, personChange(options, engines))
      return `${t.settings.saved}\n${formatPersonSettings(settings.person(person.id), t)}`
    }
    if (name !== null && name !== 'show') {
      const server = requireManager(context)
      const change = serverChange(name, options, settings.server(server), server, engines)
      const current = await settings.setServer(server, change)
      const lines = formatServerSettings(current, server, t, Object.keys(change) as (keyof ServerSettings)[])
      await audit(t.audit.settings(`<@${person.id}>`, lines))
      return `${t.settings.saved}\n${lines}`
    }
    return showSettings(context)
  },
  (name, typed, { settings, server, engines }) => {
    if (name === 'model') return suggestModels(typed, engines)
    if (name === 'upscaler') return suggestUpscalers(typed, engines)
    const { forbidden } = settings.server(server ?? '')
    return forbidden
      .filter(word => word.includes(typed.trim().toLowerCase()))
      .slice(0, 25)
      .map(word => ({ name: word, value: word }))
  },
)

function showSettings({ settings, server, person, t }: CommandContext): string {
  const own = `**${t.settings.ownTitle}**\n${formatPersonSettings(settings.person(person.id), t)}`
  if (!server) return own
  return `**${t.settings.title}**\n${formatServerSettings(settings.server(server), server, t)}\n\n${own}`
}

function personChange(options: CommandOptions, engines: EngineRegistry): Partial<PersonSettings> {
  const engine = options.getString('model')
  return omitNull({
    variations: options.getInteger('variations'),
    engine: engine && engines.get(engine).name,
    confirmMasks: options.getString('confirm') as PersonSettings['confirmMasks'] | null,
    language: options.getString('language') as PersonSettings['language'] | null,
  })
}

function serverChange(
  name: string,
  options: CommandOptions,
  current: ServerSettings,
  server: string,
  engines: EngineRegistry,
): Partial<ServerSettings> {
  const engine = options.getString('model')
  switch (name) {
    case 'channel':
      return {
        channels: setIncluded(current.channels, options.getChannel('channel')!.id, options.getBoolean('allowed')),
      }
    case 'role': {
      const { id } = options.getRole('role')!
      // The role of everybody has the server's id. Allowing it is the same as an empty list.
      if (id === server && options.getBoolean('allowed')) return { roles: [] }
      return { roles: setIncluded(current.roles, id, options.getBoolean('allowed')) }
    }
    case 'first':
      return { first: setIncluded(current.first, options.getRole('role')!.id, options.getBoolean('allowed')) }
    case 'quota':
      return { quotas: setQuota(current.quotas, options) }
    case 'defaults': {
      const upscaler = options.getString('upscaler')
      return omitNull({
        variations: options.getInteger('variations'),
        engine: engine && engines.get(engine).name,
        steps: options.getInteger('steps'),
        colorMatch: options.getBoolean('color-match'),
        upscaler: upscaler && engines.forEdit({ kind: 'upscale' }, upscaler).name,
      })
    }
    case 'words': {
      const [add, allow] = [options.getString('add'), options.getString('allow')].map(word =>
        word?.trim().toLowerCase(),
      )
      const kept = current.forbidden.filter(word => word !== allow && word !== add)
      return { forbidden: [...kept, ...(add ? [add] : [])].slice(-LIST_LIMIT) }
    }
    case 'buttons':
      return { buttons: options.getString('who') as ServerSettings['buttons'] }
    case 'language':
      return { language: options.getString('language') as NonNullable<ServerSettings['language']> }
    case 'audit':
      return { auditChannel: options.getChannel('channel')?.id }
    case 'safety':
      return omitNull({
        spoiler: options.getString('spoiler') as ServerSettings['spoiler'] | null,
        restrictedOnly: options.getBoolean('restricted-only'),
      })
    default:
      throw new Error(`no subcommand ${name}`)
  }
}

function setIncluded(list: readonly string[], id: string, isIncluded: boolean | null): string[] {
  const others = list.filter(other => other !== id)
  return isIncluded ? [...others, id].slice(-LIST_LIMIT) : others
}

function setQuota(quotas: readonly Quota[], options: CommandOptions): Quota[] {
  const role = options.getRole('role')!.id
  const others = quotas.filter(quota => quota.role !== role)
  const per = options.getString('per') === 'day' ? 'day' : 'hour'
  const amounts = omitNull({
    pictures: options.getInteger('pictures') || null,
    seconds: options.getInteger('seconds') || null,
  })
  return Object.keys(amounts).length === 0 ? others : [...others, { role, per, ...amounts } as Quota]
}

/** Discord's options are null where they were left out. Object.fromEntries() forgets the names' types. */
function omitNull<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as never
}

function formatPersonSettings({ variations, engine, confirmMasks, language }: PersonSettings, t: Translations): string {
  const { names, values, unset } = t.settings
  return [
    `${names.variations}: ${variations ?? unset}`,
    `${names.engine}: ${engine ?? unset}`,
    `${names.confirmMasks}: ${values[confirmMasks]}`,
    `${names.language}: ${language ? LANGUAGE_NAMES[language] : unset}`,
  ].join('\n')
}

/** @param only the settings to list; all if left out */
function formatServerSettings(
  settings: ServerSettings,
  server: string,
  t: Translations,
  only?: readonly (keyof ServerSettings)[],
): string {
  const { names, values, none, unset, allChannels, everyone, quota, quotaPictures, quotaSeconds, per } = t.settings
  const roleName = (id: string) => (id === server ? everyone : `<@&${id}>`)
  const lines: Record<keyof ServerSettings, string> = {
    channels: settings.channels.map(id => `<#${id}>`).join(' ') || allChannels,
    roles: settings.roles.map(roleName).join(' ') || everyone,
    first: settings.first.map(roleName).join(' ') || none,
    quotas:
      settings.quotas
        .map(one => {
          const amounts = [
            ...(one.pictures ? [quotaPictures(one.pictures)] : []),
            ...(one.seconds ? [quotaSeconds(one.seconds)] : []),
          ]
          return quota(roleName(one.role), amounts, per[one.per])
        })
        .join('; ') || none,
    variations: String(settings.variations),
    engine: settings.engine ?? unset,
    upscaler: settings.upscaler ?? unset,
    steps: settings.steps === undefined ? unset : String(settings.steps),
    colorMatch: settings.colorMatch === false ? values.no : values.yes,
    forbidden: settings.forbidden.map(word => `||${word}||`).join(' ') || none,
    buttons: values[settings.buttons],
    language: settings.language ? LANGUAGE_NAMES[settings.language] : unset,
    auditChannel: settings.auditChannel ? `<#${settings.auditChannel}>` : none,
    spoiler: values[settings.spoiler],
    restrictedOnly: settings.restrictedOnly ? values.yes : values.no,
    line: values[settings.line],
  }
  const showSettings = only ?? (Object.keys(lines) as (keyof ServerSettings)[])
  return showSettings.map(name => `${names[name]}: ${lines[name]}`).join('\n')
}
