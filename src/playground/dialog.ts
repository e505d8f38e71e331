import type { APIAttachment } from 'discord.js'
import type { Component } from './components.js'
import { type FileOption, uploaded } from './options.js'
import type { World } from './world.js'

/** What somebody enters: words; files, or several choices; whether a box is ticked. */
export type FieldValue = string | boolean | readonly string[] | readonly FileOption[]

const ROW = 1
const TEXT_INPUT = 4
const TEXT_DISPLAY = 10
const FILE_UPLOAD = 19
const RADIO_GROUP = 21
const CHECKBOX = 23

/**
 * A dialog as Discord's program sends it off.
 *
 * @param values by the fields' custom ids
 * @throws Error where that program would not let it be sent
 */
export async function entered(
  world: World,
  channelId: string,
  dialog: { custom_id?: string; components?: Component[] } | undefined,
  values: Record<string, FieldValue>,
): Promise<Record<string, unknown>> {
  if (!dialog?.custom_id) throw new Error('there is no dialog to send off')
  const attachments: Record<string, APIAttachment> = {}
  const parts = dialog.components ?? []
  const fields = parts.flatMap(part => part.component ?? part.components ?? [])
  for (const name of Object.keys(values)) {
    if (!fields.some(field => field.custom_id === name)) throw new Error(`the dialog has no field ${name}`)
  }

  let next = 1
  const fill = async (field: Component) => {
    const value = values[field.custom_id!]
    const missing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    if (missing && field.type !== CHECKBOX && field.required !== false) {
      throw new Error(`the dialog needs ${field.custom_id}`)
    }
    const id = next++
    const files: string[] = []
    for (const file of field.type === FILE_UPLOAD ? ((value ?? []) as FileOption[]) : []) {
      const kept = await uploaded(world, channelId, file)
      attachments[kept.id] = kept
      files.push(kept.id)
    }
    return { type: field.type, id, custom_id: field.custom_id, ...content(field.type, value, files) }
  }
  const components: unknown[] = []
  for (const part of parts) {
    const id = next++
    if (part.component) components.push({ type: part.type, id, component: await fill(part.component) })
    else if (part.type === ROW) components.push({ type: ROW, id, components: [await fill(part.components![0]!)] })
    else if (part.type === TEXT_DISPLAY) components.push({ type: TEXT_DISPLAY, id })
  }
  return { custom_id: dialog.custom_id, components, resolved: { attachments } }
}

function content(type: number | undefined, value: FieldValue | undefined, files: string[]): object {
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
