import type { Message, MessageContextMenuCommandInteraction } from 'discord.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { ProblemError } from '../../user-error.js'
import type { Parts } from '../deps.js'
import { paintOrder } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { messageAt, picturesIn } from '../messages/result-files.js'
import type { Here } from '../request-context.js'
import { extendDialog, regionDialog, zoomDialog } from '../views/modal-views.js'
import { askOrPaint, pictureOf, planned } from './mask-confirmation.js'

/** A command of a message's context menu was chosen. @throws ProblemError */
export async function onApp(
  interaction: MessageContextMenuCommandInteraction,
  answer: InteractionResponder,
  here: Here,
  parts: Parts,
): Promise<void> {
  const app = parts.apps.find(({ data }) => data.name === interaction.commandName)
  if (!app) throw new Error(`no command ${interaction.commandName}`)
  const { targetMessage: target } = interaction
  const links = picturesIn(target)
  if (links.length === 0) throw new ProblemError({ code: 'picture-missing' })
  await parts.seen.keep(target.id, links)
  const { dialog: kind } = app
  const action = { on: 'message', kind, channel: target.channelId, message: target.id, owner: here.person.id } as const
  switch (kind) {
    case 'zoom': {
      if (links.length > 1) return answer.ask(zoomDialog(action, links.length, here.words))
      await answer.think(false)
      const plan = { pictures: planned(links, target), index: 0 }
      const source = await pictureOf(interaction.client, plan, parts.fetchAttachment)
      const edit = { kind: 'zoom', factor: 1.5, grow: false } as const
      return paintOrder(interaction, answer, { edit, prompt: '', source, parent: target.id }, here, parts)
    }
    case 'extend':
      return answer.ask(extendDialog(action, links.length, here.words))
    case 'region':
    case 'remove':
      if (mayBeMask(target)) return byMask(interaction, answer, kind, here, parts)
      return answer.ask(
        regionDialog(action, { pictures: links.length, prompt: kind === 'region' ? '' : undefined }, here.words),
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
  here: Here,
  parts: Parts,
): Promise<void> {
  await answer.think(true)
  const { targetMessage: target, client } = interaction
  const { channelId, messageId } = target.reference!
  const parent = await messageAt(client, channelId, messageId!)
  const ours = parent?.author.id === client.user.id ? planned(picturesIn(parent), parent) : []
  const [mask] = picturesIn(target)
  if (ours.length === 0 || !parent || !mask) throw new ProblemError({ code: 'attachment-missing' })
  const drawn = await parts.fetchAttachment(mask)
  const { drawing, index } = await parts.masks.match(
    drawn,
    await Promise.all(ours.map((_, index) => pictureOf(client, { pictures: ours, index }, parts.fetchAttachment))),
  )
  const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
  const prompt = kind === 'region' ? target.content : ''
  await askOrPaint(
    interaction,
    answer,
    { edit, prompt, parent: parent.id, pictures: ours, index },
    drawing,
    here,
    parts,
  )
}
