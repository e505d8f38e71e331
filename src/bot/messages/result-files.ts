import type { Client, Message } from 'discord.js'
import type { PictureLink } from '../../commands/command.js'
import { fileExtension, readSize } from '../../inference/image/decode.js'
import { readPngTexts } from '../../inference/image/png.js'
import { encodeWebp, readWebpParameters } from '../../inference/image/webp.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import { formatParameters } from '../../inference/pipeline/recipe.js'
import { readRecipe } from '../../inference/pipeline/recipe-file.js'
import { UserError } from '../../user-error.js'
import type { MessageFile } from '../views/message-view.js'
import type { PaintedFile, PictureFile } from '../views/result-view.js'
import type { AttachmentFetcher } from './attachments.js'

/** Discord takes no request larger than this; some of it goes to all that is not a file. In bytes. */
const LARGEST_REQUEST = 24 * 1024 * 1024

/** What our files are called in messages: what is shown, what it was made from, and by which mask. */
const SHOWN = /^(overscan-[1-4]|original)\./
const SOURCE = /^source\./
const MASK = /^mask\./

/** What a job's pictures were made from. */
export type SourceFiles = { readonly source?: Uint8Array | undefined; readonly mask?: Uint8Array | undefined }

/**
 * A job's pictures as files that Discord takes, and what they were made from to travel along unseen: as they are, or
 * as WebP where that is too large. A source that doesn't fit even so stays behind.
 *
 * @param limit of one file, in bytes
 * @throws ProblemError `result-too-large`
 */
export async function packResult(
  result: PaintResult,
  { source, mask }: SourceFiles,
  limit: number,
): Promise<{ sheets: PaintedFile[]; keep: MessageFile[] }> {
  const all = [...result.pictures.map(({ png }) => png), ...(source ? [source] : []), ...(mask ? [mask] : [])]
  const fits =
    all.every(file => file.length <= limit) && all.reduce((sum, file) => sum + file.length, 0) <= LARGEST_REQUEST
  const share = fits ? limit : Math.min(limit, Math.floor(LARGEST_REQUEST / all.length))
  const sheets = await Promise.all(
    result.pictures.map(async ({ png, recipe, width, height }, index) => {
      const name = `overscan-${index + 1}`
      if (png.length <= share) return { name: `${name}.png`, bytes: png, recipe, width, height }
      const webp = await encodeWebp(png, formatParameters(recipe, { width, height }), share)
      if (!webp) throw new UserError({ code: 'result-too-large', limit: Math.floor(share / 1024 / 1024) })
      return { name: `${name}.webp`, bytes: webp, recipe, width, height }
    }),
  )
  const original = source && (source.length <= share ? source : await smaller(source, share))
  return {
    sheets,
    keep: await sourceAttachments({ source: original, mask: mask && mask.length <= share ? mask : undefined }),
  }
}

/** What pictures were made from, as files that travel along with them. */
export async function sourceAttachments({ source, mask }: SourceFiles): Promise<MessageFile[]> {
  return [
    ...(source ? [{ attachment: Buffer.from(source), name: `source.${await fileExtension(source)}` }] : []),
    ...(mask ? [{ attachment: Buffer.from(mask), name: 'mask.png' }] : []),
  ]
}

async function smaller(source: Uint8Array, limit: number): Promise<Uint8Array | undefined> {
  const parameters = readPngTexts(source).parameters ?? (await readWebpParameters(source)) ?? ''
  return encodeWebp(source, parameters, limit)
}

/** The pictures that somebody sees in a message: of our own, not what travels along unseen. */
export function pictureLinksIn(message: Message): PictureLink[] {
  const all = [...message.attachments.values()]
  if (message.author.id === message.client.user.id) return all.filter(({ name }) => SHOWN.test(name))
  return all.filter(({ contentType }) => contentType?.startsWith('image/'))
}

/** A file in one of our messages. */
export type AttachmentLocation = { readonly channel: string; readonly message: string; readonly name: string }

/**
 * A picture of ours whose button was pressed. Only what somebody sent has no recipe.
 *
 * @param index the picture's place in the message, from 0
 * @throws ProblemError `attachment-missing`, and those of the fetcher
 */
export async function fetchPictureFile(
  message: Message,
  index: number,
  fetchAttachment: AttachmentFetcher,
): Promise<PictureFile> {
  const link = pictureLinksIn(message)[index]
  if (!link) throw new UserError({ code: 'attachment-missing' })
  const bytes = await fetchAttachmentOf(message, link, fetchAttachment)
  return { name: link.name, bytes, recipe: await readRecipe(bytes), ...(await readSize(bytes)) }
}

/** What the pictures of one of our messages were made from, as far as it travels with them. */
export async function fetchSourceFiles(message: Message, fetchAttachment: AttachmentFetcher): Promise<SourceFiles> {
  const fetched = async (name: RegExp) => {
    const link = message.attachments.find(one => name.test(one.name))
    return link && fetchAttachmentOf(message, link, fetchAttachment)
  }
  const [source, mask] = await Promise.all([fetched(SOURCE), fetched(MASK)])
  return { source, mask }
}

/**
 * A file of a message. Its link may have expired since the message was shown; then the message is fetched afresh.
 *
 * @throws ProblemError those of the fetcher
 */
export async function fetchAttachmentOf(
  message: Message,
  link: PictureLink,
  fetchAttachment: AttachmentFetcher,
): Promise<Uint8Array> {
  const { client, channelId, id } = message
  return fetchOrRefresh(client, link, { channel: channelId, message: id, name: link.name }, fetchAttachment)
}

/** A file by its link, or, where that has expired, by its place. @throws ProblemError those of the fetcher */
export async function fetchOrRefresh(
  client: Client,
  link: PictureLink,
  place: AttachmentLocation | undefined,
  fetchAttachment: AttachmentFetcher,
): Promise<Uint8Array> {
  try {
    return await fetchAttachment(link)
  } catch (error) {
    if (!place || !(error instanceof UserError && error.problem.code === 'attachment-deleted')) throw error
    // Not every place lets us read its messages; then the link was our only way.
    const fresh = await fetchMessage(client, place.channel, place.message)
    const again = fresh?.attachments.find(one => one.name === place.name)
    if (!again) throw error
    return fetchAttachment(again)
  }
}

/** A message, or undefined where it is gone or not ours to read. */
export async function fetchMessage(client: Client, channel: string, message: string): Promise<Message | undefined> {
  const found = await client.channels.fetch(channel).catch(() => null)
  if (!found?.isTextBased()) return undefined
  return found.messages.fetch({ message, force: true }).catch(() => undefined)
}
