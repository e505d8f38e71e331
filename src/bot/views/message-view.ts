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

/** A message as it is sent or edited. Prompts are people's words: they may not ping anybody. */
export type MessageView = {
  readonly flags: MessageFlags.IsComponentsV2
  readonly components: JSONEncodable<APIMessageTopLevelComponent>[]
  /** Files that no component shows travel along unseen. */
  readonly files: readonly MessageFile[]
  readonly allowedMentions: { readonly parse: never[] }
}

export function messageView(components: MessageView['components'], files: MessageView['files'] = []): MessageView {
  return { flags: MessageFlags.IsComponentsV2, components, files, allowedMentions: { parse: [] } }
}

export function textView(content: string): MessageView {
  return messageView([textDisplay(content)])
}

/** Discord takes 4000 characters in all of a message's texts. */
export function textDisplay(content: string): TextDisplayBuilder {
  return new TextDisplayBuilder().setContent(content.length > 3900 ? `${content.slice(0, 3900)}…` : content)
}

export function buttonRow(...buttons: ButtonBuilder[]): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)
}

/** A grey button, as all of them are until they were pressed. A label, an emoji, or both. */
export function button(action: ComponentAction, label: string, emoji?: string): ButtonBuilder {
  const made = new ButtonBuilder().setCustomId(formatCustomId(action)).setStyle(ButtonStyle.Secondary)
  if (label) made.setLabel(label)
  if (emoji) made.setEmoji(emoji)
  return made
}

export type GalleryItem = { readonly name: string; readonly alt: string; readonly spoiler?: boolean }

/** Pictures among the message's own files. */
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
