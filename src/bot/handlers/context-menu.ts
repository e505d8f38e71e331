import type { Message, MessageContextMenuCommandInteraction } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchMessage, pictureLinksIn } from '../messages/result-files.js'
import type { RequestContext } from '../request-context.js'
import { extendModal, maskModal, zoomModal } from '../views/modal-views.js'
import { confirmOrSubmit, fetchPlannedPicture, plannedPictures } from './mask-confirmation.js'

/** A command of a message's context menu was chosen. @throws ProblemError */
export async function handleContextMenu(
  interaction: MessageContextMenuCommandInteraction,
  answer: InteractionResponder,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const app = parts.contextMenuCommands.find(({ data }) => data.name === interaction.commandName)
  if (!app) throw new Error(`no command ${interaction.commandName}`)
  const { targetMessage: target } = interaction
  const links = pictureLinksIn(target)
  if (links.length === 0) throw new UserError({ code: 'picture-missing' })
  await parts.seen.set(target.id, links)
  const { dialog: kind } = app
  const action = { on: 'message', kind, channel: target.channelId, message: target.id, owner: here.person.id } as const
  switch (kind) {
    case 'zoom': {
      if (links.length > 1) return answer.showModal(zoomModal(action, links.length, here.t))
      await answer.defer(false)
      const plan = { pictures: plannedPictures(links, target), index: 0 }
      const source = await fetchPlannedPicture(interaction.client, plan, parts.fetchAttachment)
      const edit = { kind: 'zoom', factor: 1.5, grow: false } as const
      return submitJob(interaction, answer, { edit, prompt: '', source, parent: target.id }, here, parts)
    }
    case 'extend':
      return answer.showModal(extendModal(action, links.length, here.t))
    case 'region':
    case 'remove':
      if (mayBeMask(target)) return byMask(interaction, answer, kind, here, parts)
      return answer.showModal(
        maskModal(action, { pictures: links.length, prompt: kind === 'region' ? '' : undefined }, here.t),
      )
  }
}

/** A picture in reply to one of ours says where that one is to be repainted. */
function mayBeMask({ reference, author, client, attachments }: Message): boolean {
  return reference?.messageId !== undefined && author.id !== client.user.id && attachments.size === 1
}

async function byMask(
  interaction: MessageContextMenuCommandInteraction,
  answer: InteractionResponder,
  kind: 'region' | 'remove',
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  await answer.defer(true)
  const { targetMessage: target, client } = interaction
  const { channelId, messageId } = target.reference!
  const parent = await fetchMessage(client, channelId, messageId!)
  const ours = parent?.author.id === client.user.id ? plannedPictures(pictureLinksIn(parent), parent) : []
  const [mask] = pictureLinksIn(target)
  if (ours.length === 0 || !parent || !mask) throw new UserError({ code: 'attachment-missing' })
  const drawn = await parts.fetchAttachment(mask)
  const { drawing, index } = await parts.masks.match(
    drawn,
    await Promise.all(
      ours.map((_, index) => fetchPlannedPicture(client, { pictures: ours, index }, parts.fetchAttachment)),
    ),
  )
  const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
  const prompt = kind === 'region' ? target.content : ''
  await confirmOrSubmit(
    interaction,
    answer,
    { edit, prompt, parent: parent.id, pictures: ours, index },
    drawing,
    here,
    parts,
  )
}
