import type { Message } from 'discord.js'
import { plainText } from '../../commands/plain-text.js'
import type { Translations } from '../../i18n/i18n.js'
import { cleanLine } from '../../inference/pipeline/clean-text.js'
import { isPlainUpscale } from '../../inference/pipeline/edit.js'
import type { Recipe } from '../../inference/pipeline/recipe.js'
import type { PictureAction } from '../custom-id.js'
import { blockQuote } from './block-quote.js'
import {
  button,
  buttonRow,
  gallery,
  type MessageFile,
  type MessageView,
  messageView,
  textDisplay,
} from './message-view.js'

/** A picture as a file for Discord. It has no recipe where a person uploaded it. */
export type PictureFile = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly recipe: Recipe | undefined
  readonly width: number
  readonly height: number
}

export type PaintedFile = PictureFile & { readonly recipe: Recipe }

export type ResultOptions = {
  readonly t: Translations
  /** The person who asked for it. */
  readonly owner: string
  readonly spoiler: boolean
  /** Small print after seeds and engine. */
  readonly notes: readonly string[]
  /** Files that the message carries and does not show: what the pictures were painted from. */
  readonly hiddenFiles: readonly MessageFile[]
  /** Identifies the message; see {@link hasComponentId}. */
  readonly componentId?: number
}

/** Whether a message has a component with this id. */
export function hasComponentId(message: Message, componentId: number): boolean {
  return message.components.some(component => 'id' in component && component.id === componentId)
}

/** The pictures of a finished job, or one that was picked from them, with Midjourney's buttons. */
export function resultView(
  pictures: readonly PaintedFile[],
  { t, owner, spoiler, notes, hiddenFiles, componentId }: ResultOptions,
): MessageView {
  const [{ recipe }] = pictures as [PaintedFile]
  const [single] = pictures.length === 1 ? pictures : []
  const smallPrint = [
    t.result.seeds(pictures.map(picture => picture.recipe.seed)),
    plainEngine(recipe.engine),
    ...notes,
  ].join(' · ')
  const quoted = recipe.prompt && `\n${blockQuote(shortenPrompt(recipe.prompt))}`
  const title = `**${t.heading(recipe.edit)}**${quoted}\n-# ${smallPrint}`
  const items = pictures.map(({ name, recipe }) => ({
    name,
    alt: t.result.altText(t.heading(recipe.edit), recipe.seed, shortenPrompt(recipe.prompt)),
    spoiler,
  }))
  const files = pictures.map(({ bytes, name }) => ({ attachment: Buffer.from(bytes), name }))
  const rows = single ? singleRows(single, t, owner) : gridRows(pictures.length, owner)
  const heading = textDisplay(title)
  if (componentId !== undefined) heading.setId(componentId)
  return messageView([heading, gallery(items), ...rows], [...files, ...hiddenFiles])
}

/** The picture at the beginning of a history, as a person uploaded it. */
export function originalView(
  picture: PictureFile,
  { t, owner, spoiler, notes }: Omit<ResultOptions, 'hiddenFiles'>,
): MessageView {
  const title = `**${t.result.originalTitle}**\n-# ${notes.join(' · ')}`
  const shown = gallery([{ name: picture.name, alt: t.result.originalTitle, spoiler }])
  const file = { attachment: Buffer.from(picture.bytes), name: picture.name }
  return messageView([textDisplay(title), shown, ...singleRows(picture, t, owner)], [file])
}

/** A film that zooms out from the first picture of a history to the last. @param pictureCount how many it shows */
export function journeyView(
  film: Uint8Array,
  pictureCount: number,
  { t, owner, spoiler, notes }: Omit<ResultOptions, 'hiddenFiles'>,
): MessageView {
  const title = t.result.journeyTitle(pictureCount)
  const deleteButton = button({ on: 'picture', kind: 'delete', index: 0, owner }, t.buttons.delete, '🗑️')
  return messageView(
    [
      textDisplay(`**${title}**\n-# ${notes.join(' · ')}`),
      gallery([{ name: 'journey.webp', alt: title, spoiler }]),
      buttonRow(deleteButton),
    ],
    [{ attachment: Buffer.from(film), name: 'journey.webp' }],
  )
}

/** Our names stay as they are; others come from a picture that somebody else wrote. */
function plainEngine(engine: string): string {
  return /^[\w .:+-]+$/.test(engine) && !engine.includes('://') ? engine : plainText(cleanLine(engine))
}

function gridRows(count: number, owner: string) {
  const press = (kind: PictureAction, index: number, label: string, emoji?: string) =>
    button({ on: 'picture', kind, index, owner }, label, emoji)
  const indices = Array.from({ length: count }, (_, index) => index)
  return [
    buttonRow(...indices.map(index => press('take', index, `U${index + 1}`)), press('redo', 0, '', '🔄')),
    buttonRow(...indices.map(index => press('vary', index, `V${index + 1}`))),
  ]
}

/** Buttons that need the recipe are left out where there is none. */
function singleRows({ width, height, recipe }: PictureFile, { buttons }: Translations, owner: string) {
  const press = (kind: PictureAction, label: string, emoji?: string) =>
    button({ on: 'picture', kind, index: 0, owner }, label, emoji)
  return [
    buttonRow(
      press('upscale-subtle', buttons.upscaleSubtle, '🔼'),
      press('upscale-creative', buttons.upscaleCreative, '🔼'),
      ...(recipe
        ? [press('vary-subtle', buttons.varySubtle, '🪄'), press('vary-strong', buttons.varyStrong, '🪄')]
        : []),
      press('region', buttons.varyRegion, '🖌️'),
    ),
    buttonRow(
      press('zoom-2', buttons.zoom2, '🔍'),
      press('zoom-1.5', buttons.zoom15, '🔍'),
      press('custom-zoom', buttons.customZoom, '🔍'),
      ...(recipe?.edit.kind === 'zoom' ? [press('upscale-history', buttons.upscaleHistory, '🔼')] : []),
      ...(width === height ? [] : [press('square', buttons.square, width < height ? '↔️' : '↕️')]),
    ),
    buttonRow(
      press('left', '', '⬅️'),
      press('right', '', '➡️'),
      press('up', '', '⬆️'),
      press('down', '', '⬇️'),
      ...(recipe?.edit.kind === 'zoom' ? [press('journey', buttons.journey, '🎞️')] : []),
    ),
    buttonRow(
      // An upscaler reads no prompt.
      ...(recipe && !isPlainUpscale(recipe.edit) ? [press('remix', buttons.remix, '✏️')] : []),
      press('direct', buttons.sendToDirectMessages, '✉️'),
      press('delete', buttons.delete, '🗑️'),
      ...(recipe ? [press('recipe', buttons.recipe, 'ℹ️'), press('original', buttons.original, '⏮️')] : []),
    ),
  ]
}

/** Of a long prompt 1000 characters are quoted: Discord takes 4000 in a message. */
function shortenPrompt(prompt: string): string {
  return prompt.length > 1000 ? `${prompt.slice(0, 1000)}…` : prompt
}
