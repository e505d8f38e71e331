import type { ButtonInteraction, Client } from 'discord.js'
import type { MaskPreview } from '../../inference/mask/mask-service.js'
import { type Edit, keepsAlpha } from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import type { ConfirmationAction } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import type { JobInput } from '../jobs/paint-params.js'
import { applyPolicy } from '../jobs/policy.js'
import { type JobTrigger, submitJob } from '../jobs/submit.js'
import { isDeletedError } from '../messages/discord-errors.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import type { Responder } from '../messages/responder.js'
import type { RequestContext } from '../request-context.js'
import { confirmationView, type MaskConfirmation } from '../views/confirmation-view.js'
import type { MessageFile, MessageView } from '../views/message-view.js'
import type { ObjectMenu } from '../views/objects-view.js'
import {
  fetchFile,
  fetchPlan,
  fetchPlannedPicture,
  isSpoilerPlan,
  OBJECT_SHEET,
  type Plan,
  type PlannedEdit,
  SECOND_MASK,
  withoutPlan,
  withPlan,
} from './mask-plan.js'

/** Objects that were chosen by their numbers, and the file of the masks of all, so that the choice can be changed. */
export type ChosenObjects = { readonly menu: ObjectMenu; readonly sheet: MessageFile }

export type ConfirmationTrigger = JobTrigger & { readonly client: Client }

/**
 * Show how a mask was interpreted, and ask; or submit the job at once where the interpretation is certain and the person
 * has set so.
 *
 * @throws UserError
 */
export async function confirmOrSubmit(
  trigger: ConfirmationTrigger,
  responder: Responder,
  planned: PlannedEdit,
  drawing: MaskPreview,
  context: RequestContext,
  deps: BotDeps,
  objects?: ChosenObjects,
): Promise<void> {
  const { spoiler } = applyPolicy({ ...planned, spoiler: isSpoilerPlan(planned) }, context)
  const skipsConfirmation = drawing.certain && context.settings.person(context.person.id).confirmMasks === 'unsure'
  const plan = planFor(planned, drawing, objects)
  if (skipsConfirmation) {
    const input = await jobInputFromPlan(trigger.client, plan, drawing.mask, deps)
    return submitJob(trigger, responder, input, context, deps)
  }
  await responder.showProgress(
    planView(plan, drawing, { second: drawing.second?.mask, sheet: objects?.sheet }, spoiler, context),
  )
}

/** What {@link confirmOrSubmit} shows, for a message that is edited. */
export function confirmationOf(
  planned: PlannedEdit,
  drawing: MaskPreview,
  objects: ChosenObjects,
  context: RequestContext,
): MessageView {
  const { spoiler } = applyPolicy({ ...planned, spoiler: isSpoilerPlan(planned) }, context)
  return planView(planFor(planned, drawing, objects), drawing, { sheet: objects.sheet }, spoiler, context)
}

function planFor(planned: PlannedEdit, drawing: MaskPreview, objects: ChosenObjects | undefined): Plan {
  const { kind, certain, scaled, second } = drawing
  const menu = objects && { shares: [...objects.menu.shares], chosen: [...objects.menu.chosen] }
  return { version: 1, ...planned, kind, certain, scaled, second: second?.kind, objects: menu }
}

/**
 * What inpainting paints without a mask: the transparent parts of the picture.
 *
 * @throws UserError `holes-missing`; `mask-missing` if they are to stay transparent, or if the edit needs a mask
 */
export async function holesOf(
  picture: Uint8Array,
  edit: Edit,
  { masks }: Pick<BotDeps, 'masks'>,
): Promise<MaskPreview> {
  if (edit.kind !== 'inpaint' || keepsAlpha(edit)) throw new UserError({ code: 'mask-missing' })
  return masks.holes(picture)
}

/** @throws UserError */
export async function handleConfirmationButton(
  interaction: ButtonInteraction,
  responder: InteractionResponder,
  { kind, owner }: { kind: ConfirmationAction; owner: string },
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  if (owner !== context.person.id) throw new UserError({ code: 'not-yours' })
  // A second press may come after the first one has begun to paint, so that nothing is painted here.
  const isThere = await responder.update()
  if (!isThere) throw new UserError({ code: kind === 'paint' ? 'job-already-ended' : 'message-deleted' })
  const { message } = interaction
  if (kind === 'discard') {
    await interaction.deleteReply()
    return
  }
  const { plan, mask } = await fetchPlan(message, deps.fetchAttachment)
  if (kind === 'paint') {
    const input = await jobInputFromPlan(interaction.client, plan, mask, deps)
    const { id, attachmentSizeLimit } = interaction
    // Only then: until the job is in the queue, the button can be pressed again.
    const onQueued = () =>
      interaction.deleteReply().catch(cause => {
        // The button was pressed twice, and the other press came first.
        throw isDeletedError(cause) ? new UserError({ code: 'job-already-ended' }, { cause }) : cause
      })
    return submitJob({ id, attachmentSizeLimit, onQueued }, responder, input, context, deps)
  }
  const pick = /^pick-(\d)$/.exec(kind)
  const second = await fetchFile(message, SECOND_MASK, deps.fetchAttachment)
  const sheet = plan.objects && (await fetchFile(message, OBJECT_SHEET, deps.fetchAttachment))
  const reread = kind === 'reread' && plan.second ? second : undefined
  const next = {
    ...plan,
    ...(pick && { index: Number(pick[1]) - 1 }),
    // Objects have no second reading.
    ...(reread && plan.second && plan.kind !== 'objects' && { kind: plan.second, second: plan.kind }),
  }
  const picture = await fetchPlannedPicture(interaction.client, next, deps.fetchAttachment)
  const how = kind === 'flip' || kind === 'grow' || kind === 'shrink' ? kind : 'same'
  const adjusted = await deps.masks.adjust(reread ?? mask, picture, how)
  const other = reread ? withoutPlan(mask) : second
  const { spoiler } = applyPolicy({ ...next, spoiler: isSpoilerPlan(next) }, context)
  const files = { second: other, sheet: sheet && { attachment: Buffer.from(sheet), name: OBJECT_SHEET } }
  const view = planView(next, adjusted, files, spoiler, context)
  await interaction.editReply({ components: view.components, files: [...view.files], attachments: [] })
}

function planView(
  plan: Plan,
  { mask, overlay, share }: Pick<MaskPreview, 'mask' | 'overlay' | 'share'>,
  { second, sheet }: { readonly second?: Uint8Array | undefined; readonly sheet?: MessageFile | undefined },
  spoiler: boolean,
  context: RequestContext,
) {
  const maskFile = { attachment: withPlan(mask, plan), name: 'mask.png' }
  const secondFile = second && { attachment: Buffer.from(second), name: SECOND_MASK }
  const { kind, certain, scaled, index } = plan
  const pictureCount = plan.pictures.length
  const action: MaskConfirmation['action'] =
    plan.edit.kind === 'remove' ? 'remove' : kind === 'holes' ? 'fill' : 'inpaint'
  const shown = { action, kind, certain, scaled, coverage: share, overlay, pictureCount, index, spoiler }
  const confirmation = { ...shown, second: second && plan.second, objects: sheet && plan.objects }
  const files = [maskFile, secondFile, sheet].filter(file => file !== undefined)
  return confirmationView(confirmation, files, context.person.id, context.t)
}

async function jobInputFromPlan(client: Client, plan: Plan, mask: Uint8Array, deps: BotDeps): Promise<JobInput> {
  const { edit, prompt, variations, seed, engine, options, parent } = plan
  const spoiler = isSpoilerPlan(plan)
  const source = await fetchPlannedPicture(client, plan, deps.fetchAttachment)
  return { edit, prompt, variations, seed, engine, options, spoiler, parent, source, mask: withoutPlan(mask) }
}
