import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import type { ComponentAction } from '../custom-id.js'
import { blockQuote } from './block-quote.js'
import { button, buttonRow, type MessageView, messageView, textDisplay } from './message-view.js'

/**
 * Offers two ways to mark an area: to draw it on the page, or to send a mask.
 *
 * @param link URL of the drawing page
 * @param maskAction opens the mask modal
 * @param prompt of the picture, which the modal reads from here
 * @param isOpened whether the page is open already, as an Activity
 */
export function drawingLinkView(
  link: string,
  maskAction: ComponentAction,
  prompt: string,
  isOpened: boolean,
  { drawingPage, buttons }: Translations,
): MessageView {
  const draw = new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(drawingPage.openEditor)
  const quoted = prompt && `\n${blockQuote(prompt)}`
  return messageView([
    textDisplay(`**${buttons.varyRegion}**${quoted}\n${isOpened ? drawingPage.openedInDiscord : drawingPage.title}`),
    buttonRow(draw, button(maskAction, drawingPage.sendMask)),
  ])
}
