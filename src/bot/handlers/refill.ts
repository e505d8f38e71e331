import type { Client, Message } from 'discord.js'
import { planRefill, traceHistory } from '../../inference/history/plan.js'
import { MAX_PICTURE_SIZE } from '../../inference/image/geometry.js'
import { fingerprint } from '../../inference/pipeline/recipe.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import type { JobInput } from '../jobs/paint-params.js'
import { findLatestMessage } from '../messages/find-message.js'
import { sourceFinder } from '../messages/history.js'
import { fetchPictureFile } from '../messages/message-files.js'
import { pictureLinksIn } from '../messages/shown-pictures.js'

/**
 * Upscaling from history: what the pictures behind a message's picture say of it.
 *
 * @param message that shows the picture, if it is known
 * @param scale of the result; as large as the earliest picture needs, if left out
 * @throws UserError `history-missing`, `upscale-too-large`
 */
export async function refillInput(
  picture: Uint8Array,
  message: Message | undefined,
  scale: number | undefined,
  { fetchAttachment }: BotDeps,
): Promise<Pick<JobInput, 'edit' | 'earlier' | 'parent'>> {
  const find = message ? sourceFinder(message, fetchAttachment) : async () => undefined
  // The buttons under the result paint on from it, so it must not be larger than what can be read again.
  const found = await traceHistory(picture, find, MAX_PICTURE_SIZE)
  return { ...planRefill(picture, found, MAX_PICTURE_SIZE, scale), ...(message && { parent: message.id }) }
}

/** The bot's message in a channel that shows a picture somebody uploaded again; undefined where it is not among the latest. */
export async function messageOfPicture(
  client: Client<true>,
  channelId: string,
  file: { readonly bytes: Uint8Array; readonly size: number },
  { fetchAttachment }: BotDeps,
): Promise<Message | undefined> {
  return findLatestMessage(client, channelId, async message => {
    const index = pictureLinksIn(message).findIndex(({ size }) => size === file.size)
    if (index < 0) return false
    const picture = await fetchPictureFile(message, index, fetchAttachment).catch(error => {
      // It can't be the picture that the person has.
      if (error instanceof UserError) return undefined
      throw error
    })
    return picture !== undefined && fingerprint(picture.bytes) === fingerprint(file.bytes)
  })
}
