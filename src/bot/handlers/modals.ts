import type { ModalSubmitInteraction } from 'discord.js'
import { parseShape } from '../../commands/fit.js'
import { GRID_SIZES } from '../../inference/mask/grid.js'
import {
  type Edit,
  isPlainUpscale,
  parseAspect,
  parseEdit,
  parseFactor,
  parseLength,
} from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import { type ComponentAction, type MessageAction, parseCustomId } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import { editOfDraft } from '../drawing/drafts.js'
import type { JobInput } from '../jobs/paint-params.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchPictureFile, isHiddenByRecipe, requireRecipe } from '../messages/message-files.js'
import { isSpoiler, isSpoilerLink, pictureLinksIn } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { highlightButton } from '../views/highlight-button.js'
import { MODAL_FIELDS, MODAL_SIDES } from '../views/modal-views.js'
import { assertMayPress } from './button-owner.js'
import { DIRECT_EDITS, UPSCALE_EDITS } from './direct-edits.js'
import { confirmOrSubmit } from './mask-confirmation.js'
import { fetchMessagePictures, fetchPlannedPicture, type PlannedEdit, plannedPictures } from './mask-plan.js'
import { fillHolesOrShowObjects, isObjectsKind, showObjectsOf } from './object-choice.js'
import { jobInputFromRecipe, keepingAlphaOf, paintedWith } from './repaint.js'

/** @throws UserError */
export async function handleModal(
  interaction: ModalSubmitInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  if (action.on === 'picture') return handlePictureModal(interaction, responder, action, context, deps)
  if (action.on === 'message') return handleMessageModal(interaction, responder, action, context, deps)
  throw new UserError({ code: 'button-unknown' })
}

/** A modal that a button under a result opened. */
async function handlePictureModal(
  interaction: ModalSubmitInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { message } = interaction
  if (!message) throw new UserError({ code: 'button-unknown' })
  assertMayPress(action, context, message)
  const prompt = textField(interaction, MODAL_FIELDS.prompt)
  const spoiler = isSpoiler(message)
  if (action.kind === 'region') {
    await responder.defer(true)
    const pictures = plannedPictures(pictureLinksIn(message), message)
    const edit = parseEdit({ kind: 'inpaint' })
    const plan = { edit, prompt, spoiler, parent: message.id, pictures, index: action.index }
    return repaintByMask(interaction, responder, plan, context, deps)
  }
  const zoom = action.kind === 'custom-zoom' ? readZoom(interaction) : undefined
  await responder.update(highlightButton(message, interaction.customId))
  const picture = await fetchPictureFile(message, action.index, deps.fetchAttachment)
  const input: JobInput = zoom
    ? {
        edit: keepingAlphaOf(picture, zoom),
        prompt,
        ...paintedWith(picture.recipe),
        source: picture.bytes,
        parent: message.id,
        spoiler,
      }
    : { ...(await jobInputFromRecipe(requireRecipe(picture).recipe, message, deps)), prompt }
  await submitJob(interaction, responder, input, context, deps)
}

/** A modal that a context menu opened, on a message that may be another person's. */
async function handleMessageModal(
  interaction: ModalSubmitInteraction,
  responder: InteractionResponder,
  action: Extract<ComponentAction, { on: 'message' }>,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { kind, channel, message: parent } = action
  const showsObjects = isObjectsKind(kind)
  await responder.defer(showsObjects || kind === 'region' || kind === 'remove')
  const index = Number(selectedValues(interaction, MODAL_FIELDS.pictureIndex)[0] ?? 0)
  if (showsObjects) return showObjectsOf(interaction, responder, { ...action, kind }, index, context, deps)
  const { pictures } = await fetchMessagePictures(interaction.client, channel, parent, deps)
  // A command that opened the form has said more than the form asks.
  const draft = await deps.drawingDrafts.get(parent)
  const { edit: _, ...given } = draft ?? {}
  const prompt = textField(interaction, MODAL_FIELDS.prompt)
  const spoiler = pictures[index]?.spoiler
  const plan = { ...given, prompt, spoiler, parent, pictures, index }
  if (kind === 'region' || kind === 'remove') {
    const edit = editOfDraft({ kind: kind === 'region' ? 'inpaint' : 'remove' }, draft)
    return repaintByMask(interaction, responder, { ...plan, edit }, context, deps)
  }
  const edit = editOfDraft(readMessageEdit(kind, interaction), draft)
  const source = await fetchPlannedPicture(interaction.client, plan, deps.fetchAttachment)
  // An upscaler reads no prompt.
  const input = { ...given, edit, prompt: isPlainUpscale(edit) ? '' : prompt, source, parent, spoiler }
  await submitJob(interaction, responder, input, context, deps)
}

/** Repaint by the uploaded mask, or by the selected grid cells; where there is neither, by numbered objects. @throws UserError */
async function repaintByMask(
  interaction: ModalSubmitInteraction,
  responder: InteractionResponder,
  plan: PlannedEdit,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { fetchAttachment, masks } = deps
  const mask = uploadedFile(interaction, MODAL_FIELDS.mask)
  const grids = GRID_SIZES.map(across => ({
    across,
    cells: selectedValues(interaction, MODAL_FIELDS.cells(across)).map(Number),
  }))
  const isEmpty = grids.every(({ cells }) => cells.length === 0)
  const picture = await fetchPlannedPicture(interaction.client, plan, fetchAttachment)
  const drawing = mask
    ? await masks.interpret(await fetchAttachment(mask), picture, false)
    : isEmpty
      ? undefined
      : await masks.fromGrid(picture, grids)
  // A marked copy shows what its picture hides.
  const spoiler = plan.spoiler || (mask !== undefined && isSpoilerLink(mask)) || isHiddenByRecipe(picture)
  const planned = { ...plan, spoiler }
  if (drawing) return confirmOrSubmit(interaction, responder, planned, drawing, context, deps)
  return fillHolesOrShowObjects(interaction, responder, planned, { picture }, context, deps)
}

/** The edit of a modal that needs no mask. @throws UserError */
function readMessageEdit(
  kind: Exclude<MessageAction, 'region' | 'remove' | 'objects' | 'remove-objects'>,
  interaction: ModalSubmitInteraction,
): Edit {
  switch (kind) {
    case 'zoom':
    case 'square':
      return DIRECT_EDITS[kind]
    case 'upscale':
      return UPSCALE_EDITS[selectedValues(interaction, MODAL_FIELDS.upscale)[0] === 'creative' ? 'creative' : 'subtle']
    case 'extend':
      return readExtend(interaction)
    case 'fit':
      return parseShape(textField(interaction, MODAL_FIELDS.shape))
  }
}

/** @throws UserError `factor-invalid`, `aspect-invalid` */
function readZoom(interaction: ModalSubmitInteraction): Edit {
  const aspect = textField(interaction, MODAL_FIELDS.aspect)
  const factor = parseFactor(textField(interaction, MODAL_FIELDS.factor))
  const [anchor] = selectedValues(interaction, MODAL_FIELDS.anchor)
  return parseEdit({
    kind: 'zoom',
    factor,
    grow: false,
    ...(aspect && { aspect: parseAspect(aspect) }),
    ...(anchor && anchor !== 'center' && { anchor }),
  })
}

/** @throws UserError `length-invalid` */
function readExtend(interaction: ModalSubmitInteraction): Edit {
  const [left, right, top, bottom] = MODAL_SIDES.map(side => parseLength(side, textField(interaction, side) || '0'))
  return { kind: 'extend', left: left!, right: right!, top: top!, bottom: bottom! }
}

/** The text of a field; empty where the modal has no such field. */
function textField({ fields }: ModalSubmitInteraction, id: string): string {
  return fields.fields.has(id) ? fields.getTextInputValue(id).trim() : ''
}

/** The selected values of a menu; none where the modal has no such menu. */
function selectedValues({ fields }: ModalSubmitInteraction, id: string): readonly string[] {
  return fields.fields.has(id) ? fields.getStringSelectValues(id) : []
}

function uploadedFile({ fields }: ModalSubmitInteraction, id: string) {
  return fields.fields.has(id) ? fields.getUploadedFiles(id)?.first() : undefined
}
