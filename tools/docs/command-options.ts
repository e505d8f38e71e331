import { type APIApplicationCommandOption, SlashCommandBuilder, ApplicationCommandOptionType as Type } from 'discord.js'
import type { Command, CommandContext } from '../../src/commands/command.js'
import { addPaintOptions } from '../../src/commands/command-builder.js'
import { contextMenuCommands } from '../../src/commands/context-menu-commands.js'
import { addControlOptions } from '../../src/commands/control-options.js'
import { slashCommands } from '../../src/commands/slash-commands.js'
import { DISCORD_LOCALES, translationsByLanguage } from '../../src/i18n/i18n.js'

type Option = APIApplicationCommandOption

/** Options that several commands have, in separate tables. A command is in a group if it has all but one of its options. */
const GROUPS = [
  { title: 'Options of all commands that paint', options: optionsOf(addPaintOptions) },
  { title: 'Options for ControlNets', options: optionsOf(addControlOptions) },
] as const
type Group = (typeof GROUPS)[number]

function optionsOf(add: (builder: SlashCommandBuilder) => void): readonly Option[] {
  const builder = new SlashCommandBuilder()
  add(builder)
  return builder.options.map(option => option.toJSON() as Option)
}

function missingOf({ data }: Command, { options }: Group): readonly string[] {
  const own = new Set((data.options ?? []).map(({ name }) => name))
  return options.flatMap(({ name }) => (own.has(name) ? [] : [name]))
}

const isIn = (command: Command, group: Group) => missingOf(command, group).length <= 1

const HEAD = `# Command options

<!-- npm run docs writes this page from the commands themselves. -->

This page lists every slash command with its options, values and defaults; \`/settings\` has [its own page](settings.md).
[Commands](commands.md) explains how to use them, and [command-names.md](command-names.md) has their names in other languages.

An empty *Default* means: your own setting, the server's, or what the model prefers.
`

/** `docs/command-options.md`: what Discord knows about each command. */
export async function commandOptionsPage(): Promise<string> {
  const parts = [
    HEAD,
    ...(await Promise.all(GROUPS.map(groupSection))),
    '## Commands\n',
    ...(await Promise.all(slashCommands.filter(command => !isSettings(command)).map(section))),
  ]
  return parts.join('\n')
}

const isSettings = ({ data }: Command) => data.name === 'settings'

/** `docs/settings.md`: what people and servers can set. */
export async function settingsPage(): Promise<string> {
  return `# Settings of people and servers

<!-- npm run docs writes this page from the command itself. -->

This page lists everything that \`/settings\` in Discord shows and changes. What belongs to the bot itself is in
[configuration.md](configuration.md).

${await section(slashCommands.find(isSettings)!)}`
}

async function groupSection(group: Group): Promise<string> {
  const members = slashCommands.filter(command => isIn(command, group))
  const named = members.map(command => {
    const [missing] = missingOf(command, group)
    return `\`/${command.data.name}\`${missing === undefined ? '' : ` (without \`${missing}\`)`}`
  })
  const rows = await Promise.all(group.options.map(option => row(option)))
  return `## ${group.title}\n\nThese commands take them: ${named.join(', ')}.\n\n${table(rows)}\n`
}

/** `docs/command-names.md`: the names of the commands in each language. */
export async function commandNamesPage(): Promise<string> {
  return `# Names of the commands in other languages

<!-- npm run docs writes this page from the commands themselves. -->

This page lists the name of each slash command and each command under **Apps** in the languages of Discord.

${names()}
`
}

/** Whether a command has the options of all commands that paint. */
export function isPaintCommand(command: Command): boolean {
  return isIn(command, GROUPS[0])
}

async function section(command: Command): Promise<string> {
  const { name, description, options = [] } = command.data
  const inGroups = new Set(
    GROUPS.filter(group => isIn(command, group)).flatMap(group => group.options.map(option => option.name)),
  )
  const own = options.filter(option => !inGroups.has(option.name))
  const rows = await Promise.all(own.map(option => rowsOf(option as Option, command)))
  const text = [`### /${name}`, `${description}.`, ...(rows.length > 0 ? [table(rows.flat())] : [])]
  return `${text.join('\n\n')}\n`
}

async function rowsOf(option: Option, command: Command): Promise<string[]> {
  if (option.type !== Type.Subcommand) return [await row(option, command)]
  const head = cells([`**/${command.data.name} ${option.name}**`, option.description, '', ''])
  return [head, ...(await Promise.all((option.options ?? []).map(one => row(one as Option, command))))]
}

async function row(option: Option, command?: Command): Promise<string> {
  const { says, unlessTold } = splitDescription(option.description)
  const offered = await offers(option, command)
  const takes = [kindOf(option), ...(offered === '' ? [] : [offered])].join('; ')
  const choices: readonly { name: string; value: string | number }[] = ('choices' in option && option.choices) || []
  const chosen = choices.find(({ value }) => value === unlessTold)?.name ?? unlessTold
  return cells([`\`${option.name}\``, says, takes, option.required ? 'required' : chosen])
}

/**
 * Splits a description from the default in its last brackets: “Zoom factor (default 1.5)”, “Which models (default: all; diffusion
 * models)”. Other parts of the brackets stay in the text.
 */
export function splitDescription(description: string): { readonly says: string; readonly unlessTold: string } {
  const [, says = description, inside = ''] = /^(.*) \(([^()]*)\)$/.exec(description) ?? []
  const parts = inside.split('; ').filter(part => part !== '')
  const defaults = parts.flatMap(part => /^default:? (.+)$/.exec(part)?.slice(1) ?? [])
  const others = parts.filter(part => !/^default:? /.test(part))
  return { says: others.length > 0 ? `${says} (${others.join('; ')})` : says, unlessTold: defaults.join('; ') }
}

/** The type of an option's value, and its limits. */
function kindOf(option: Option): string {
  if ('choices' in option && option.choices?.length) return option.choices.map(({ name }) => name).join(', ')
  switch (option.type) {
    case Type.String:
      return option.max_length === undefined ? 'text' : `text, up to ${option.max_length} characters`
    case Type.Integer:
    case Type.Number: {
      const kind = option.type === Type.Integer ? 'a whole number' : 'a number'
      return option.min_value === undefined ? kind : `${kind} from ${option.min_value} to ${option.max_value}`
    }
    case Type.Boolean:
      return 'true or false'
    case Type.Channel:
      return 'a channel'
    case Type.Role:
      return 'a role'
    case Type.Attachment:
      return 'a picture'
    default:
      throw new Error(`No word for options of type ${option.type}.`)
  }
}

/** What Discord suggests for an option; the values themselves only where every machine has the same. */
async function offers(option: Option, command: Command | undefined): Promise<string> {
  if (!('autocomplete' in option && option.autocomplete)) return ''
  const suggestsModels = ['model', 'refiner', 'upscaler', 'control'].includes(option.name)
  if (suggestsModels || !command?.autocomplete || !isPaintCommand(command)) return 'with suggestions'
  // Suggestions read no more of the context than these.
  const context = { t: translationsByLanguage.en, recentObjects: async () => [] } as unknown as CommandContext
  const suggested = await command.autocomplete(option.name, '', context, () => null)
  return suggested.length === 0 ? 'with suggestions' : `suggests ${suggested.map(({ name }) => name).join(', ')}`
}

function names(): string {
  const others = Object.values(DISCORD_LOCALES).map(([locale]) => locale)
  const own = new Intl.DisplayNames('en', { type: 'language' })
  const head = ['English', ...others.map(locale => own.of(locale.split('-')[0]!)!)]
  const rows = [...slashCommands, ...contextMenuCommands].map(({ data }) => {
    const slash = 'description' in data ? '/' : ''
    return [data.name, ...others.map(locale => data.name_localizations?.[locale] ?? '')].map(name => `${slash}${name}`)
  })
  return [cells(head), cells(head.map(() => '---')), ...rows.map(cells)].join('\n')
}

function table(rows: readonly string[]): string {
  return [cells(['Option', 'Description', 'Value', 'Default']), '| --- | --- | --- | --- |', ...rows].join('\n')
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll(/\| {2}(?=\|)/g, '| ')
}
