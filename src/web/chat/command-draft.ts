import type { ChatAction, CommandOptionValue } from '../../protocol/chat-request.js'
import type { CommandOption } from '../../protocol/discord-objects.js'
import { localizedName, type SlashCommand } from './command-list.js'
import { ATTACHMENT, BOOLEAN, MENTION_TYPES, NUMERIC_TYPES } from './option-types.js'

/** The value of an option as it is typed or picked. */
export type OptionInput = string | boolean | File

/** A slash command that is being filled in. @property values by the options' names */
export type CommandDraft = {
  readonly command: SlashCommand
  readonly values: Readonly<Record<string, OptionInput>>
}

/** What was typed after the slash: the command that it names, and the text for its options; undefined if it names none. */
export function typedCommand(
  text: string,
  commands: readonly SlashCommand[],
): { readonly command: SlashCommand; readonly rest: string } | undefined {
  const typed = text.toLowerCase()
  const isNamed = (name: string) => typed === name || typed.startsWith(`${name} `)
  for (const command of commands) {
    for (const name of [command.label.toLowerCase(), command.fullName]) {
      if (isNamed(name)) return { command, rest: text.slice(name.length).trim() }
    }
  }
  return undefined
}

/**
 * The options as they are typed, like Discord's client takes them: `shape:16:9 prompt:fog`, by name in any order; text without a name is
 * for the first required option that is typed, or for the first of all.
 */
export function typedValues({ options }: SlashCommand, rest: string): Record<string, string | boolean> {
  const typed = options.filter(({ type }) => type !== ATTACHMENT && !MENTION_TYPES.includes(type))
  const first = typed.find(({ required }) => required) ?? typed[0]
  const named = (name: string) =>
    typed.find(
      option => option.name === name.toLowerCase() || localizedName(option).toLowerCase() === name.toLowerCase(),
    )
  const values: Record<string, string | boolean> = {}
  let target = first
  let words: string[] = []
  const finish = () => {
    const text = words.join(' ')
    if (target && text !== '') values[target.name] = typedValue(target, text)
    words = []
  }
  for (const word of rest.split(/\s+/)) {
    const [, name = '', begin = ''] = /^([^:]+):(.*)$/.exec(word) ?? []
    const option = named(name)
    if (option) {
      finish()
      target = option
      words = begin === '' ? [] : [begin]
    } else words.push(word)
  }
  finish()
  return values
}

/** A choice may be typed by its name. */
function typedValue({ type, choices = [] }: CommandOption, text: string): string | boolean {
  if (type === BOOLEAN) return /^(?:true|yes|1)$/i.test(text)
  const chosen = choices.find(choice =>
    [localizedName(choice), choice.name, String(choice.value)].some(name => name.toLowerCase() === text.toLowerCase()),
  )
  return chosen ? String(chosen.value) : text
}

/**
 * The commands that a text may mean which begins with a slash, without the slash: those whose names begin with it; otherwise the one
 * that it names, with options.
 */
export function suggestedCommands(text: string, commands: readonly SlashCommand[]): readonly SlashCommand[] {
  const begin = text.trim().toLowerCase()
  const begun = commands.filter(({ label }) => label.toLowerCase().startsWith(begin))
  if (begun.length > 0) return begun
  const typed = typedCommand(text, commands)
  return typed ? [typed.command] : []
}

/** Whether every required option has a value. */
export function isComplete({ command, values }: CommandDraft): boolean {
  return command.options.every(({ required, name }) => !required || (name in values && values[name] !== ''))
}

/** What is sent for a command, and its files. */
export function slashAction({ command, values }: CommandDraft): { action: ChatAction; files: File[] } {
  const files: File[] = []
  const options = command.options.flatMap(({ name, type }): [string, CommandOptionValue][] => {
    const value = values[name]
    if (value === undefined || value === '') return []
    if (value instanceof File) return [[name, { file: files.push(value) - 1 }]]
    if (NUMERIC_TYPES.includes(type)) return [[name, Number(value)]]
    if (MENTION_TYPES.includes(type)) return [[name, { id: String(value) }]]
    return [[name, value]]
  })
  return { action: { type: 'slash', command: command.fullName, options: Object.fromEntries(options) }, files }
}
