import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import type { ComponentAction } from '../custom-id.js'
import { blockQuote } from './block-quote.js'
import { button, buttonRow, type MessageView, messageView, textDisplay } from './message-view.js'

/**
 * Two ways to say what is to be repainted: drawn on a page, or by a mask that is there already.
 *
 * @param prompt of the picture, for the dialog
 * @param isOpened Discord opens the page within itself as well
 */
export function drawingLinkView(
  link: string,
  mask: ComponentAction,
  prompt: string,
  isOpened: boolean,
  { drawingPage, buttons }: Translations,
): MessageView {
  const draw = new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(drawingPage.draw)
  const quoted = prompt && `\n${blockQuote(prompt)}`
  return messageView([
    textDisplay(`**${buttons.varyRegion}**${quoted}\n${isOpened ? drawingPage.opened : drawingPage.title}`),
    buttonRow(draw, button(mask, drawingPage.mask)),
  ])
}
