import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Translations } from '../../i18n/i18n.js'
import type { ComponentAction } from '../custom-id.js'
import { blockQuote } from './block-quote.js'
import { button, buttonRow, type MessageView, messageView, textDisplay } from './message-view.js'

/**
 * Offers the ways to mark an area: to draw it on the page, to send a mask, or to choose from numbered objects.
 *
 * @param link URL of the drawing page
 * @param actions `mask` opens the mask modal, `objects` shows the objects where a model can find them
 * @param prompt of the picture, which the modal reads from here
 * @param isOpened whether the page is open already, as an Activity
 */
export function drawingLinkView(
  link: string,
  actions: { readonly mask: ComponentAction; readonly objects: ComponentAction | undefined },
  prompt: string,
  isOpened: boolean,
  { drawingPage, buttons }: Translations,
): MessageView {
  const draw = new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(drawingPage.openEditor)
  const quoted = prompt && `\n${blockQuote(prompt)}`
  return messageView([
    textDisplay(`**${buttons.varyRegion}**${quoted}\n${isOpened ? drawingPage.openedInDiscord : drawingPage.title}`),
    buttonRow(
      draw,
      button(actions.mask, drawingPage.sendMask),
      ...(actions.objects ? [button(actions.objects, drawingPage.chooseObjects)] : []),
    ),
  ])
}
