import { type APIMessageTopLevelComponent, ButtonStyle, ComponentType, type Message } from 'discord.js'

type Node = { type: number; components?: Node[]; [key: string]: unknown }

/** A message's components with one button in blurple, as Midjourney marks pressed buttons. */
export function highlightButton({ components, attachments }: Message, customId: string): APIMessageTopLevelComponent[] {
  const convert = (node: Node): Node => {
    if (node.type === ComponentType.Button && node.custom_id === customId)
      return { ...node, style: ButtonStyle.Primary }
    if (node.type === ComponentType.MediaGallery) return { ...node, items: (node.items as Item[]).map(galleryItem) }
    return node.components ? { ...node, components: node.components.map(convert) } : node
  }
  // Discord sends a link, which expires, and takes the file's name.
  const galleryItem = ({ media, description, spoiler }: Item) => {
    const file = attachments.find(
      one => one.id === media.attachment_id || withoutQuery(one.url) === withoutQuery(media.url),
    )
    const url = file ? `attachment://${file.name}` : media.url
    return { media: { url }, ...(description && { description }), ...(spoiler && { spoiler }) }
  }
  // Components of every type are converted in one way, and keep their type.
  return components.map(component => convert(component.toJSON() as unknown as Node)) as never
}

type Item = { media: { url: string; attachment_id?: string }; description?: string | null; spoiler?: boolean }

function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!
}
