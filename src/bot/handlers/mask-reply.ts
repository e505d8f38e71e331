import type { Message, SendableChannels } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import type { BotDeps } from '../deps.js'
import type { Responder } from '../messages/interaction-responder.js'
import { fetchMessage, pictureLinksIn } from '../messages/result-files.js'
import { contextOfMessage } from '../request-context.js'
import { confirmOrSubmit, fetchPlannedPicture, plannedPictures } from './mask-confirmation.js'

/** A message of somebody's that answers one of ours with a picture: a mask, and what to paint there. */
export type MaskReply = Message & { readonly channel: SendableChannels }

/** Whether it may be one; without the intent to read messages only those that mention us show their pictures. */
export function isMaskReply(message: Message): message is MaskReply {
  const { author, reference, channel } = message
  return !author.bot && reference?.messageId !== undefined && channel.isSendable() && pictureLinksIn(message).length > 0
}

/** Repaint by a mask that was sent in reply to one of our results. @throws ProblemError */
export async function handleMaskReply(message: MaskReply, answer: Responder, parts: BotDeps): Promise<void> {
  const { client, reference } = message
  const parent = await fetchMessage(client, reference!.channelId, reference!.messageId!)
  if (parent?.author.id !== client.user.id) return
  const pictures = plannedPictures(pictureLinksIn(parent), parent)
  const [mask] = pictureLinksIn(message)
  if (pictures.length === 0 || !mask) return
  const here = contextOfMessage(message, parts)
  await message.channel.sendTyping()
  const drawn = await parts.fetchAttachment(mask)
  const files = pictures.map((_, index) => fetchPlannedPicture(client, { pictures, index }, parts.fetchAttachment))
  const { drawing, index } = await parts.masks.match(drawn, await Promise.all(files))
  const prompt = wordsOf(message)
  const edit = parseEdit({ kind: prompt === '' ? 'remove' : 'inpaint' })
  await confirmOrSubmit(message, answer, { edit, prompt, parent: parent.id, pictures, index }, drawing, here, parts)
}

/** What somebody wrote, without whom they mention. */
function wordsOf({ content }: Message): string {
  return content
    .replace(/<@!?\d+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 1000)
}
