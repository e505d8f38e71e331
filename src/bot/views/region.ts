import { ButtonBuilder, ButtonStyle } from 'discord.js'
import type { Words } from '../../words/words.js'
import type { Action } from '../custom-id.js'
import { button, row, text, type View, view } from './parts.js'

/** Two ways to say what is to be repainted: drawn on a page, or by a mask that is there already. */
export function regionView(link: string, mask: Action, { region, buttons }: Words): View {
  const draw = new ButtonBuilder().setStyle(ButtonStyle.Link).setURL(link).setLabel(region.draw)
  return view([text(`**${buttons.varyRegion}**\n${region.title}`), row(draw, button(mask, region.mask))])
}
