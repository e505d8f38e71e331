import type { Message, MessageContextMenuCommandInteraction } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchMessage, pictureLinksIn } from '../messages/message-files.js'
import type { RequestContext } from '../request-context.js'
import { extendModal, maskModal, zoomModal } from '../views/modal-views.js'
import { confirmOrSubmit, fetchPlannedPicture, plannedPictures } from './mask-confirmation.js'

/** @throws UserError */
export async function handleContextMenu(
  interaction: MessageContextMenuCommandInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const command = deps.contextMenuCommands.find(({ data }) => data.name === interaction.commandName)
  if (!command) throw new Error(`no command ${interaction.commandName}`)
  const { targetMessage: target } = interaction
  const { person, t } = context
  const links = pictureLinksIn(target)
  if (links.length === 0) throw new UserError({ code: 'picture-missing' })
  await deps.pictureLinks.set(target.id, links)
  const { modal: kind } = command
  const action = { on: 'message', kind, channel: target.channelId, message: target.id, owner: person.id } as const
  switch (kind) {
    case 'zoom': {
      if (links.length > 1) return responder.showModal(zoomModal(action, links.length, t))
      await responder.defer(false)
      const plan = { pictures: plannedPictures(links, target), index: 0 }
      const source = await fetchPlannedPicture(interaction.client, plan, deps.fetchAttachment)
      const edit = { kind: 'zoom', factor: 1.5, grow: false } as const
      const spoiler = links[0]?.spoiler
      return submitJob(interaction, responder, { edit, prompt: '', source, parent: target.id, spoiler }, context, deps)
    }
    case 'extend':
      return responder.showModal(extendModal(action, links.length, t))
    case 'region':
    case 'remove': {
      if (mayBeMask(target)) return repaintByTarget(interaction, responder, kind, context, deps)
      const prompt = kind === 'region' ? '' : undefined
      return responder.showModal(maskModal(action, { pictureCount: links.length, prompt }, t))
    }
  }
}

/** Whether a message is a person's reply with one picture: a mask for the picture that it replies to. */
function mayBeMask({ reference, author, client, attachments }: Message): boolean {
  return reference?.messageId !== undefined && author.id !== client.user.id && attachments.size === 1
}

/** Repaint a result by the mask in the message that the context menu was opened on. @throws UserError */
async function repaintByTarget(
  interaction: MessageContextMenuCommandInteraction,
  responder: InteractionResponder,
  kind: 'region' | 'remove',
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  await responder.defer(true)
  const { targetMessage: target, client } = interaction
  const { fetchAttachment, masks } = deps
  const { channelId, messageId } = target.reference!
  const parent = await fetchMessage(client, channelId, messageId!)
  const isOwn = parent?.author.id === client.user.id
  const pictures = isOwn ? plannedPictures(pictureLinksIn(parent), parent) : []
  const [mask] = pictureLinksIn(target)
  if (pictures.length === 0 || !parent || !mask) throw new UserError({ code: 'attachment-missing' })
  const drawn = await fetchAttachment(mask)
  const files = pictures.map((_, index) => fetchPlannedPicture(client, { pictures, index }, fetchAttachment))
  const { drawing, index } = await masks.match(drawn, await Promise.all(files))
  const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
  const prompt = kind === 'region' ? target.content : ''
  const plan = { edit, prompt, parent: parent.id, pictures, index }
  await confirmOrSubmit(interaction, responder, plan, drawing, context, deps)
}
