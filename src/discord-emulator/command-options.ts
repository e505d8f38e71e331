import type { APIApplicationCommandOption, APIAttachment } from 'discord.js'
import { attachmentObject, storeAttachment } from './cdn.js'
import { MENTIONABLE_OPTION_TYPES, type Mentionable, resolveMentionable } from './resolve-mentionable.js'
import type { EmulatorState } from './state.js'

export type FileOption = { readonly name: string; readonly data: Uint8Array }
/** People, channels and roles are given as Discord shows them. */
export type OptionValue = string | number | boolean | FileOption | Mentionable
export type OptionChoice = { readonly name: string; readonly value: string | number }

const ATTACHMENT = 11
/** The kinds of options that hold plain values. */
const KINDS: Record<number, string> = { 3: 'string', 4: 'number', 5: 'boolean', 10: 'number' }
const WHOLE_NUMBER = 4

type Given = Record<string, OptionValue>

/** A command, or one of its subcommands: what options are filled in for. */
type Asked = { readonly name: string; readonly options?: APIApplicationCommandOption[] | undefined }
const SUBCOMMANDS = [1, 2]

/** The subcommand that further words name, and how the filled options lie within the command's. @throws Error */
export function findSubcommand(
  command: Asked,
  words: readonly string[],
): { asked: Asked; within(list: unknown[]): unknown[] } {
  const inner = (command.options ?? []).filter(option => SUBCOMMANDS.includes(option.type))
  const [word, ...more] = words
  if (word === undefined && inner.length === 0) return { asked: command, within: list => list }
  const found = inner.find(option => option.name === word)
  if (!found) throw new Error(`/${command.name} has no subcommand ${word ?? '(none was named)'}`)
  const { asked, within } = findSubcommand({ name: `${command.name} ${found.name}`, options: optionsIn(found) }, more)
  return { asked, within: list => [{ type: found.type, name: found.name, options: within(list) }] }
}

function optionsIn(option: APIApplicationCommandOption): APIApplicationCommandOption[] {
  return 'options' in option ? ((option.options ?? []) as APIApplicationCommandOption[]) : []
}

export type FilledOptions = {
  readonly list: { name: string; type: number; value: string | number | boolean; focused?: true }[]
  /** What the values that are ids stand for, by its kind and id. */
  readonly resolved: Record<string, Record<string, unknown>>
}

/**
 * The options as Discord's program sends them, once they are what the command asks for.
 *
 * @throws Error where that program would not let them be sent
 */
export async function fillOptions(state: EmulatorState, channelId: string, command: Asked, given: Given) {
  const out: FilledOptions = { list: [], resolved: {} }
  const options = optionsOf(command, given)
  for (const option of options) {
    const value = given[option.name]
    if (value !== undefined) check(option, value)
    else if (option.required) throw new Error(`/${command.name} needs ${option.name}`)
  }
  const keep = (kind: string, id: string, what: unknown) => {
    out.resolved[kind] = { ...out.resolved[kind], [id]: what }
  }
  for (const { name, type, channel_types } of options) {
    const value = given[name]
    if (value === undefined) continue
    if (typeof value !== 'object') {
      out.list.push({ name, type, value })
    } else if ('id' in value) {
      const found = resolveMentionable(state, channelId, { name, type, channel_types }, value)
      for (const [kind, what] of Object.entries(found)) keep(kind, value.id, what)
      out.list.push({ name, type, value: value.id })
    } else {
      const file = await uploadForInteraction(state, channelId, value)
      keep('attachments', file.id, file)
      out.list.push({ name, type, value: file.id })
    }
  }
  return out
}

/** The options as they stand while somebody types in one of them. */
export function autocompleteOptions(command: Asked, given: Given, focused: string): FilledOptions['list'] {
  const options = optionsOf(command, given)
  const asked = options.find(option => option.name === focused)
  if (!asked?.autocomplete) throw new Error(`/${command.name} suggests nothing for ${focused}`)
  return options.flatMap(({ name, type }) => {
    const value = given[name] ?? (name === focused ? '' : undefined)
    // What is being typed is told as text, whatever it is to become.
    if (name === focused) return [{ name, type, value: String(value), focused: true as const }]
    if (value === undefined || (typeof value === 'object' && !('id' in value))) return []
    return [{ name, type, value: typeof value === 'object' ? value.id : value }]
  })
}

/** Upload a file that goes with an interaction: only that interaction knows of it. */
export async function uploadForInteraction(
  state: EmulatorState,
  channelId: string,
  file: FileOption,
): Promise<APIAttachment> {
  return attachmentObject(state, await storeAttachment(state, channelId, file, true))
}

type Rules = {
  name: string
  type: number
  required?: boolean
  autocomplete?: boolean
  min_value?: number
  max_value?: number
  min_length?: number
  max_length?: number
  choices?: OptionChoice[]
  channel_types?: number[]
  file_types?: string[]
}

function optionsOf(command: Asked, given: Given): Rules[] {
  const options = (command.options ?? []) as APIApplicationCommandOption[] as Rules[]
  for (const name of Object.keys(given)) {
    if (!options.some(option => option.name === name)) throw new Error(`/${command.name} has no option ${name}`)
  }
  return options
}

function check(rules: Rules, value: OptionValue): void {
  const { name, type, min_value, max_value, min_length = 0, max_length = 6000, choices = [] } = rules
  const kind = KINDS[type]
  const demand = (good: boolean, words: string) => {
    if (!good) throw new Error(`${name}: ${words}`)
  }
  if (type === ATTACHMENT) {
    demand(typeof value === 'object' && 'data' in value, 'must be a file')
    checkFileType(rules, value as FileOption)
  } else if (MENTIONABLE_OPTION_TYPES.includes(type))
    demand(typeof value === 'object' && 'id' in value, 'must be somebody or something')
  else demand(typeof value === kind, `must be a ${kind}`)
  if (typeof value === 'number') {
    demand(type !== WHOLE_NUMBER || Number.isInteger(value), 'must be a whole number')
    demand(value >= (min_value ?? -Infinity), `must be at least ${min_value}`)
    demand(value <= (max_value ?? Infinity), `must be at most ${max_value}`)
  } else if (typeof value === 'string') {
    demand(value.length >= min_length && value.length <= max_length, 'is too short or too long')
  }
  if (choices.length > 0)
    demand(
      choices.some(choice => choice.value === value),
      'is none of the choices',
    )
}

/** Discord's program looks at a file's name only. */
export function checkFileType(
  { name, file_types: types = [] }: { name: string; file_types?: string[] },
  file: FileOption,
): void {
  const ending = file.name.split('.').at(-1)!.toLowerCase()
  const kinds: Record<string, RegExp> = {
    image: /^(png|jpe?g|webp|gif|avif|heic|bmp|tiff?)$/,
    video: /^(mp4|mov|webm|mkv)$/,
    audio: /^(mp3|ogg|wav|flac|m4a)$/,
  }
  const good = types.some(type => kinds[type]?.test(ending) ?? type.toLowerCase() === `.${ending}`)
  if (types.length > 0 && !good) throw new Error(`${name}: must be of type ${types.join(', ')}`)
}
