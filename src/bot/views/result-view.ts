import type { Message } from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
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

/** A picture as a file that Discord takes; without a recipe where somebody sent it. */
export type PictureFile = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly recipe: Recipe | undefined
  readonly width: number
  readonly height: number
}

export type PaintedFile = PictureFile & { readonly recipe: Recipe }

export type ResultOptions = {
  readonly words: Translations
  /** Who asked for it. */
  readonly owner: string
  readonly spoiler: boolean
  /** Small print besides seed and engine. */
  readonly notes: readonly string[]
  /** What travels along unseen, so that it can be painted again. */
  readonly keep: readonly MessageFile[]
  /** Tells this message from any other; see {@link hasComponentId}. */
  readonly mark?: number
}

/** Whether a message is the one that was sent with this mark. */
export function hasComponentId(message: Message, mark: number): boolean {
  return message.components.some(component => 'id' in component && component.id === mark)
}

/** The pictures of a finished job, or the one that was taken out of them, with Midjourney's buttons. */
export function resultView(
  sheets: readonly PaintedFile[],
  { words, owner, spoiler, notes, keep, mark }: ResultOptions,
): MessageView {
  const [{ recipe }] = sheets as [PaintedFile]
  const [single] = sheets.length === 1 ? sheets : []
  const small = [words.result.seeds(sheets.map(sheet => sheet.recipe.seed)), recipe.engine, ...notes].join(' · ')
  const quoted = recipe.prompt && `\n${blockQuote(shortened(recipe.prompt))}`
  const title = `**${words.heading(recipe.edit)}**${quoted}\n-# ${small}`
  const pictures = sheets.map(({ name, recipe }) => ({
    name,
    alt: words.result.altText(words.heading(recipe.edit), recipe.seed, shortened(recipe.prompt)),
    spoiler,
  }))
  const files = sheets.map(({ bytes, name }) => ({ attachment: Buffer.from(bytes), name }))
  const rows = single ? singleRows(single, words, owner) : gridRows(sheets.length, owner)
  const heading = textDisplay(title)
  if (mark !== undefined) heading.setId(mark)
  return messageView([heading, gallery(pictures), ...rows], [...files, ...keep])
}

/** The first picture of a family, as somebody sent it. */
export function originalView(
  sheet: PictureFile,
  { words, owner, spoiler, notes }: Omit<ResultOptions, 'keep'>,
): MessageView {
  const title = `**${words.result.originalTitle}**\n-# ${notes.join(' · ')}`
  const picture = gallery([{ name: sheet.name, alt: words.result.originalTitle, spoiler }])
  const file = { attachment: Buffer.from(sheet.bytes), name: sheet.name }
  return messageView([textDisplay(title), picture, ...singleRows(sheet, words, owner)], [file])
}

/** A film of the way from the first picture to one that was zoomed out of it. */
export function journeyView(
  film: Uint8Array,
  pictures: number,
  { words, owner, spoiler, notes }: Omit<ResultOptions, 'keep'>,
): MessageView {
  const title = words.result.journeyTitle(pictures)
  const away = button({ on: 'picture', kind: 'delete', index: 0, owner }, words.buttons.delete, '🗑️')
  return messageView(
    [
      textDisplay(`**${title}**\n-# ${notes.join(' · ')}`),
      gallery([{ name: 'journey.webp', alt: title, spoiler }]),
      buttonRow(away),
    ],
    [{ attachment: Buffer.from(film), name: 'journey.webp' }],
  )
}

function gridRows(count: number, owner: string) {
  const press = (kind: PictureAction, index: number, label: string, emoji?: string) =>
    button({ on: 'picture', kind, index, owner }, label, emoji)
  const each = Array.from({ length: count }, (_, index) => index)
  return [
    buttonRow(...each.map(index => press('take', index, `U${index + 1}`)), press('redo', 0, '', '🔄')),
    buttonRow(...each.map(index => press('vary', index, `V${index + 1}`))),
  ]
}

/** What needs to know how the picture was painted is left out where nobody knows. */
function singleRows({ width, height, recipe }: PictureFile, { buttons }: Translations, owner: string) {
  const press = (kind: PictureAction, label: string, emoji?: string) =>
    button({ on: 'picture', kind, index: 0, owner }, label, emoji)
  return [
    buttonRow(
      ...(recipe
        ? [press('vary-subtle', buttons.varySubtle, '🪄'), press('vary-strong', buttons.varyStrong, '🪄')]
        : []),
      press('region', buttons.varyRegion, '🖌️'),
    ),
    buttonRow(
      press('zoom-2', buttons.zoom2, '🔍'),
      press('zoom-1.5', buttons.zoom15, '🔍'),
      press('custom-zoom', buttons.customZoom, '🔍'),
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
      ...(recipe ? [press('remix', buttons.remix, '✏️')] : []),
      press('direct', buttons.direct, '✉️'),
      press('delete', buttons.delete, '🗑️'),
      ...(recipe ? [press('recipe', buttons.recipe, 'ℹ️'), press('original', buttons.original, '⏮️')] : []),
    ),
  ]
}

function shortened(prompt: string): string {
  return prompt.length > 1000 ? `${prompt.slice(0, 1000)}…` : prompt
}
