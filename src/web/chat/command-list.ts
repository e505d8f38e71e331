import type { Chat, Command, CommandOption, Localized } from './discord-types.js'

/** A command or one of its subcommands, as somebody picks it. */
export type SlashCommand = {
  /** By which it is sent: its name, and that of a subcommand after a space. */
  readonly words: string
  /** The same in the language of the person. */
  readonly shown: string
  readonly description: string
  readonly options: readonly CommandOption[]
}

const SLASH = 1
const ON_MESSAGE = 3
const SUBCOMMANDS = [1, 2]

/** In the language that the browser speaks, as Discord's program does it. */
export function localizedName({ name, name_localizations: localized }: Localized): string {
  return among(localized) ?? name
}

export function localizedDescription({ description, description_localizations: localized }: CommandOption): string {
  return among(localized) ?? description
}

function among(localized: Readonly<Record<string, string>> | null | undefined): string | undefined {
  const language = navigator.language
  const key = Object.keys(localized ?? {}).find(one => one === language || one.split('-')[0] === language.split('-')[0])
  return key === undefined ? undefined : localized![key]
}

export function listSlashCommands(commands: Chat['commands']): SlashCommand[] {
  const open = (one: CommandOption, words: string, shown: string): SlashCommand[] => {
    const inner = (one.options ?? []).filter(({ type }) => SUBCOMMANDS.includes(type))
    if (words === '' || inner.length === 0)
      return [{ words, shown, description: localizedDescription(one), options: one.options ?? [] }]
    return inner.flatMap(sub => open(sub, `${words} ${sub.name}`, `${shown} ${localizedName(sub)}`))
  }
  const slash = commands.filter(({ type }) => type === SLASH)
  return slash.flatMap(one => open(one, one.name, localizedName(one))).sort((a, b) => a.shown.localeCompare(b.shown))
}

/** Commands on messages: right click → Apps. */
export function listMessageCommands(commands: readonly Command[]): { name: string; shown: string }[] {
  return commands.filter(({ type }) => type === ON_MESSAGE).map(one => ({ name: one.name, shown: localizedName(one) }))
}
