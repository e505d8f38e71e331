import {
  FileUploadBuilder,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import { GRID_SIZES } from '../../inference/mask/grid.js'
import { type ComponentAction, formatCustomId } from '../custom-id.js'

/** The fields of dialogs, by the custom ids that they come back with. */
export const MODAL_FIELDS = {
  pictureIndex: 'which',
  factor: 'factor',
  aspect: 'aspect',
  prompt: 'prompt',
  mask: 'mask',
  cells: (across: number) => `cells-${across}`,
} as const

export const SIDES = ['left', 'right', 'top', 'bottom'] as const

/** Factor, aspect and prompt, filled with what there is. */
export function customZoomModal(action: ComponentAction, prompt: string, { modals }: Translations): ModalBuilder {
  return modal(action, modals.customZoom, [
    line(MODAL_FIELDS.factor, modals.factor, { hint: modals.factorHint, value: '2', required: true }),
    line(MODAL_FIELDS.aspect, modals.aspect, { hint: modals.aspectHint }),
    paragraph(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt),
  ])
}

/** The prompt, to be changed. */
export function remixModal(action: ComponentAction, prompt: string, { modals }: Translations): ModalBuilder {
  return modal(action, modals.remix, [paragraph(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt)])
}

/** A mask, or fields of a grid; with a prompt where something is to be painted there. @param pictures how many there are */
export function maskModal(
  action: ComponentAction,
  options: { readonly pictures: number; readonly prompt: string | undefined },
  { modals }: Translations,
): ModalBuilder {
  const { pictures, prompt } = options
  const upload = new FileUploadBuilder()
    .setCustomId(MODAL_FIELDS.mask)
    .setFileTypes('image')
    .setMinValues(0)
    .setMaxValues(1)
    .setRequired(false)
  return modal(action, prompt === undefined ? modals.remove : modals.region, [
    ...which(pictures, modals),
    new LabelBuilder().setLabel(modals.mask).setDescription(modals.maskHint).setFileUploadComponent(upload),
    ...GRID_SIZES.map(across => cells(across, modals)),
    ...(prompt === undefined ? [] : [paragraph(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt)]),
  ])
}

/** How much to add on each side. */
export function extendModal(action: ComponentAction, pictures: number, { modals, sides }: Translations): ModalBuilder {
  return modal(action, modals.extend, [
    ...which(pictures, modals),
    ...SIDES.map(side => line(side, capital(sides[side]), { hint: modals.lengthHint })),
  ])
}

/** Which picture to zoom out of, where a message holds several. */
export function zoomModal(action: ComponentAction, pictures: number, { modals }: Translations): ModalBuilder {
  return modal(action, modals.zoomOut, which(pictures, modals))
}

function modal(action: ComponentAction, title: string, fields: LabelBuilder[]): ModalBuilder {
  return new ModalBuilder().setCustomId(formatCustomId(action)).setTitle(title).addLabelComponents(fields)
}

/** Where there is one picture only, nothing has to be asked. */
function which(pictures: number, dialogs: Translations['modals']): LabelBuilder[] {
  if (pictures < 2) return []
  const options = Array.from({ length: pictures }, (_, index) => ({
    label: dialogs.picture(index + 1),
    value: String(index),
    default: index === 0,
  }))
  const menu = new StringSelectMenuBuilder().setCustomId(MODAL_FIELDS.pictureIndex).addOptions(options.slice(0, 25))
  return [new LabelBuilder().setLabel(dialogs.which).setStringSelectMenuComponent(menu)]
}

function cells(across: number, dialogs: Translations['modals']): LabelBuilder {
  const options = Array.from({ length: across * across }, (_, index) => ({
    label: `${index + 1} · ${dialogs.cell(Math.floor(index / across) + 1, (index % across) + 1)}`,
    value: String(index + 1),
  }))
  const menu = new StringSelectMenuBuilder()
    .setCustomId(MODAL_FIELDS.cells(across))
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
