import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Words } from '../../i18n/i18n.js'
import type { Action } from '../custom-id.js'
import { quote } from './block-quote.js'
import { button, row, text, type View, view } from './message-view.js'

/**
 * Two ways to say what is to be repainted: drawn on a page, or by a mask that is there already.
 *
 * @param prompt of the picture, for the dialog
 * @param isOpened Discord opens the page within itself as well
 */
export function regionView(
  link: string,
  mask: Action,
  prompt: string,
  isOpened: boolean,
  { region, buttons }: Words,
): View {
  const draw = new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(region.draw)
  const quoted = prompt && `\n${quote(prompt)}`
  return view([
    text(`**${buttons.varyRegion}**${quoted}\n${isOpened ? region.opened : region.title}`),
    row(draw, button(mask, region.mask)),
  ])
}
