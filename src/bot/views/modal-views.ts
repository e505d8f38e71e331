import {
  FileUploadBuilder,
  LabelBuilder,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import { ANCHORS } from '../../inference/image/geometry.js'
import { GRID_SIZES } from '../../inference/mask/grid.js'
import { type ComponentAction, formatCustomId } from '../custom-id.js'

/** The custom ids of modal fields. */
export const MODAL_FIELDS = {
  pictureIndex: 'which',
  factor: 'factor',
  aspect: 'aspect',
  anchor: 'anchor',
  prompt: 'prompt',
  shape: 'shape',
  /** Subtle or creative. */
  upscale: 'upscale',
  mask: 'mask',
  /** Cells of a grid with `across` columns and rows. */
  cells: (across: number) => `cells-${across}`,
} as const

export const MODAL_SIDES = ['left', 'right', 'top', 'bottom'] as const

/** Asks for factor, aspect ratio, anchor and prompt. */
export function customZoomModal(
  action: ComponentAction,
  prompt: string,
  { modals, options, choices }: Translations,
): ModalBuilder {
  const anchors = new StringSelectMenuBuilder()
    .setCustomId(MODAL_FIELDS.anchor)
    .setRequired(false)
    .addOptions(ANCHORS.map(value => ({ label: choices[value], value, default: value === 'center' })))
  return modal(action, modals.customZoom, [
    textInput(MODAL_FIELDS.factor, modals.factor, { hint: modals.factorHint, value: '2', required: true }),
    textInput(MODAL_FIELDS.aspect, modals.aspect, { hint: modals.aspectHint }),
    new LabelBuilder()
      .setLabel(modals.anchor)
      .setDescription(options.anchor.description)
      .setStringSelectMenuComponent(anchors),
    paragraphInput(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt),
  ])
}

/** Asks for another prompt. */
export function remixModal(action: ComponentAction, prompt: string, { modals }: Translations): ModalBuilder {
  return modal(action, modals.remix, [paragraphInput(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt)])
}

/**
 * Asks for a mask file or grid cells, and for a prompt.
 *
 * @param pictureCount how many pictures the message has
 * @param prompt the prompt to begin with; undefined where the area is to be removed
 * @param findsObjects whether an empty form shows the numbered objects of the picture
 */
export function maskModal(
  action: ComponentAction,
  {
    pictureCount,
    prompt,
    findsObjects,
  }: { readonly pictureCount: number; readonly prompt: string | undefined; readonly findsObjects: boolean },
  { modals }: Translations,
): ModalBuilder {
  const upload = new FileUploadBuilder()
    .setCustomId(MODAL_FIELDS.mask)
    .setFileTypes('image')
    .setMinValues(0)
    .setMaxValues(1)
    .setRequired(false)
  const emptyHint = prompt === undefined ? modals.maskHint : modals.maskOrHolesHint
  const hint = findsObjects ? modals.maskOrObjectsHint : emptyHint
  return modal(action, prompt === undefined ? modals.remove : modals.varyRegion, [
    ...pictureMenu(pictureCount, modals),
    new LabelBuilder().setLabel(modals.mask).setDescription(hint).setFileUploadComponent(upload),
    ...GRID_SIZES.map(across => gridMenu(across, modals)),
    ...(prompt === undefined ? [] : [paragraphInput(MODAL_FIELDS.prompt, modals.prompt, modals.promptHint, prompt)]),
  ])
}

/** Asks how much to add on each side. */
export function extendModal(
  action: ComponentAction,
  pictureCount: number,
  { modals, sides }: Translations,
): ModalBuilder {
  return modal(action, modals.extend, [
    ...pictureMenu(pictureCount, modals),
    ...MODAL_SIDES.map(side => textInput(side, capitalize(sides[side]), { hint: modals.lengthHint })),
  ])
}

/** Asks how to upscale a picture, and which one where a message has several. */
export function upscaleModal(
  action: ComponentAction,
  pictureCount: number,
  { modals, buttons }: Translations,
): ModalBuilder {
  const ways = new StringSelectMenuBuilder()
    .setCustomId(MODAL_FIELDS.upscale)
    .addOptions(
      { label: buttons.upscaleSubtle, value: 'subtle', default: true },
      { label: buttons.upscaleCreative, value: 'creative' },
    )
  return modal(action, modals.upscale, [
    ...pictureMenu(pictureCount, modals),
    new LabelBuilder().setLabel(modals.upscale).setStringSelectMenuComponent(ways),
    paragraphInput(MODAL_FIELDS.prompt, modals.prompt, modals.creativePromptHint, ''),
  ])
}

/** Asks which picture to zoom out of, to make square, to upscale or to show the objects of, where a message has several. */
export function whichPictureModal(
  action: ComponentAction & { readonly kind: 'zoom' | 'square' | 'upscale' | 'objects' | 'remove-objects' },
  pictureCount: number,
  { modals, drawingPage }: Translations,
): ModalBuilder {
  const { chooseObjects } = drawingPage
  const titles = { zoom: modals.zoomOut, square: modals.square, upscale: modals.upscale }
  const title = { ...titles, objects: chooseObjects, 'remove-objects': chooseObjects }[action.kind]
  return modal(action, title, pictureMenu(pictureCount, modals))
}

/** Asks for a shape. */
export function fitModal(action: ComponentAction, pictureCount: number, { modals }: Translations): ModalBuilder {
  return modal(action, modals.fit, [
    ...pictureMenu(pictureCount, modals),
    textInput(MODAL_FIELDS.shape, modals.shape, { hint: modals.shapeHint, value: '16:9', required: true }),
  ])
}

function modal(action: ComponentAction, title: string, fields: LabelBuilder[]): ModalBuilder {
  return new ModalBuilder().setCustomId(formatCustomId(action)).setTitle(title).addLabelComponents(fields)
}

/** A menu of the message's pictures, where there are several. */
function pictureMenu(pictureCount: number, modals: Translations['modals']): LabelBuilder[] {
  if (pictureCount < 2) return []
  const options = Array.from({ length: pictureCount }, (_, index) => ({
    label: modals.picture(index + 1),
    value: String(index),
    default: index === 0,
  }))
  const menu = new StringSelectMenuBuilder().setCustomId(MODAL_FIELDS.pictureIndex).addOptions(options.slice(0, 25))
  return [new LabelBuilder().setLabel(modals.whichPicture).setStringSelectMenuComponent(menu)]
}

/** A menu of a grid's cells, numbered row by row from 1. */
function gridMenu(across: number, modals: Translations['modals']): LabelBuilder {
  const options = Array.from({ length: across * across }, (_, index) => ({
    label: `${index + 1} · ${modals.cell(Math.floor(index / across) + 1, (index % across) + 1)}`,
    value: String(index + 1),
  }))
  const menu = new StringSelectMenuBuilder()
    .setCustomId(MODAL_FIELDS.cells(across))
    .setMinValues(0)
    .setMaxValues(options.length)
    .setRequired(false)
    .addOptions(options)
  return new LabelBuilder().setLabel(modals.cells(across)).setStringSelectMenuComponent(menu)
}

function textInput(
  id: string,
  label: string,
  options: { hint: string; value?: string; required?: boolean },
): LabelBuilder {
  const input = new TextInputBuilder()
    .setCustomId(id)
    .setStyle(TextInputStyle.Short)
    .setMaxLength(20)
    .setRequired(options.required ?? false)
  if (options.value) input.setValue(options.value)
  return new LabelBuilder().setLabel(label).setDescription(options.hint).setTextInputComponent(input)
}

function paragraphInput(id: string, label: string, hint: string, value: string): LabelBuilder {
  const input = new TextInputBuilder()
    .setCustomId(id)
    .setStyle(TextInputStyle.Paragraph)
    .setMaxLength(1000)
    .setRequired(false)
  if (value) input.setValue(value.slice(0, 1000))
  return new LabelBuilder().setLabel(label).setDescription(hint).setTextInputComponent(input)
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
