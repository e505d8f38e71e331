import { type ButtonInteraction, InteractionContextType, PermissionFlagsBits } from 'discord.js'
import type { ComponentAction } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import type { DrawingTarget } from '../drawing/target.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import type { RequestContext } from '../request-context.js'
import { quotedPrompt } from '../views/block-quote.js'
import { drawingLinkView } from '../views/drawing-view.js'
import { maskModal } from '../views/modal-views.js'

/** Offer the drawing page, as an Activity where Discord opens one. Where there is no page, open the mask modal. */
export async function openDrawing(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  { person, server, t }: RequestContext,
  { drawingLink, recentTargets, segments, log }: BotDeps,
): Promise<void> {
  const { message, channelId, locale } = interaction
  const prompt = quotedPrompt(message)
  // The page reads the message long after the button was pressed, and then the interaction's token has expired.
  if (!drawingLink || !responder.canPost()) {
    return responder.showModal(maskModal(action, { pictureCount: 1, prompt, findsObjects: segments.isAvailable() }, t))
  }
  const target: DrawingTarget = {
    person: person.id,
    channel: channelId,
    message: message.id,
    index: action.index,
    locale,
    ...(server !== undefined && { server }),
  }
  const isOpened = recentTargets !== undefined && mayLaunchActivity(interaction) && (await launchActivity())
  if (!isOpened) await responder.defer(true)
  const link = await drawingLink(target)
  const about = { on: 'message', channel: channelId, message: message.id, owner: person.id } as const
  const actions: Parameters<typeof drawingLinkView>[1] = {
    mask: { ...about, kind: 'region' },
    objects: segments.isAvailable() ? { ...about, kind: 'objects' } : undefined,
  }
  const sent = responder.notify(drawingLinkView(link, actions, prompt, isOpened, t))
  // With the Activity open, a failure to show the link does not matter.
  return isOpened ? sent.catch(error => log.warn(error, 'link to the editor not shown')) : sent

  async function launchActivity(): Promise<boolean> {
    // Before the launch: the page asks for its target as soon as it is open.
    await recentTargets?.set(target, interaction.id)
    const refusal = await responder.launchActivity()
    if (refusal) log.warn(refusal, 'Activity not launched')
    return !refusal
  }
}

/** Whether the person may open an Activity. In direct messages Discord does not tell. */
function mayLaunchActivity({ context, memberPermissions }: ButtonInteraction): boolean {
  const isPermitted = memberPermissions?.has(PermissionFlagsBits.UseEmbeddedActivities) ?? false
  return context === InteractionContextType.Guild && isPermitted
}
