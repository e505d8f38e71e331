import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  type MessageContextMenuCommandInteraction,
  PermissionFlagsBits,
} from 'discord.js'
import type { EditRequest, PictureLink } from '../../commands/command.js'
import type { BotDeps } from '../deps.js'
import type { DrawingTarget } from '../drawing/target.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { isSpoilerLink } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { type EditorOffer, editorOfferView } from '../views/drawing-view.js'

type Trigger = ButtonInteraction | MessageContextMenuCommandInteraction | ChatInputCommandInteraction

/** What the editor is offered for. */
export type EditorTask = Omit<EditorOffer, 'links' | 'isOpened'> & {
  /** Of the message or, for a picture that came with a command, of its interaction. */
  readonly message: string
  /** The pictures' indices in the message. */
  readonly indices: readonly number[]
  /** The picture came with a command, whose reply is deferred. Then no Activity can be opened. */
  readonly isCommand?: boolean
}

/** Whether the editor can be offered. Its result is posted in the channel long after the interaction's token has expired. */
export function canOfferEditor(responder: InteractionResponder, { drawingLink }: BotDeps): boolean {
  return drawingLink !== undefined && responder.canPost()
}

/** Offer the editor by links, or as an Activity where Discord opens one. */
export async function offerEditor(
  interaction: Trigger,
  responder: InteractionResponder,
  { message, indices, isCommand = false, ...offer }: EditorTask,
  context: RequestContext,
  { drawingLink, recentTargets, log }: BotDeps,
): Promise<void> {
  if (!drawingLink) throw new Error('no pages are served')
  const common = targetOf(interaction, { message, isCommand, kind: offer.kind }, context)
  const targets = indices.map((index): DrawingTarget => ({ ...common, index }))
  const isOpened = !isCommand && mayLaunchActivity(interaction) && (await launchActivity())
  if (!isOpened && !isCommand) await responder.defer(true)
  const links = await Promise.all(targets.map(drawingLink))
  const sent = responder.notify(editorOfferView({ ...offer, links, isOpened }, context.t))
  // With the Activity open, a failure to show the link does not matter.
  return isOpened ? sent.catch(error => log.warn(error, 'link to the editor not shown')) : sent

  async function launchActivity(): Promise<boolean> {
    const [target] = targets
    if (!recentTargets || !target || targets.length > 1) return false
    // Before the launch: the page asks for its target as soon as it is open.
    await recentTargets.set(target, interaction.id)
    const refusal = await responder.launchActivity()
    if (refusal) log.warn(refusal, 'Activity not launched')
    return !refusal
  }
}

/** The first picture of a message or a command. */
function targetOf(
  { channelId: channel, locale }: Trigger,
  { message, isCommand, kind }: Pick<EditorTask, 'message' | 'isCommand' | 'kind'>,
  { person, server }: RequestContext,
): DrawingTarget {
  return {
    person: person.id,
    channel,
    message,
    index: 0,
    locale,
    ...(server !== undefined && { server }),
    ...(kind !== 'region' && { task: kind }),
    ...(isCommand && { command: true as const }),
  }
}

/** Keep what a command asks for, for the editor and the form next to it: no message shows its picture. */
export async function keepForEditor(
  { id }: ChatInputCommandInteraction,
  request: EditRequest & { readonly picture: PictureLink },
  { pictureLinks, drawingDrafts }: BotDeps,
): Promise<void> {
  const { picture, spoiler } = request
  await pictureLinks.set(id, [{ ...picture, spoiler: spoiler === true || isSpoilerLink(picture) }])
  await drawingDrafts.set(id, request)
}

/** The link to mark the area of a command in the editor; undefined where it can't be offered. */
export async function commandEditorLink(
  interaction: ChatInputCommandInteraction,
  responder: InteractionResponder,
  request: EditRequest & { readonly picture: PictureLink },
  context: RequestContext,
  deps: BotDeps,
): Promise<string | undefined> {
  if (!deps.drawingLink || !canOfferEditor(responder, deps)) return undefined
  await keepForEditor(interaction, request, deps)
  const kind = request.edit.kind === 'remove' ? 'remove' : 'region'
  return deps.drawingLink(targetOf(interaction, { message: interaction.id, isCommand: true, kind }, context))
}

/** Whether the person may open an Activity. In direct messages Discord does not tell. */
function mayLaunchActivity({ context, memberPermissions }: Trigger): boolean {
  const isPermitted = memberPermissions?.has(PermissionFlagsBits.UseEmbeddedActivities) ?? false
  return context === InteractionContextType.Guild && isPermitted
}
