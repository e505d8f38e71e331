import {
  FileUploadBuilder,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import type { Words } from '../../i18n/i18n.js'
import { CELLS } from '../../inference/mask/grid.js'
import { type Action, customId } from '../custom-id.js'

/** The fields of dialogs, by the custom ids that they come back with. */
export const FIELDS = {
  which: 'which',
  factor: 'factor',
  aspect: 'aspect',
  prompt: 'prompt',
  mask: 'mask',
  cells: (across: number) => `cells-${across}`,
} as const

export const SIDES = ['left', 'right', 'top', 'bottom'] as const

/** Factor, aspect and prompt, filled with what there is. */
export function customZoomDialog(action: Action, prompt: string, { dialogs }: Words): ModalBuilder {
  return modal(action, dialogs.customZoom, [
    line(FIELDS.factor, dialogs.factor, { hint: dialogs.factorHint, value: '2', required: true }),
    line(FIELDS.aspect, dialogs.aspect, { hint: dialogs.aspectHint }),
    paragraph(FIELDS.prompt, dialogs.prompt, dialogs.promptHint, prompt),
  ])
}

/** The prompt, to be changed. */
export function remixDialog(action: Action, prompt: string, { dialogs }: Words): ModalBuilder {
  return modal(action, dialogs.remix, [paragraph(FIELDS.prompt, dialogs.prompt, dialogs.promptHint, prompt)])
}

/** A mask, or fields of a grid; with a prompt where something is to be painted there. @param pictures how many there are */
export function regionDialog(
  action: Action,
  options: { readonly pictures: number; readonly prompt: string | undefined },
  { dialogs }: Words,
): ModalBuilder {
  const { pictures, prompt } = options
  const upload = new FileUploadBuilder()
    .setCustomId(FIELDS.mask)
    .setFileTypes('image')
    .setMinValues(0)
    .setMaxValues(1)
    .setRequired(false)
  return modal(action, prompt === undefined ? dialogs.remove : dialogs.region, [
    ...which(pictures, dialogs),
    new LabelBuilder().setLabel(dialogs.mask).setDescription(dialogs.maskHint).setFileUploadComponent(upload),
    ...CELLS.map(across => cells(across, dialogs)),
    ...(prompt === undefined ? [] : [paragraph(FIELDS.prompt, dialogs.prompt, dialogs.promptHint, prompt)]),
  ])
}

/** How much to add on each side. */
export function extendDialog(action: Action, pictures: number, { dialogs, sides }: Words): ModalBuilder {
  return modal(action, dialogs.extend, [
    ...which(pictures, dialogs),
    ...SIDES.map(side => line(side, capital(sides[side]), { hint: dialogs.lengthHint })),
  ])
}

/** Which picture to zoom out of, where a message holds several. */
export function zoomDialog(action: Action, pictures: number, { dialogs }: Words): ModalBuilder {
  return modal(action, dialogs.zoomOut, which(pictures, dialogs))
}

function modal(action: Action, title: string, fields: LabelBuilder[]): ModalBuilder {
  return new ModalBuilder().setCustomId(customId(action)).setTitle(title).addLabelComponents(fields)
}

/** Where there is one picture only, nothing has to be asked. */
function which(pictures: number, dialogs: Words['dialogs']): LabelBuilder[] {
  if (pictures < 2) return []
  const options = Array.from({ length: pictures }, (_, index) => ({
    label: dialogs.picture(index + 1),
    value: String(index),
    default: index === 0,
  }))
  const menu = new StringSelectMenuBuilder().setCustomId(FIELDS.which).addOptions(options.slice(0, 25))
  return [new LabelBuilder().setLabel(dialogs.which).setStringSelectMenuComponent(menu)]
}

function cells(across: number, dialogs: Words['dialogs']): LabelBuilder {
  const options = Array.from({ length: across * across }, (_, index) => ({
    label: `${index + 1} · ${dialogs.cell(Math.floor(index / across) + 1, (index % across) + 1)}`,
    value: String(index + 1),
  }))
  const menu = new StringSelectMenuBuilder()
    .setCustomId(FIELDS.cells(across))
    .setMinValues(0)
    .setMaxValues(options.length)
    .setRequired(false)
    .addOptions(options)
  return new LabelBuilder().setLabel(dialogs.cells(across)).setStringSelectMenuComponent(menu)
}

function line(id: string, label: string, more: { hint: string; value?: string; required?: boolean }): LabelBuilder {
  const input = new TextInputBuilder()
    .setCustomId(id)
    .setStyle(TextInputStyle.Short)
    .setMaxLength(20)
    .setRequired(more.required ?? false)
  if (more.value) input.setValue(more.value)
  return new LabelBuilder().setLabel(label).setDescription(more.hint).setTextInputComponent(input)
}

function paragraph(id: string, label: string, hint: string, value: string): LabelBuilder {
  const input = new TextInputBuilder()
    .setCustomId(id)
    .setStyle(TextInputStyle.Paragraph)
    .setMaxLength(1000)
    .setRequired(false)
  if (value) input.setValue(value.slice(0, 1000))
  return new LabelBuilder().setLabel(label).setDescription(hint).setTextInputComponent(input)
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
