import {
  ActionRowBuilder,
  type APIMessageTopLevelComponent,
  ButtonBuilder,
  ButtonStyle,
  type JSONEncodable,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  MessageFlags,
  TextDisplayBuilder,
} from 'discord.js'
import { type ComponentAction, formatCustomId } from '../custom-id.js'

export type MessageFile = { readonly attachment: Buffer; readonly name: string }

/** A message as it is sent or edited. It mentions nobody, since prompts are people's text. */
export type MessageView = {
  readonly flags: MessageFlags.IsComponentsV2
  readonly components: JSONEncodable<APIMessageTopLevelComponent>[]
  /** Files that no component refers to travel with the message unseen. */
  readonly files: readonly MessageFile[]
  readonly allowedMentions: { readonly parse: never[] }
}

export function messageView(components: MessageView['components'], files: MessageView['files'] = []): MessageView {
  return { flags: MessageFlags.IsComponentsV2, components, files, allowedMentions: { parse: [] } }
}

export function textView(content: string): MessageView {
  return messageView([textDisplay(content)])
}

/** Most characters of a text. Discord takes 4000 in all texts of a message. */
const TEXT_LIMIT = 3900

/** A text, cut to {@link TEXT_LIMIT}. */
export function textDisplay(content: string): TextDisplayBuilder {
  return new TextDisplayBuilder().setContent(content.length > TEXT_LIMIT ? `${content.slice(0, TEXT_LIMIT)}…` : content)
}

export function buttonRow(...buttons: ButtonBuilder[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)
}

/** A grey button, with a label, an emoji, or both. */
export function button(action: ComponentAction, label: string, emoji?: string): ButtonBuilder {
  const builder = new ButtonBuilder().setCustomId(formatCustomId(action)).setStyle(ButtonStyle.Secondary)
  if (label) builder.setLabel(label)
  if (emoji) builder.setEmoji(emoji)
  return builder
}

export type GalleryItem = { readonly name: string; readonly alt: string; readonly spoiler?: boolean }

/** Shows pictures by the names of the message's files. */
export function gallery(pictures: readonly GalleryItem[]): MediaGalleryBuilder {
  return new MediaGalleryBuilder().addItems(
    pictures.map(({ name, alt, spoiler = false }) =>
      new MediaGalleryItemBuilder()
        .setURL(`attachment://${name}`)
        .setDescription(alt.slice(0, 1024))
        .setSpoiler(spoiler),
    ),
  )
}
