import type { APIApplicationCommandOption, APIAttachment } from 'discord.js'
import { attachmentObject, storeAttachment, type Upload } from './cdn.js'
import { ClientRefusal } from './client-refusal.js'
import { MENTIONABLE_OPTION_TYPES, type Mentionable, resolveMentionable } from './resolve-mentionable.js'
import type { EmulatorState } from './state.js'

/** A file that a person uploads. */
export type FileOption = Pick<Upload, 'name' | 'data' | 'spoiler' | 'contentType'>
/** Users, channels and roles are given as objects with an id. */
export type OptionValue = string | number | boolean | FileOption | Mentionable
export type OptionChoice = { readonly name: string; readonly value: string | number }

const ATTACHMENT = 11
/** The JavaScript types of the option types that hold plain values. */
const VALUE_TYPES: Record<number, string> = { 3: 'string', 4: 'number', 5: 'boolean', 10: 'number' }
const INTEGER = 4

type GivenOptions = Record<string, OptionValue>

/** What options belong to. */
type CommandOrSubcommand = { readonly name: string; readonly options?: APIApplicationCommandOption[] | undefined }
const SUBCOMMAND_TYPES = [1, 2]

/** @returns the subcommand, and a function that nests its options in the command's. @throws Error if there is none */
export function findSubcommand(
  command: CommandOrSubcommand,
  names: readonly string[],
): { target: CommandOrSubcommand; wrap(list: unknown[]): unknown[] } {
  const subcommands = (command.options ?? []).filter(option => SUBCOMMAND_TYPES.includes(option.type))
  const [name, ...more] = names
  if (name === undefined && subcommands.length === 0) return { target: command, wrap: list => list }
  const found = subcommands.find(option => option.name === name)
  if (!found) throw new Error(`/${command.name} has no subcommand ${name ?? '(none was named)'}`)
  const { target, wrap } = findSubcommand(
    { name: `${command.name} ${found.name}`, options: nestedOptions(found) },
    more,
  )
  return { target, wrap: list => [{ type: found.type, name: found.name, options: wrap(list) }] }
}

function nestedOptions(option: APIApplicationCommandOption): APIApplicationCommandOption[] {
  return 'options' in option ? ((option.options ?? []) as APIApplicationCommandOption[]) : []
}

export type FilledOptions = {
  readonly list: { name: string; type: number; value: string | number | boolean; focused?: true }[]
  /** `resolved` of the interaction's data: objects by kind and id. */
  readonly resolved: Record<string, Record<string, unknown>>
}

/**
 * Check the options as Discord's client does, and build the interaction's data.
 *
 * @throws Error if the client would not send them
 */
export async function fillOptions(
  state: EmulatorState,
  channelId: string,
  command: CommandOrSubcommand,
  values: GivenOptions,
) {
  const filled: FilledOptions = { list: [], resolved: {} }
  const options = optionsOf(command, values)
  for (const option of options) {
    const value = values[option.name]
    if (value !== undefined) checkValue(option, value)
    else if (option.required) throw new ClientRefusal('missing', option.name, `/${command.name} needs ${option.name}`)
  }
  const addResolved = (kind: string, id: string, what: unknown) => {
    filled.resolved[kind] = { ...filled.resolved[kind], [id]: what }
  }
  for (const { name, type, channel_types } of options) {
    const value = values[name]
    if (value === undefined) continue
    if (typeof value !== 'object') {
      filled.list.push({ name, type, value })
    } else if ('id' in value) {
      const found = resolveMentionable(state, channelId, { name, type, channel_types }, value)
      for (const [kind, what] of Object.entries(found)) addResolved(kind, value.id, what)
      filled.list.push({ name, type, value: value.id })
    } else {
      const file = await uploadForInteraction(state, channelId, value)
      addResolved('attachments', file.id, file)
      filled.list.push({ name, type, value: file.id })
    }
  }
  return filled
}

/** The options of an autocomplete interaction. @throws Error if the focused option has no autocomplete */
export function autocompleteOptions(
  command: CommandOrSubcommand,
  values: GivenOptions,
  focused: string,
): FilledOptions['list'] {
  const options = optionsOf(command, values)
  const option = options.find(option => option.name === focused)
  if (!option?.autocomplete) throw new Error(`/${command.name} suggests nothing for ${focused}`)
  return options.flatMap(({ name, type }) => {
    const value = values[name] ?? (name === focused ? '' : undefined)
    // Discord sends the focused value as text, whatever the option's type.
    if (name === focused) return [{ name, type, value: String(value), focused: true as const }]
    if (value === undefined || (typeof value === 'object' && !('id' in value))) return []
    return [{ name, type, value: typeof value === 'object' ? value.id : value }]
  })
}

/** Upload a file of an interaction. The attachment is ephemeral. */
export async function uploadForInteraction(
  state: EmulatorState,
  channelId: string,
  file: FileOption,
): Promise<APIAttachment> {
  return attachmentObject(state, await storeAttachment(state, channelId, file, true))
}

type OptionRules = {
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

function optionsOf(command: CommandOrSubcommand, values: GivenOptions): OptionRules[] {
  const options = (command.options ?? []) as APIApplicationCommandOption[] as OptionRules[]
  for (const name of Object.keys(values)) {
    if (!options.some(option => option.name === name)) throw new Error(`/${command.name} has no option ${name}`)
  }
  return options
}

function checkValue(rules: OptionRules, value: OptionValue): void {
  const { name, type, min_value, max_value, min_length = 0, max_length = 6000, choices = [] } = rules
  const valueType = VALUE_TYPES[type]
  const assert = (good: boolean, message: string) => {
    if (!good) throw new ClientRefusal('invalid', name, `${name}: ${message}`)
  }
  if (type === ATTACHMENT) {
    assert(typeof value === 'object' && 'data' in value, 'must be a file')
    checkFileType(rules, value as FileOption)
  } else if (MENTIONABLE_OPTION_TYPES.includes(type))
    assert(typeof value === 'object' && 'id' in value, 'must be somebody or something')
  else assert(typeof value === valueType, `must be a ${valueType}`)
  if (typeof value === 'number') {
    assert(type !== INTEGER || Number.isInteger(value), 'must be a whole number')
    assert(value >= (min_value ?? -Infinity), `must be at least ${min_value}`)
    assert(value <= (max_value ?? Infinity), `must be at most ${max_value}`)
  } else if (typeof value === 'string') {
    assert(value.length >= min_length && value.length <= max_length, 'is too short or too long')
  }
  if (choices.length > 0)
    assert(
      choices.some(choice => choice.value === value),
      'is none of the choices',
    )
}

/** Check the file's extension, as Discord's client does. @throws Error */
export function checkFileType(
  { name, file_types: types = [] }: { name: string; file_types?: string[] },
  file: FileOption,
): void {
  const extension = file.name.split('.').at(-1)!.toLowerCase()
  const extensions: Record<string, RegExp> = {
    image: /^(png|jpe?g|webp|gif|avif|heic|bmp|tiff?)$/,
    video: /^(mp4|mov|webm|mkv)$/,
    audio: /^(mp3|ogg|wav|flac|m4a)$/,
  }
  const isAllowed = types.some(type => extensions[type]?.test(extension) ?? type.toLowerCase() === `.${extension}`)
  if (types.length > 0 && !isAllowed) {
    throw new ClientRefusal('not-a-picture', name, `${name}: must be of type ${types.join(', ')}`)
  }
}
