import type { Words } from '../../i18n/i18n.js'
import type { CardAction } from '../custom-id.js'
import { button, gallery, row, text, type View, type ViewFile, view } from './message-view.js'

export type Card = {
  readonly kind: keyof Words['card']['kinds']
  /** How much of the picture would be painted, from 0 to 1. */
  readonly share: number
  readonly certain: boolean
  readonly scaled: boolean
  /** The picture with what would be painted marked on it. */
  readonly overlay: Uint8Array
  /** How many pictures it could be about, and which it is now, from 0. */
  readonly pictures: number
  readonly index: number
  readonly spoiler: boolean
}

/** What was understood of a mask, before anything is painted. @param state what the card's buttons go on from */
export function cardView(card: Card, state: ViewFile, owner: string, { card: words, buttons }: Words): View {
  const percent = card.share < 0.01 ? '<1%' : `${Math.round(card.share * 100)}%`
  const facts = [words.share(percent), words.kinds[card.kind], ...(card.scaled ? [words.scaled] : [])].join(' · ')
  const title = `**${words.title}**\n${facts}${card.certain ? '' : `\n${words.unsure}`}`
  const press = (kind: CardAction, label: string) => button({ on: 'card', kind, owner }, label)
  const picks = Array.from({ length: card.pictures > 1 ? card.pictures : 0 }, (_, index) =>
    press(`pick-${index + 1}` as CardAction, String(index + 1)).setDisabled(index === card.index),
  )
  return view(
    [
      text(title),
      gallery([{ name: 'overlay.webp', alt: words.overlay, spoiler: card.spoiler }]),
      ...(picks.length > 0 ? [row(...picks)] : []),
      row(
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
