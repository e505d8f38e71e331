import type { Translations } from '../../i18n/i18n.js'
import type { ConfirmationAction } from '../custom-id.js'
import {
  button,
  buttonRow,
  gallery,
  type MessageFile,
  type MessageView,
  messageView,
  textDisplay,
} from './message-view.js'

export type MaskConfirmation = {
  readonly kind: keyof Translations['confirmMask']['kinds']
  /** How much of the picture would be painted, from 0 to 1. */
  readonly coverage: number
  readonly certain: boolean
  readonly scaled: boolean
  /** The picture with what would be painted marked on it. */
  readonly overlay: Uint8Array
  /** How many pictures it could be about, and which it is now, from 0. */
  readonly pictureCount: number
  readonly index: number
  readonly spoiler: boolean
}

/** What was understood of a mask, before anything is painted. @param state what the card's buttons go on from */
export function confirmationView(
  card: MaskConfirmation,
  state: MessageFile,
  owner: string,
  { confirmMask: t, buttons }: Translations,
): MessageView {
  const percent = card.coverage < 0.01 ? '<1%' : `${Math.round(card.coverage * 100)}%`
  const facts = [t.share(percent), t.kinds[card.kind], ...(card.scaled ? [t.scaled] : [])].join(' · ')
  const title = `**${t.title}**\n${facts}${card.certain ? '' : `\n${t.unsure}`}`
  const press = (kind: ConfirmationAction, label: string) => button({ on: 'card', kind, owner }, label)
  const picks = Array.from({ length: card.pictureCount > 1 ? card.pictureCount : 0 }, (_, index) =>
    press(`pick-${index + 1}` as ConfirmationAction, String(index + 1)).setDisabled(index === card.index),
  )
  return messageView(
    [
      textDisplay(title),
      gallery([{ name: 'overlay.webp', alt: t.overlay, spoiler: card.spoiler }]),
      ...(picks.length > 0 ? [buttonRow(...picks)] : []),
      buttonRow(
        press('paint', buttons.paint),
        press('flip', buttons.flip),
        press('grow', buttons.grow),
        press('shrink', buttons.shrink),
        press('discard', buttons.cancel),
      ),
    ],
    [{ attachment: Buffer.from(card.overlay), name: 'overlay.webp' }, state],
  )
}
