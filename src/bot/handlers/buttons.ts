import type { ButtonInteraction, Message } from 'discord.js'
import { formatRecipe } from '../../commands/recipe.js'
import { type Edit, keepsAlpha } from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import { type ComponentAction, type PictureAction, parseCustomId } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import type { JobInput } from '../jobs/paint-params.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchPictureFile, fetchSourceFiles, requireRecipe, type SourceFiles } from '../messages/message-files.js'
import { sendDirectMessage } from '../messages/post-message.js'
import { sourceAttachments } from '../messages/result-files.js'
import { isSpoiler, pictureLinksIn } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { quotedPrompt } from '../views/block-quote.js'
import { highlightButton } from '../views/highlight-button.js'
import { type MessageView, textView } from '../views/message-view.js'
import { customZoomModal, extendModal, maskModal, remixModal } from '../views/modal-views.js'
import { originalView, type PictureFile, type ResultOptions, resultView } from '../views/result-view.js'
import { assertMayPress } from './button-owner.js'
import { UPSCALE_EDITS } from './direct-edits.js'
import { postJourney, postOriginal } from './history-buttons.js'
import { handleConfirmationButton } from './mask-confirmation.js'
import { handleObjectsButton, isObjectsKind } from './object-choice.js'
import { openDrawing } from './open-drawing.js'
import { refillInput } from './refill.js'
import { jobInputFromRecipe, keepingAlphaOf, paintedWith } from './repaint.js'

/** What an arrow adds to its side, as Midjourney's do. */
const PAN = { percent: 50 } as const
const NONE = { pixels: 0 } as const
const EXTEND_NONE = { kind: 'extend', left: NONE, right: NONE, top: NONE, bottom: NONE } as const

/** Edits that need no more than the picture. */
const EDITS: Partial<Record<PictureAction, Edit>> = {
  'zoom-2': { kind: 'zoom', factor: 2, grow: false },
  'zoom-1.5': { kind: 'zoom', factor: 1.5, grow: false },
  square: { kind: 'square' },
  left: { ...EXTEND_NONE, left: PAN },
  right: { ...EXTEND_NONE, right: PAN },
  up: { ...EXTEND_NONE, top: PAN },
  down: { ...EXTEND_NONE, bottom: PAN },
  'upscale-subtle': UPSCALE_EDITS.subtle,
  'upscale-creative': UPSCALE_EDITS.creative,
  vary: { kind: 'vary', strength: 'strong' },
  'vary-strong': { kind: 'vary', strength: 'strong' },
  'vary-subtle': { kind: 'vary', strength: 'subtle' },
}

/** @throws UserError */
export async function handleButton(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  switch (action.on) {
    case 'job':
      return cancelJob(responder, action, context)
    case 'card':
      // That one is a menu.
      if (action.kind === 'objects') throw new UserError({ code: 'button-unknown' })
      return handleConfirmationButton(interaction, responder, action, context, deps)
    case 'picture':
      return handlePictureButton(interaction, responder, action, context, deps)
    case 'message': {
      if (action.owner !== context.person.id) throw new UserError({ code: 'not-yours' })
      const { kind } = action
      if (isObjectsKind(kind)) return handleObjectsButton(interaction, responder, { ...action, kind }, context, deps)
      return openMessageModal(interaction, responder, action, context, deps)
    }
  }
}

/** The modal next to an offer of the editor. Other people's pictures are known by their links. */
async function openMessageModal(
  { message }: ButtonInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'message' }>,
  { t }: RequestContext,
  { pictureLinks, segments }: BotDeps,
): Promise<void> {
  const { kind } = action
  const pictureCount = (await pictureLinks.get(action.message))?.length ?? 1
  if (kind === 'extend') return responder.showModal(extendModal(action, pictureCount, t))
  // The other kinds belong to modals.
  if (kind !== 'region' && kind !== 'remove') throw new UserError({ code: 'button-unknown' })
  const prompt = kind === 'region' ? quotedPrompt(message) : undefined
  return responder.showModal(maskModal(action, { pictureCount, prompt, findsObjects: segments.isAvailable() }, t))
}

async function handlePictureButton(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { message } = interaction
  const { kind, index } = action
  const { t, publicT, person } = context
  const { fetchAttachment } = deps
  assertMayPress(action, context, message)
  switch (kind) {
    case 'custom-zoom':
      return responder.showModal(customZoomModal(action, quotedPrompt(message), t))
    case 'remix':
      return responder.showModal(remixModal(action, quotedPrompt(message), t))
    case 'region':
      return openDrawing(interaction, responder, action, context, deps)
    case 'delete':
      if (!(await responder.update())) throw new UserError({ code: 'message-deleted' })
      return interaction.deleteReply()
    case 'recipe': {
      await responder.defer(true)
      const { recipe } = requireRecipe(await fetchPictureFile(message, index, fetchAttachment))
      return responder.notify(textView(formatRecipe(recipe, t)))
    }
    case 'direct': {
      await responder.defer(true)
      const picture = await fetchPictureFile(message, index, fetchAttachment)
      const sources = await fetchSourceFiles(message, fetchAttachment)
      const options = { t, owner: person.id, spoiler: isSpoiler(message), notes: [] }
      await sendDirectMessage(interaction.user, await singlePictureView(picture, sources, options))
      return responder.notify(textView(t.direct.sent))
    }
  }
  await responder.update(highlightButton(message, interaction.customId))
  if (kind === 'original') return postOriginal(interaction, responder, context, deps)
  if (kind === 'journey') return postJourney(interaction, responder, context, deps)
  const picture = await fetchPictureFile(message, index, fetchAttachment)
  if (kind === 'take') {
    const notes = [publicT.result.imageNumber(index + 1), publicT.result.pickedBy(`<@${person.id}>`)]
    const sources = await fetchSourceFiles(message, fetchAttachment)
    const options = { t: publicT, owner: person.id, spoiler: isSpoiler(message), notes }
    const view = await singlePictureView(picture, sources, options)
    await responder.deliver(() => view, message.id)
    return
  }
  await submitJob(interaction, responder, await jobInputFor(kind, picture, message, deps), context, deps)
}

/** The job that a button asks for. @throws UserError */
async function jobInputFor(
  kind: PictureAction,
  picture: PictureFile,
  message: Message,
  deps: BotDeps,
): Promise<JobInput> {
  if (kind === 'redo') {
    return jobInputFromRecipe(requireRecipe(picture).recipe, message, deps, pictureLinksIn(message).length)
  }
  const { prompt = '' } = picture.recipe ?? {}
  if (kind === 'upscale-history') {
    const input = { prompt, spoiler: isSpoiler(message), source: picture.bytes }
    return { ...input, ...(await refillInput(picture.bytes, message, undefined, deps)) }
  }
  const edit = EDITS[kind]
  if (!edit) throw new Error(`the button ${kind} has no edit`)
  const mask = edit.kind === 'vary' ? await maskOfVariation(picture, message, deps) : undefined
  const params = { edit: keepingAlphaOf(picture, edit), prompt, spoiler: isSpoiler(message) }
  return { ...params, ...paintedWith(picture.recipe, edit), source: picture.bytes, mask, parent: message.id }
}

/** The mask that a result was painted with; if an edit at the same size filled the holes of its source, these. */
async function maskOfVariation(
  { recipe, width, height }: PictureFile,
  message: Message,
  { masks, fetchAttachment }: BotDeps,
): Promise<Uint8Array | undefined> {
  const { source, mask } = await fetchSourceFiles(message, fetchAttachment)
  if (mask || !source || !recipe || ['vary', 'upscale'].includes(recipe.edit.kind) || keepsAlpha(recipe.edit))
    return mask
  if (recipe.old.width !== width || recipe.old.height !== height) return undefined
  try {
    return (await masks.holes(source)).mask
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'holes-missing') return undefined
    throw error
  }
}

/** One picture with its source files. */
async function singlePictureView(
  picture: PictureFile,
  sources: SourceFiles,
  options: Omit<ResultOptions, 'hiddenFiles'>,
): Promise<MessageView> {
  if (!picture.recipe) return originalView(picture, options)
  const name = `overscan-1.${picture.name.split('.').at(-1)}`
  return resultView([requireRecipe({ ...picture, name })], {
    ...options,
    hiddenFiles: sourceAttachments(sources),
  })
}

async function cancelJob(
  responder: InteractionResponder,
  { job }: Extract<ComponentAction, { on: 'job' }>,
  { queue, person }: RequestContext,
): Promise<void> {
  // The queue knows whose job it is. The id of a button can be forged.
  const found = (await queue.list()).find(({ id }) => id === job)
  if (!found) throw new UserError({ code: 'job-already-ended' })
  if (found.person !== person.id && !person.isManager) throw new UserError({ code: 'not-yours' })
  // First: cancelling deletes the message that the button is in.
  const isThere = await responder.update()
  if (!(await queue.cancel(job))) throw new UserError({ code: 'job-already-ended' })
  if (!isThere) throw new UserError({ code: 'cancelled' })
}
