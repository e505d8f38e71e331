import type { ButtonInteraction } from 'discord.js'
import type { ComponentAction } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import type { RequestContext } from '../request-context.js'
import { quotedPrompt } from '../views/block-quote.js'
import { maskModal } from '../views/modal-views.js'
import { canOfferEditor, type EditorTask, offerEditor } from './offer-editor.js'

/** Vary (Region): offer the editor. Where there is no page, open the mask modal. */
export async function openDrawing(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const prompt = quotedPrompt(interaction.message)
  const findsObjects = deps.segments.isAvailable()
  if (!canOfferEditor(responder, deps)) {
    return responder.showModal(maskModal(action, { pictureCount: 1, prompt, findsObjects }, context.t))
  }
  const { channelId: channel, message } = interaction
  const about = { on: 'message', channel, message: message.id, owner: context.person.id } as const
  const task: EditorTask = {
    kind: 'region',
    message: message.id,
    indices: [action.index],
    prompt,
    modal: { ...about, kind: 'region' },
    ...(findsObjects && { objects: { ...about, kind: 'objects' } }),
  }
  return offerEditor(interaction, responder, task, context, deps)
}
