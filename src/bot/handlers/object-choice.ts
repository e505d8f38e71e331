import type { ButtonInteraction, ModalSubmitInteraction, StringSelectMenuInteraction } from 'discord.js'
import { z } from 'zod'
import { readPngTexts, setPngTexts } from '../../inference/image/png-texts.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { fingerprint } from '../../inference/pipeline/recipe.js'
import type { FoundObjects } from '../../inference/segment/segment-service.js'
import { parseJson } from '../../parse-json.js'
import { UserError } from '../../user-error.js'
import { type ComponentAction, type MessageAction, parseCustomId } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import { applyPolicy } from '../jobs/policy.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { isHiddenByRecipe } from '../messages/message-files.js'
import type { Responder } from '../messages/responder.js'
import type { RequestContext } from '../request-context.js'
import { quotedPrompt } from '../views/block-quote.js'
import type { MessageFile } from '../views/message-view.js'
import { whichPictureModal } from '../views/modal-views.js'
import { objectsView } from '../views/objects-view.js'
import { type ConfirmationTrigger, confirmationOf, confirmOrSubmit, holesOf } from './mask-confirmation.js'
import {
  fetchFile,
  fetchMessagePictures,
  fetchPlannedPicture,
  isSpoilerPlan,
  OBJECT_SHEET,
  type PlannedEdit,
  plannedSchema,
} from './mask-plan.js'

/** Keyword of the PNG text in the sheet of masks. */
const CHOICE_KEYWORD = 'overscan-objects'

/** Which objects there are to choose from, and for what. It is stored in the sheet, so that the menu works after a restart. */
const choiceSchema = plannedSchema.extend({
  version: z.literal(1),
  /** Paint everything but the chosen objects. */
  invert: z.boolean(),
  shares: z.array(z.number()),
})
type Choice = z.infer<typeof choiceSchema>

/** What the objects are looked for in. @property editorLink to mark the area in the editor instead, where that can be offered */
type ObjectSource = {
  readonly picture: Uint8Array
  readonly invert?: boolean
  readonly editorLink?: () => Promise<string | undefined>
}

/**
 * Without a mask, the transparent parts of the picture are painted. Where there are none, the person chooses from its objects, if
 * a model is installed that finds them.
 *
 * @throws UserError those of `holesOf` where no such model is installed
 */
export async function fillHolesOrShowObjects(
  trigger: ConfirmationTrigger,
  responder: Responder,
  planned: PlannedEdit,
  source: ObjectSource,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const holes = await holesOf(source.picture, planned.edit, deps).catch(error => {
    const isMissing = error instanceof UserError && ['holes-missing', 'mask-missing'].includes(error.problem.code)
    if (isMissing && deps.segments.isAvailable()) return undefined
    throw error
  })
  if (holes) return confirmOrSubmit(trigger, responder, planned, holes, context, deps)
  return showObjects(responder, planned, source, context, deps)
}

/** Show the numbered objects of a picture, to choose from. @throws UserError */
async function showObjects(
  responder: Responder,
  planned: PlannedEdit,
  { picture, invert = false, editorLink }: ObjectSource,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { spoiler } = applyPolicy({ ...planned, spoiler: isSpoilerPlan(planned) }, context)
  const found = await findObjects(picture, context, deps)
  const { overlay } = await deps.masks.numberObjects(picture, found.sheet)
  const { person, t } = context
  const link = await editorLink?.()
  await responder.showProgress(
    objectsView(found, { overlay, spoiler, link }, sheetFile(planned, found, invert), person.id, t),
  )
}

/** The picture's objects, which the person's autocomplete offers from now on. */
async function findObjects(picture: Uint8Array, { person }: RequestContext, deps: BotDeps): Promise<FoundObjects> {
  const found = await deps.segments.findObjects(fingerprint(picture), async () => picture)
  await deps.recentObjects.set(person.id, found.shares)
  return found
}

/**
 * Confirm, or paint at once, the objects with these numbers.
 *
 * @throws UserError `segment-model-missing`, `objects-not-found`, `object-unknown`
 */
export async function confirmObjects(
  trigger: ConfirmationTrigger,
  responder: Responder,
  planned: PlannedEdit,
  { picture, invert = false, numbers }: ObjectSource & { readonly numbers: readonly number[] },
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const found = await findObjects(picture, context, deps)
  const drawing = await deps.masks.fromObjects(picture, found.sheet, numbers, invert)
  const objects = { menu: { shares: found.shares, chosen: numbers }, sheet: sheetFile(planned, found, invert) }
  return confirmOrSubmit(trigger, responder, planned, drawing, context, deps, objects)
}

/** The buttons that show the objects of a message's picture, to repaint or to remove some of them. */
type ObjectsKind = Extract<MessageAction, 'objects' | 'remove-objects'>

export function isObjectsKind(kind: MessageAction): kind is ObjectsKind {
  return kind === 'objects' || kind === 'remove-objects'
}

type ObjectsAction = Extract<ComponentAction, { on: 'message' }> & { readonly kind: ObjectsKind }

/** The button next to the link to the editor. It asks which picture is meant where a message has several. @throws UserError */
export async function handleObjectsButton(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  action: ObjectsAction,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { length = 1 } = (await deps.pictureLinks.get(action.message)) ?? []
  if (length > 1) return responder.showModal(whichPictureModal(action, length, context.t))
  await responder.defer(true)
  return showObjectsOf(interaction, responder, action, 0, context, deps)
}

/** Show the objects of one of a message's pictures. The answer is deferred. @throws UserError */
export async function showObjectsOf(
  interaction: ButtonInteraction | ModalSubmitInteraction,
  responder: InteractionResponder,
  { kind, channel, message: parent }: ObjectsAction,
  index: number,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { client } = interaction
  const { pictures, isHidden } = await fetchMessagePictures(client, channel, parent, deps)
  const edit = parseEdit({ kind: kind === 'objects' ? 'inpaint' : 'remove' })
  const prompt = interaction.message ? quotedPrompt(interaction.message) : ''
  const plan = { edit, prompt, parent, pictures, index }
  const picture = await fetchPlannedPicture(client, plan, deps.fetchAttachment)
  const spoiler = isHidden || pictures[index]?.spoiler === true || isHiddenByRecipe(picture)
  return showObjects(responder, { ...plan, spoiler }, { picture }, context, deps)
}

/** The menu of objects: shows which area they are, and asks. @throws UserError */
export async function handleObjectMenu(
  interaction: StringSelectMenuInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  if (action.on !== 'card' || action.kind !== 'objects') throw new UserError({ code: 'button-unknown' })
  if (action.owner !== context.person.id) throw new UserError({ code: 'not-yours' })
  if (!(await responder.update())) throw new UserError({ code: 'message-deleted' })
  const { message, client, values } = interaction
  const sheet = await fetchFile(message, OBJECT_SHEET, deps.fetchAttachment)
  if (!sheet) throw new UserError({ code: 'attachment-missing' })
  const { version: _, invert, shares, ...planned } = parseChoice(sheet)
  const picture = await fetchPlannedPicture(client, planned, deps.fetchAttachment)
  const chosen = values.map(Number)
  const drawing = await deps.masks.fromObjects(picture, sheet, chosen, invert)
  const objects = { menu: { shares, chosen }, sheet: { attachment: Buffer.from(sheet), name: OBJECT_SHEET } }
  const { components, files } = confirmationOf(planned, drawing, objects, context)
  await interaction.editReply({ components, files: [...files], attachments: [] })
}

/** The masks, with what they are for. The numbers are those of one picture. */
function sheetFile(planned: PlannedEdit, { sheet, shares }: FoundObjects, invert: boolean): MessageFile {
  const pictures = planned.pictures.slice(planned.index, planned.index + 1)
  const choice: Choice = { version: 1, ...planned, pictures, index: 0, invert, shares: [...shares] }
  return { attachment: setPngTexts(sheet, { [CHOICE_KEYWORD]: JSON.stringify(choice) }), name: OBJECT_SHEET }
}

/** @throws UserError `button-unknown` */
function parseChoice(sheet: Uint8Array): Choice {
  const choice = choiceSchema.safeParse(parseJson(readPngTexts(sheet)[CHOICE_KEYWORD]))
  if (!choice.success) throw new UserError({ code: 'button-unknown' })
  return choice.data
}
