import type { Message, SendableChannels } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import type { Parts } from '../deps.js'
import type { Responder } from '../messages/interaction-responder.js'
import { messageAt, picturesIn } from '../messages/result-files.js'
import { hereOfMessage } from '../request-context.js'
import { askOrPaint, pictureOf, planned } from './mask-confirmation.js'

/** A message of somebody's that answers one of ours with a picture: a mask, and what to paint there. */
export type MaskReply = Message & { readonly channel: SendableChannels }

/** Whether it may be one; without the intent to read messages only those that mention us show their pictures. */
export function isMaskReply(message: Message): message is MaskReply {
  const { author, reference, channel } = message
  return !author.bot && reference?.messageId !== undefined && channel.isSendable() && picturesIn(message).length > 0
}

/** Repaint by a mask that was sent in reply to one of our results. @throws ProblemError */
export async function onMaskReply(message: MaskReply, answer: Responder, parts: Parts): Promise<void> {
  const { client, reference } = message
  const parent = await messageAt(client, reference!.channelId, reference!.messageId!)
  if (parent?.author.id !== client.user.id) return
  const pictures = planned(picturesIn(parent), parent)
  const [mask] = picturesIn(message)
  if (pictures.length === 0 || !mask) return
  const here = hereOfMessage(message, parts)
  await message.channel.sendTyping()
  const drawn = await parts.fetchAttachment(mask)
  const files = pictures.map((_, index) => pictureOf(client, { pictures, index }, parts.fetchAttachment))
  const { drawing, index } = await parts.masks.match(drawn, await Promise.all(files))
  const prompt = wordsOf(message)
  const edit = parseEdit({ kind: prompt === '' ? 'remove' : 'inpaint' })
  await askOrPaint(message, answer, { edit, prompt, parent: parent.id, pictures, index }, drawing, here, parts)
}

/** What somebody wrote, without whom they mention. */
function wordsOf({ content }: Message): string {
  return content
    .replace(/<@!?\d+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 1000)
}
