import type { ModalSubmitInteraction } from 'discord.js'
import { GRID_SIZES } from '../../inference/mask/grid.js'
import { type Edit, parseAspect, parseEdit, parseFactor, parseLength } from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import { type ComponentAction, parseCustomId } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import { type JobInput, submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchMessage, fetchPictureFile, pictureLinksIn } from '../messages/result-files.js'
import type { RequestContext } from '../request-context.js'
import { highlightButton } from '../views/highlight-button.js'
import { MODAL_FIELDS, SIDES } from '../views/modal-views.js'
import { assertMayPress, isSpoiler, jobInputFromRecipe, requireRecipe } from './buttons.js'
import { confirmOrSubmit, fetchPlannedPicture, type PlannedEdit, plannedPictures } from './mask-confirmation.js'

/** A dialog was sent off. @throws ProblemError */
export async function handleModal(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  if (action.on === 'picture') return onPictureDialog(interaction, answer, action, here, parts)
  if (action.on === 'message') return onMessageDialog(interaction, answer, action, here, parts)
  throw new UserError({ code: 'button-unknown' })
}

async function onPictureDialog(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const { message } = interaction
  if (!message) throw new UserError({ code: 'button-unknown' })
  assertMayPress(action, here)
  const prompt = typed(interaction, MODAL_FIELDS.prompt)
  const spoiler = isSpoiler(message)
  if (action.kind === 'region') {
    await answer.defer(true)
    const pictures = plannedPictures(pictureLinksIn(message), message)
    const edit = parseEdit({ kind: 'inpaint' })
    return region(
      interaction,
      answer,
      { edit, prompt, spoiler, parent: message.id, pictures, index: action.index },
      here,
      parts,
    )
  }
  const zoom = action.kind === 'custom-zoom' ? zoomFrom(interaction) : undefined
  await answer.update(highlightButton(message, interaction.customId))
  const sheet = await fetchPictureFile(message, action.index, parts.fetchAttachment)
  const { engine, options } = sheet.recipe ?? {}
  const order: JobInput = zoom
    ? { edit: zoom, prompt, engine, options, source: sheet.bytes, parent: message.id, spoiler }
    : { ...(await jobInputFromRecipe(requireRecipe(sheet).recipe, message, parts)), prompt }
  await submitJob(interaction, answer, order, here, parts)
}

async function onMessageDialog(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  { kind, channel, message }: Extract<ComponentAction, { on: 'message' }>,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const repaints = kind === 'region' || kind === 'remove'
  await answer.defer(repaints)
  const links = await parts.seen.get(message)
  const found = links ? undefined : await fetchMessage(interaction.client, channel, message)
  const pictures = plannedPictures(links ?? (found ? pictureLinksIn(found) : []), found)
  if (pictures.length === 0) throw new UserError({ code: 'attachment-missing' })
  const index = Number(chosen(interaction, MODAL_FIELDS.pictureIndex)[0] ?? 0)
  const prompt = typed(interaction, MODAL_FIELDS.prompt)
  // Of somebody else's message only the links are known.
  const spoiler = found !== undefined && isSpoiler(found)
  const base = { prompt, spoiler, parent: message, pictures, index }
  if (repaints) {
    const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
    return region(interaction, answer, { ...base, edit }, here, parts)
  }
  const edit: Edit = kind === 'extend' ? extendFrom(interaction) : { kind: 'zoom', factor: 1.5, grow: false }
  const source = await fetchPlannedPicture(interaction.client, base, parts.fetchAttachment)
  await submitJob(interaction, answer, { edit, prompt, source, parent: message }, here, parts)
}

/** Repaint what a mask that was sent along says, or the fields that were chosen. @throws ProblemError */
async function region(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  intent: PlannedEdit,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const [mask] = [
    ...(interaction.fields.fields.has(MODAL_FIELDS.mask)
      ? (interaction.fields.getUploadedFiles(MODAL_FIELDS.mask)?.values() ?? [])
      : []),
  ]
  const fields = GRID_SIZES.map(across => ({
    across,
    cells: chosen(interaction, MODAL_FIELDS.cells(across)).map(Number),
  }))
  if (!mask && fields.every(({ cells }) => cells.length === 0)) throw new UserError({ code: 'mask-missing' })
  const picture = await fetchPlannedPicture(interaction.client, intent, parts.fetchAttachment)
  const drawing = mask
    ? await parts.masks.interpret(await parts.fetchAttachment(mask), picture, false)
    : await parts.masks.fromGrid(picture, fields)
  await confirmOrSubmit(interaction, answer, intent, drawing, here, parts)
}

/** @throws ProblemError `factor-invalid`, `aspect-invalid` */
function zoomFrom(interaction: ModalSubmitInteraction): Edit {
  const aspect = typed(interaction, MODAL_FIELDS.aspect)
  const factor = parseFactor(typed(interaction, MODAL_FIELDS.factor))
  return { kind: 'zoom', factor, grow: false, ...(aspect && { aspect: parseAspect(aspect) }) }
}

/** @throws ProblemError `length-invalid` */
function extendFrom(interaction: ModalSubmitInteraction): Edit {
  const [left, right, top, bottom] = SIDES.map(side => parseLength(side, typed(interaction, side) || '0'))
  return { kind: 'extend', left: left!, right: right!, top: top!, bottom: bottom! }
}

/** What was typed into a field; empty where the dialog has no such field. */
function typed({ fields }: ModalSubmitInteraction, id: string): string {
  return fields.fields.has(id) ? fields.getTextInputValue(id).trim() : ''
}

function chosen({ fields }: ModalSubmitInteraction, id: string): readonly string[] {
  return fields.fields.has(id) ? fields.getStringSelectValues(id) : []
}
