import type { Client, Message } from 'discord.js'
import type { PictureLink } from '../../commands/command.js'
import { readSize } from '../../inference/image/decode.js'
import { readRecipe } from '../../inference/pipeline/recipe-file.js'
import { UserError } from '../../user-error.js'
import type { PaintedFile, PictureFile } from '../views/result-view.js'
import type { AttachmentFetcher } from './attachments.js'

/** Names of the bot's files: what a message shows, and what travels with it unseen, the source and the mask. */
const SHOWN = /^(overscan-[1-4]|original)\./
const SOURCE = /^source\./
const MASK = /^mask\./

/** What a job's pictures were painted from. */
export type SourceFiles = { readonly source?: Uint8Array | undefined; readonly mask?: Uint8Array | undefined }

/** Where an attachment is, for when its link has expired. */
export type AttachmentLocation = { readonly channel: string; readonly message: string; readonly name: string }

/** The pictures that a message shows. Of the bot's own messages, without the source files. */
export function pictureLinksIn(message: Message): PictureLink[] {
  const all = [...message.attachments.values()]
  const isOwn = message.author.id === message.client.user.id
  const shown = all.filter(({ name, contentType }) => (isOwn ? SHOWN.test(name) : contentType?.startsWith('image/')))
  const isHidden = hidesGallery(message)
  return shown.map(link => {
    const { url, size, name } = link
    return { url, size, name, spoiler: isHidden || isSpoilerLink(link) }
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

function hidesGallery({ components }: Message): boolean {
  return components.some(component => 'items' in component && component.items.some(item => item.spoiler))
}

/**
 * A picture of one of the bot's messages. It has no recipe where a person uploaded it.
 *
 * @param index of the picture in the message, from 0
 * @throws UserError `attachment-missing`, and those of the fetcher
 */
export async function fetchPictureFile(
  message: Message,
  index: number,
  fetchAttachment: AttachmentFetcher,
): Promise<PictureFile> {
  const link = pictureLinksIn(message)[index]
  if (!link) throw new UserError({ code: 'attachment-missing' })
  const bytes = await fetchAttachmentOf(message, link, fetchAttachment)
  return { name: link.name, bytes, recipe: readRecipe(bytes), ...(await readSize(bytes)) }
}

/** @throws UserError `recipe-missing` */
export function requireRecipe(file: PictureFile): PaintedFile {
  if (!file.recipe) throw new UserError({ code: 'recipe-missing' })
  return { ...file, recipe: file.recipe }
}

/** The source files that travel with one of the bot's messages. @throws UserError those of the fetcher */
export async function fetchSourceFiles(message: Message, fetchAttachment: AttachmentFetcher): Promise<SourceFiles> {
  const fetchNamed = async (pattern: RegExp) => {
    const link = message.attachments.find(({ name }) => pattern.test(name))
    return link && fetchAttachmentOf(message, link, fetchAttachment)
  }
  const [source, mask] = await Promise.all([fetchNamed(SOURCE), fetchNamed(MASK)])
  return { source, mask }
}

/** An attachment of a message, even if its link has expired. @throws UserError those of the fetcher */
export async function fetchAttachmentOf(
  message: Message,
  link: PictureLink,
  fetchAttachment: AttachmentFetcher,
): Promise<Uint8Array> {
  const { client, channelId, id } = message
  return fetchOrRefresh(client, link, { channel: channelId, message: id, name: link.name }, fetchAttachment)
}

/**
 * An attachment by its link. Where that has expired, the message at `location` is fetched for a new one.
 *
 * @throws UserError those of the fetcher
 */
export async function fetchOrRefresh(
  client: Client,
  link: PictureLink,
  location: AttachmentLocation | undefined,
  fetchAttachment: AttachmentFetcher,
): Promise<Uint8Array> {
  try {
    return await fetchAttachment(link)
  } catch (error) {
    const hasExpired = error instanceof UserError && error.problem.code === 'attachment-deleted'
    if (!location || !hasExpired) throw error
    const message = await fetchMessage(client, location.channel, location.message)
    const fresh = message?.attachments.find(({ name }) => name === location.name)
    if (!fresh) throw error
    return fetchAttachment(fresh)
  }
}

/** A message, or undefined where it was deleted or the bot may not read it. */
export async function fetchMessage(client: Client, channel: string, message: string): Promise<Message | undefined> {
  const found = await client.channels.fetch(channel, { allowUnknownGuild: true }).catch(() => null)
  if (!found?.isTextBased()) return undefined
  return found.messages.fetch({ message, force: true }).catch(() => undefined)
}
