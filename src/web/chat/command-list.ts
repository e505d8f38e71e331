import type { Command, CommandOption, LocalizedName } from '../../protocol/discord-objects.js'

/** A slash command or one of its subcommands. */
export type SlashCommand = {
  /** Its name, and that of a subcommand after a space. */
  readonly fullName: string
  /** The full name in the person's language. */
  readonly label: string
  readonly description: string
  readonly options: readonly CommandOption[]
}

/** Command types. */
const CHAT_INPUT = 1
const MESSAGE_COMMAND = 3

/** Option types: subcommand and subcommand group. */
const SUBCOMMAND_TYPES = [1, 2]

/** In the browser's language, as Discord's client does it. */
export function localizedName({ name, name_localizations: localized }: LocalizedName): string {
  return inBrowserLanguage(localized) ?? name
}

export function localizedDescription({ description, description_localizations: localized }: CommandOption): string {
  return inBrowserLanguage(localized) ?? description
}

function inBrowserLanguage(localized: Readonly<Record<string, string>> | null | undefined): string | undefined {
  const language = navigator.language
  const key = Object.keys(localized ?? {}).find(one => one === language || one.split('-')[0] === language.split('-')[0])
  return key === undefined ? undefined : localized![key]
}

export function listSlashCommands(commands: readonly Command[]): SlashCommand[] {
  const expand = (command: CommandOption, fullName: string, label: string): SlashCommand[] => {
    const subcommands = (command.options ?? []).filter(({ type }) => SUBCOMMAND_TYPES.includes(type))
    if (subcommands.length === 0) {
      return [{ fullName, label, description: localizedDescription(command), options: command.options ?? [] }]
    }
    return subcommands.flatMap(sub => expand(sub, `${fullName} ${sub.name}`, `${label} ${localizedName(sub)}`))
  }
  return commands
    .filter(({ type }) => type === CHAT_INPUT)
    .flatMap(command => expand(command, command.name, localizedName(command)))
    .sort((one, other) => one.label.localeCompare(other.label))
}

export type MessageCommand = { readonly name: string; readonly label: string }

/** The commands of a message's context menu, under Apps. */
export function listMessageCommands(commands: readonly Command[]): MessageCommand[] {
  return commands
    .filter(({ type }) => type === MESSAGE_COMMAND)
    .map(command => ({ name: command.name, label: localizedName(command) }))
}
