import type { APIAttachment } from 'discord.js'
import { ClientRefusal } from './client-refusal.js'
import { checkFileType, type FileOption, uploadForInteraction } from './command-options.js'
import type { Component } from './components.js'
import type { EmulatorState } from './state.js'

/** The value of a modal's field: text or one choice; a checkbox; several choices; files. */
export type ModalFieldValue = string | boolean | readonly string[] | readonly FileOption[]

const ROW = 1
const TEXT_INPUT = 4
const TEXT_DISPLAY = 10
const FILE_UPLOAD = 19
const RADIO_GROUP = 21
const CHECKBOX_GROUP = 22
const CHECKBOX = 23
/** Component types with several values. */
const LISTS = [3, FILE_UPLOAD, CHECKBOX_GROUP]

/**
 * The data of a modal submission, checked as Discord's client does.
 *
 * @param values by the fields' custom ids
 * @throws Error if the client would not send it
 */
export async function modalSubmitData(
  state: EmulatorState,
  channelId: string,
  modal: { custom_id?: string; components?: Component[] } | undefined,
  values: Record<string, ModalFieldValue>,
): Promise<Record<string, unknown>> {
  if (!modal?.custom_id) throw new Error('there is no dialog to send off')
  const attachments: Record<string, APIAttachment> = {}
  const parts = modal.components ?? []
  const fields = parts.flatMap(part => part.component ?? part.components ?? [])
  for (const name of Object.keys(values)) {
    if (!fields.some(field => field.custom_id === name)) throw new Error(`the dialog has no field ${name}`)
  }
  /** The entered value, or the initial one. */
  const entry = (field: ModalField) => values[field.custom_id!] ?? initialValue(field)
  for (const field of fields as ModalField[]) checkField(field, entry(field))

  let next = 1
  const fill = async (field: Component) => {
    const value = entry(field as ModalField)
    const id = next++
    const files: string[] = []
    for (const file of field.type === FILE_UPLOAD ? ((value ?? []) as FileOption[]) : []) {
      const kept = await uploadForInteraction(state, channelId, file)
      attachments[kept.id] = kept
      files.push(kept.id)
    }
    return { type: field.type, id, custom_id: field.custom_id, ...fieldContent(field.type, value, files) }
  }
  const components: unknown[] = []
  for (const part of parts) {
    const id = next++
    if (part.component) components.push({ type: part.type, id, component: await fill(part.component) })
    else if (part.type === ROW) components.push({ type: ROW, id, components: [await fill(part.components![0]!)] })
    else if (part.type === TEXT_DISPLAY) components.push({ type: TEXT_DISPLAY, id })
  }
  return { custom_id: modal.custom_id, components, resolved: { attachments } }
}

type ModalField = Component & {
  min_length?: number
  max_length?: number
  min_values?: number
  max_values?: number
  options?: { value: string; default?: boolean }[]
  /** The initial text. */
  value?: string
  /** The initial state of a checkbox. */
  default?: boolean
}

function initialValue({ type, value, options = [], default: ticked }: ModalField): ModalFieldValue | undefined {
  const chosen = options.filter(option => option.default).map(option => option.value)
  switch (type) {
    case TEXT_INPUT:
      return value
    case CHECKBOX:
      return ticked
    case RADIO_GROUP:
      return chosen[0]
    default:
      return chosen.length > 0 ? chosen : undefined
  }
}

/** @throws Error if Discord's client would not submit this value */
function checkField(field: ModalField, value: ModalFieldValue | undefined): void {
  const { type, custom_id, required, options, min_length = 0, max_length = 4000, min_values = 1, max_values } = field
  const assert = (good: boolean, message: string) => {
    if (!good) throw new ClientRefusal('invalid', custom_id!, `${custom_id}: ${message}`)
  }
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
    if (type !== CHECKBOX && required !== false) {
      throw new ClientRefusal('missing', custom_id!, `the dialog needs ${custom_id}`)
    }
  } else if (type === TEXT_INPUT) {
    assert(typeof value === 'string', 'must be words')
    const { length } = value as string
    assert(length >= min_length && length <= max_length, `must be between ${min_length} and ${max_length} in length`)
  } else if (type === CHECKBOX) {
    assert(typeof value === 'boolean', 'must be true or false')
  } else if (type === RADIO_GROUP) {
    assert(options?.some(option => option.value === value) ?? false, 'is none of the choices')
  } else {
    assert(LISTS.includes(type!), `people here can't fill in fields of type ${type}`)
    assert(Array.isArray(value), 'must be a list')
    const list = value as readonly unknown[]
    const max = max_values ?? (type === CHECKBOX_GROUP ? (options?.length ?? 10) : 1)
    assert(list.length >= min_values && list.length <= max, `takes ${min_values} to ${max}`)
    assert(!options || list.every(one => options.some(option => option.value === one)), 'is none of the choices')
    if (type === FILE_UPLOAD) for (const file of list) checkFileType({ name: custom_id!, ...field }, file as FileOption)
  }
}

function fieldContent(type: number | undefined, value: ModalFieldValue | undefined, files: string[]): object {
  switch (type) {
    case TEXT_INPUT:
      return { value: value ?? '' }
    case RADIO_GROUP:
      return { value: value ?? null }
    case CHECKBOX:
      return { value: value ?? false }
    case FILE_UPLOAD:
      return { values: files }
    default:
      return { values: value ?? [] }
  }
}
