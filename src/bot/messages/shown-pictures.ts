import { type Attachment, type Message, MessageFlags, type Sticker, StickerFormatType } from 'discord.js'
import type { PictureLink } from '../../commands/command.js'
import type { Problem } from '../../user-error.js'

/** Names of the bot's files that a message shows. Others travel with it unseen. */
const SHOWN = /^(overscan-[1-4]|original)\./

/** The most pictures of a message: a menu and a plan hold no more. */
const PICTURE_LIMIT = 10

const PICTURE_NAME = /\.(png|apng|jpe?g|jpe|jfif|webp|gif|avif|tiff?|heic|heif|jxl|jp2|bmp)$/i

/** Names that say nothing about a file: none, or one that means "data". */
const TELLS_NOTHING = /^[^.]*$|\.(bin|dat|data|file|tmp|blob|unknown)$/i

/** What a message shows. A forwarded message is a snapshot of it. */
type Content = Pick<Message, 'attachments' | 'components' | 'content' | 'embeds' | 'stickers' | 'flags'>

/**
 * The pictures that a message shows, at most 10: attachments, those of forwarded messages, those of links and galleries,
 * and stickers. Of the bot's own messages, without the source files.
 */
export function pictureLinksIn(message: Message): PictureLink[] {
  if (message.author.id === message.client.user.id) return attachedPictures(message)
  const contents: Content[] = [message, ...message.messageSnapshots.values()]
  const cdn = new URL(message.client.rest.options.cdn).origin
  const links = contents.flatMap(content => [
    ...attachedPictures(content, false),
    ...linkedPictures(content, cdn),
    ...content.stickers.filter(isReadableSticker).map(stickerPicture),
  ])
  return links.slice(0, PICTURE_LIMIT)
}

/** The pictures that were uploaded with a message: of the ways to show one, the only one in which people send masks. */
export function attachedPictures(content: Content, isOwn = isOwnMessage(content)): PictureLink[] {
  const visible = isOwn ? [...content.attachments.values()] : visibleAttachments(content)
  const named = visible.filter(({ name }) => SHOWN.test(unmarkedName(name)))
  const known = isOwn ? named : visible.filter(isPicture)
  // The bytes say what it is, once it is downloaded.
  const pictures = known.length > 0 || isOwn ? known : visible.filter(isUnknownFile)
  const hidesAll = hidesGallery(content)
  return pictures.map(link => {
    const { url, size, name } = link
    return { url, size, name, spoiler: hidesAll || isSpoilerLink(link) }
  })
}

/** Whether Discord hides a picture until it is clicked: by the attachment's flag, or by its name. Results made of it are hidden too. */
export function isSpoilerLink({ name, spoiler }: PictureLink): boolean {
  return spoiler === true || name.startsWith('SPOILER_')
}

/** Whether a message hides any of its pictures. */
export function isSpoiler(message: Message): boolean {
  return hidesGallery(message) || message.attachments.some(isSpoilerLink)
}

/** Why a message has no picture. */
export function noPictureProblem({ stickers, messageSnapshots }: Message): Problem {
  const all = [...stickers.values(), ...[...messageSnapshots.values()].flatMap(one => [...one.stickers.values()])]
  return { code: all.length > 0 ? 'sticker-unsupported' : 'picture-missing' }
}

/** A file's name without Discord's mark of a spoiler. */
export function unmarkedName(name: string): string {
  return name.replace(/^SPOILER_/, '')
}

function isOwnMessage(content: Content): boolean {
  const { author, client } = content as Partial<Message>
  return author !== undefined && author !== null && author.id === client?.user?.id
}

/** Messages of components show only the attachments that these name. */
function visibleAttachments(content: Content): Attachment[] {
  const all = [...content.attachments.values()]
  if (!content.flags.has(MessageFlags.IsComponentsV2)) return all
  const shown = new Set(galleryItems(content).flatMap(({ media }) => [pathOf(media.url), media.data.attachment_id]))
  return all.filter(({ id, url }) => shown.has(id) || shown.has(pathOf(url)))
}

function isPicture({ contentType, name }: Attachment): boolean {
  if (contentType?.startsWith('image/')) return true
  return hasUnknownType(contentType) && PICTURE_NAME.test(name)
}

function isUnknownFile({ contentType, name }: Attachment): boolean {
  return hasUnknownType(contentType) && TELLS_NOTHING.test(name)
}

function hasUnknownType(contentType: string | null): boolean {
  return !contentType || /\boctet-stream\b/.test(contentType)
}

/** Pictures of links, in embeds and in galleries, by Discord's own hosts: others are never asked. */
function linkedPictures(content: Content, cdn: string): PictureLink[] {
  const link = (media: { url: string; proxyURL?: string | undefined }, spoiler: boolean): PictureLink => {
    const url = media.url.startsWith(`${cdn}/`) ? media.url : (media.proxyURL ?? media.url)
    return { url, size: 0, name: pathOf(url)?.split('/').at(-1) || 'picture', spoiler }
  }
  const embedded = content.embeds.flatMap(({ image, thumbnail, url }) => {
    const picture = image ?? thumbnail
    return picture ? [link(picture, isSpoilerText(content.content, url ?? picture.url))] : []
  })
  const attached = new Set([...content.attachments.values()].map(({ url }) => pathOf(url)))
  const isHidden = hidesGallery(content)
  const items = galleryItems(content).filter(({ media }) => !attached.has(pathOf(media.url)))
  return [...embedded, ...items.map(({ media }) => link({ url: media.url, proxyURL: media.data.proxy_url }, isHidden))]
}

/** Whether a text has a link between `||` and `||`. */
function isSpoilerText(text: string, url: string): boolean {
  return [...text.matchAll(/\|\|([\s\S]+?)\|\|/g)].some(([, hidden]) => hidden!.includes(url))
}

function hidesGallery(content: Content): boolean {
  return galleryItems(content).some(({ spoiler }) => spoiler)
}

function galleryItems({ components }: Content) {
  return components.flatMap(component => {
    const nested = 'components' in component ? component.components : []
    return [component, ...nested].flatMap(one => ('items' in one ? one.items : []))
  })
}

function isReadableSticker({ format }: Sticker): boolean {
  return format !== StickerFormatType.Lottie
}

function stickerPicture({ url, name }: Sticker): PictureLink {
  return { url, size: 0, name: `${name}.${url.split('.').at(-1)}`, spoiler: false }
}

/** A URL without its signature. */
function pathOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).pathname : undefined
}
