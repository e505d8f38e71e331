import type { Client, Message } from 'discord.js'
import type { PictureLink } from '../../commands/command.js'
import { readHeader } from '../../inference/image/header.js'
import { readRecipe } from '../../inference/pipeline/recipe-file.js'
import { UserError } from '../../user-error.js'
import type { PaintedFile, PictureFile } from '../views/result-view.js'
import type { AttachmentFetcher } from './attachments.js'
import { pictureLinksIn } from './shown-pictures.js'

/** Names of the bot's files that travel with a message unseen. */
const SOURCE = /^source\./
const MASK = /^mask\./

/** What a job's pictures were painted from. */
export type SourceFiles = { readonly source?: Uint8Array | undefined; readonly mask?: Uint8Array | undefined }

/** Where an attachment is, for when its link has expired. */
export type AttachmentLocation = { readonly channel: string; readonly message: string; readonly name: string }

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
  return pictureFile(link.name, await fetchAttachmentOf(message, link, fetchAttachment))
}

/** What the bytes of a picture say. @throws UserError those of `readHeader` */
export function pictureFile(name: string, bytes: Uint8Array): PictureFile {
  const { width, height } = readHeader(bytes)
  return { name, bytes, recipe: readRecipe(bytes), width, height }
}

/** Whether a picture was painted as a hidden one, also if it was downloaded and sent again. */
export function isHiddenByRecipe(picture: Uint8Array | undefined): boolean {
  return picture !== undefined && readRecipe(picture)?.spoiler === true
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
    const fresh =
      message?.attachments.find(({ name }) => name === location.name) ??
      (message && pictureLinksIn(message).find(({ name }) => name === location.name))
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
