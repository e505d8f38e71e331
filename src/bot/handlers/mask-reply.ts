import type { Message, SendableChannels } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import type { BotDeps } from '../deps.js'
import { fetchMessage, isHiddenByRecipe } from '../messages/message-files.js'
import type { Responder } from '../messages/responder.js'
import { attachedPictures, pictureLinksIn } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { confirmOrSubmit } from './mask-confirmation.js'
import { fetchPlannedPicture, plannedPictures } from './mask-plan.js'

/** A person's reply with a picture: a mask, and a prompt for what to paint there. */
export type MaskReply = Message & { readonly channel: SendableChannels }

/** Without the message content intent only replies that mention the bot show their pictures. */
export function isMaskReply(message: Message): message is MaskReply {
  const { author, reference, channel } = message
  return (
    !author.bot && reference?.messageId !== undefined && channel.isSendable() && attachedPictures(message).length > 0
  )
}

/** Repaint by a mask that replies to a result. Replies to other messages are ignored. @throws UserError */
export async function handleMaskReply(
  message: MaskReply,
  responder: Responder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { client, reference } = message
  const { fetchAttachment, masks, log } = deps
  const parent = await fetchMessage(client, reference!.channelId, reference!.messageId!)
  if (parent?.author.id !== client.user.id) return
  const pictures = plannedPictures(pictureLinksIn(parent), parent)
  const [mask] = attachedPictures(message)
  if (pictures.length === 0 || !mask) return
  await message.channel.sendTyping().catch(error => log.warn(error, 'typing not shown'))
  const drawn = await fetchAttachment(mask)
  const files = await Promise.all(
    pictures.map((_, index) => fetchPlannedPicture(client, { pictures, index }, fetchAttachment)),
  )
  const { drawing, index } = await masks.match(drawn, files)
  const prompt = promptIn(message)
  const edit = parseEdit({ kind: prompt === '' ? 'remove' : 'inpaint' })
  const spoiler = mask.spoiler === true || isHiddenByRecipe(files[index])
  const plan = { edit, prompt, parent: parent.id, pictures, index, spoiler }
  await confirmOrSubmit(message, responder, plan, drawing, context, deps)
}

/** The message's text without its mentions. */
function promptIn({ content }: Message): string {
  return content
    .replace(/<@!?\d+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 1000)
}
