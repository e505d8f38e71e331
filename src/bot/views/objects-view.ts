import { ActionRowBuilder, StringSelectMenuBuilder } from 'discord.js'
import { objectLabel } from '../../commands/object-numbers.js'
import type { Translations } from '../../i18n/i18n.js'
import { formatCustomId } from '../custom-id.js'
import { editorButton } from './drawing-view.js'
import {
  button,
  buttonRow,
  gallery,
  type MessageFile,
  type MessageView,
  messageView,
  textDisplay,
} from './message-view.js'

/** The objects of a picture to choose from. @property shares of the picture, one for each */
export type ObjectMenu = { readonly shares: readonly number[]; readonly chosen: readonly number[] }

/**
 * Shows the numbered objects of a picture, and asks which are meant.
 *
 * @param overlay WebP
 * @param link to mark the area in the editor instead
 * @param sheet the file of their masks, which holds the plan
 */
export function objectsView(
  { shares }: Pick<ObjectMenu, 'shares'>,
  {
    overlay,
    spoiler,
    link,
  }: { readonly overlay: Uint8Array; readonly spoiler: boolean; readonly link?: string | undefined },
  sheet: MessageFile,
  owner: string,
  t: Translations,
): MessageView {
  return messageView(
    [
      textDisplay(`**${t.objects.title}**\n${t.objects.hint}`),
      gallery([{ name: 'overlay.webp', alt: t.objects.overlay, spoiler }]),
      objectMenu({ shares, chosen: [] }, owner, t),
      buttonRow(
        ...(link === undefined ? [] : [editorButton(link, t)]),
        button({ on: 'card', kind: 'discard', owner }, t.buttons.cancel),
      ),
    ],
    [{ attachment: Buffer.from(overlay), name: 'overlay.webp' }, sheet],
  )
}

/** A menu of numbered objects, in which several can be chosen. */
export function objectMenu(
  { shares, chosen }: ObjectMenu,
  owner: string,
  t: Translations,
): ActionRowBuilder<StringSelectMenuBuilder> {
  const options = shares.map((share, index) => ({
    label: `${index + 1} · ${objectLabel(share, t)}`,
    value: String(index + 1),
    default: chosen.includes(index + 1),
  }))
  const menu = new StringSelectMenuBuilder()
    .setCustomId(formatCustomId({ on: 'card', kind: 'objects', owner }))
    .setPlaceholder(t.objects.choose)
    .setMinValues(1)
    .setMaxValues(options.length)
    .addOptions(options)
  return new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)
}
