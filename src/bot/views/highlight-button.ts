import { type APIMessageTopLevelComponent, ButtonStyle, type Message } from 'discord.js'

type Node = { type: number; components?: Node[]; [key: string]: unknown }

const BUTTON = 2
const GALLERY = 12

/** A message's components with one button in blurple, as Midjourney shows what was pressed already. */
export function highlightButton({ components, attachments }: Message, customId: string): APIMessageTopLevelComponent[] {
  const again = (node: Node): Node => {
    if (node.type === BUTTON && node.custom_id === customId) return { ...node, style: ButtonStyle.Primary }
    if (node.type === GALLERY) return { ...node, items: (node.items as Item[]).map(sendable) }
    return node.components ? { ...node, components: node.components.map(again) } : node
  }
  // What Discord shows of a file is a link that expires; what it takes is the file's name.
  const sendable = ({ media, description, spoiler }: Item) => {
    const file = attachments.find(
      one => one.id === media.attachment_id || withoutQuery(one.url) === withoutQuery(media.url),
    )
    const url = file ? `attachment://${file.name}` : media.url
    return { media: { url }, ...(description && { description }), ...(spoiler && { spoiler }) }
  }
  return components.map(component => again(component.toJSON() as unknown as Node)) as never
}

type Item = { media: { url: string; attachment_id?: string }; description?: string | null; spoiler?: boolean }

function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!
}
