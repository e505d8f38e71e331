import type { ModalSubmitInteraction } from 'discord.js'
import { CELLS } from '../../inference/mask/grid.js'
import { type Edit, parseAspect, parseEdit, parseFactor, parseLength } from '../../inference/pipeline/edit.js'
import { ProblemError } from '../../user-error.js'
import { type Action, parseCustomId } from '../custom-id.js'
import type { Parts } from '../deps.js'
import { type Order, paintOrder } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { messageAt, picturesIn, sheetOf } from '../messages/result-files.js'
import type { Here } from '../request-context.js'
import { pressed } from '../views/highlight-button.js'
import { FIELDS, SIDES } from '../views/modal-views.js'
import { again, isSpoiler, mayPress, painted } from './buttons.js'
import { askOrPaint, type Intent, pictureOf, planned } from './mask-confirmation.js'

/** A dialog was sent off. @throws ProblemError */
export async function onDialog(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  here: Here,
  parts: Parts,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  if (action.on === 'picture') return onPictureDialog(interaction, answer, action, here, parts)
  if (action.on === 'message') return onMessageDialog(interaction, answer, action, here, parts)
  throw new ProblemError({ code: 'button-unknown' })
}

async function onPictureDialog(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  action: Extract<Action, { on: 'picture' }>,
  here: Here,
  parts: Parts,
): Promise<void> {
  const { message } = interaction
  if (!message) throw new ProblemError({ code: 'button-unknown' })
  mayPress(action, here)
  const prompt = typed(interaction, FIELDS.prompt)
  const spoiler = isSpoiler(message)
  if (action.kind === 'region') {
    await answer.think(true)
    const pictures = planned(picturesIn(message), message)
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
  await answer.press(pressed(message, interaction.customId))
  const sheet = await sheetOf(message, action.index, parts.fetchAttachment)
  const { engine, options } = sheet.recipe ?? {}
  const order: Order = zoom
    ? { edit: zoom, prompt, engine, options, source: sheet.bytes, parent: message.id, spoiler }
    : { ...(await again(painted(sheet).recipe, message, parts)), prompt }
  await paintOrder(interaction, answer, order, here, parts)
}

async function onMessageDialog(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  { kind, channel, message }: Extract<Action, { on: 'message' }>,
  here: Here,
  parts: Parts,
): Promise<void> {
  const repaints = kind === 'region' || kind === 'remove'
  await answer.think(repaints)
  const links = await parts.seen.of(message)
  const found = links ? undefined : await messageAt(interaction.client, channel, message)
  const pictures = planned(links ?? (found ? picturesIn(found) : []), found)
  if (pictures.length === 0) throw new ProblemError({ code: 'attachment-missing' })
  const index = Number(chosen(interaction, FIELDS.which)[0] ?? 0)
  const prompt = typed(interaction, FIELDS.prompt)
  // Of somebody else's message only the links are known.
  const spoiler = found !== undefined && isSpoiler(found)
  const base = { prompt, spoiler, parent: message, pictures, index }
  if (repaints) {
    const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
    return region(interaction, answer, { ...base, edit }, here, parts)
  }
  const edit: Edit = kind === 'extend' ? extendFrom(interaction) : { kind: 'zoom', factor: 1.5, grow: false }
  const source = await pictureOf(interaction.client, base, parts.fetchAttachment)
  await paintOrder(interaction, answer, { edit, prompt, source, parent: message }, here, parts)
}

/** Repaint what a mask that was sent along says, or the fields that were chosen. @throws ProblemError */
async function region(
  interaction: ModalSubmitInteraction,
  answer: InteractionResponder,
  intent: Intent,
  here: Here,
  parts: Parts,
): Promise<void> {
  const [mask] = [
    ...(interaction.fields.fields.has(FIELDS.mask)
      ? (interaction.fields.getUploadedFiles(FIELDS.mask)?.values() ?? [])
      : []),
  ]
  const fields = CELLS.map(across => ({ across, cells: chosen(interaction, FIELDS.cells(across)).map(Number) }))
  if (!mask && fields.every(({ cells }) => cells.length === 0)) throw new ProblemError({ code: 'mask-missing' })
  const picture = await pictureOf(interaction.client, intent, parts.fetchAttachment)
  const drawing = mask
    ? await parts.masks.read(await parts.fetchAttachment(mask), picture, false)
    : await parts.masks.cells(picture, fields)
  await askOrPaint(interaction, answer, intent, drawing, here, parts)
}

/** @throws ProblemError `factor-unreadable`, `aspect-unreadable` */
function zoomFrom(interaction: ModalSubmitInteraction): Edit {
  const aspect = typed(interaction, FIELDS.aspect)
  const factor = parseFactor(typed(interaction, FIELDS.factor))
  return { kind: 'zoom', factor, grow: false, ...(aspect && { aspect: parseAspect(aspect) }) }
}

/** @throws ProblemError `length-unreadable` */
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
