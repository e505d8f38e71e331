import type { ButtonInteraction, Client, Message } from 'discord.js'
import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'
import { readPngTexts, setPngTexts } from '../../inference/image/png.js'
import type { MaskPreview } from '../../inference/mask/mask-service.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import { UserError } from '../../user-error.js'
import type { ConfirmationAction } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import { applyPolicy } from '../jobs/policy.js'
import { type JobInput, type JobTrigger, submitJob } from '../jobs/submit.js'
import type { AttachmentFetcher } from '../messages/attachments.js'
import { type InteractionResponder, isDeletedError, type Responder } from '../messages/interaction-responder.js'
import { fetchAttachmentOf, fetchOrRefresh } from '../messages/result-files.js'
import type { RequestContext } from '../request-context.js'
import { confirmationView } from '../views/confirmation-view.js'

const KEYWORD = 'overscan-plan'

const planSchema = z.object({
  version: z.literal(1),
  edit: z.unknown().transform(parseEdit),
  prompt: z.string(),
  variations: z.number().optional(),
  seed: z.number().optional(),
  engine: z.string().optional(),
  options: diffusionOptionsSchema.optional(),
  spoiler: z.boolean().optional(),
  parent: z.string().optional(),
  /** The pictures that it could be about, and which it is. */
  pictures: z
    .array(
      z.object({
        url: z.string(),
        size: z.number(),
        name: z.string(),
        place: z.object({ channel: z.string(), message: z.string(), name: z.string() }).optional(),
      }),
    )
    .min(1)
    .max(10),
  index: z.number().int().nonnegative(),
  kind: z.enum(['black-and-white', 'see-through', 'marked', 'cells']),
  certain: z.boolean(),
  scaled: z.boolean(),
})

/** What a card asks about. It travels in the card's own mask file, so that its buttons outlive a restart. */
type Plan = z.infer<typeof planSchema>

export type PlannedPicture = Plan['pictures'][number]

/** What is to be done once it is clear where. */
export type PlannedEdit = Omit<Plan, 'version' | 'kind' | 'certain' | 'scaled'>

export type ConfirmationTrigger = JobTrigger & { readonly client: Client }

/**
 * Show what was understood of a mask, and ask; or paint at once where it is certain and the person wants it so.
 *
 * @throws ProblemError when it is not permitted, or fails
 */
export async function confirmOrSubmit(
  asked: ConfirmationTrigger,
  answer: Responder,
  intent: PlannedEdit,
  drawing: MaskPreview,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const { spoiler } = applyPolicy(intent, here)
  const sure = drawing.certain && here.settings.person(here.person.id).confirmMasks === 'unsure'
  const { kind, certain, scaled } = drawing
  const plan: Plan = { version: 1, ...intent, kind, certain, scaled }
  if (sure) return submitJob(asked, answer, await orderOf(asked.client, plan, drawing.mask, parts), here, parts)
  await answer.showProgress(viewOf(plan, drawing, spoiler, here))
}

/** A button under a card was pressed. @throws ProblemError */
export async function handleConfirmationButton(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  { kind, owner }: { kind: ConfirmationAction; owner: string },
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  if (owner !== here.person.id) throw new UserError({ code: 'not-yours' })
  await answer.update()
  const { message } = interaction
  if (kind === 'discard') {
    await interaction.deleteReply()
    return
  }
  const { plan, mask } = await stateOf(message, parts.fetchAttachment)
  if (kind === 'paint') {
    const order = await orderOf(interaction.client, plan, mask, parts)
    const { id, attachmentSizeLimit } = interaction
    // The card stays to be pressed again until the order is taken.
    const queued = () =>
      interaction.deleteReply().catch(cause => {
        // It was pressed twice, and the other press was first.
        throw isDeletedError(cause) ? new UserError({ code: 'job-already-ended' }, { cause }) : cause
      })
    return submitJob({ id, attachmentSizeLimit, queued }, answer, order, here, parts)
  }
  const picked = /^pick-(\d)$/.exec(kind)
  const next = picked ? { ...plan, index: Number(picked[1]) - 1 } : plan
  const picture = await fetchPlannedPicture(interaction.client, next, parts.fetchAttachment)
  const changed = await parts.masks.adjust(mask, picture, picked ? 'same' : (kind as 'flip' | 'grow' | 'shrink'))
  const { components, files } = viewOf(next, changed, applyPolicy(next, here).spoiler, here)
  await interaction.editReply({ components, files: [...files], attachments: [] })
}

function viewOf(
  plan: Plan,
  { mask, overlay, share }: Pick<MaskPreview, 'mask' | 'overlay' | 'share'>,
  spoiler: boolean,
  here: RequestContext,
) {
  const state = { attachment: setPngTexts(mask, { [KEYWORD]: JSON.stringify(plan) }), name: 'mask.png' }
  const { kind, certain, scaled, index } = plan
  const card = { kind, certain, scaled, share, overlay, pictures: plan.pictures.length, index, spoiler }
  return confirmationView(card, state, here.person.id, here.t)
}

async function stateOf(
  message: Message,
  fetchAttachment: AttachmentFetcher,
): Promise<{ plan: Plan; mask: Uint8Array }> {
  const link = message.attachments.find(({ name }) => name === 'mask.png')
  if (!link) throw new UserError({ code: 'attachment-missing' })
  const mask = await fetchAttachmentOf(message, link, fetchAttachment)
  const plan = planSchema.safeParse(parsed(readPngTexts(mask)[KEYWORD]))
  if (!plan.success) throw new UserError({ code: 'button-unknown' })
  return { plan: plan.data, mask }
}

function parsed(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // which is no plan, and told so
  }
}

async function orderOf(client: Client, plan: Plan, mask: Uint8Array, parts: BotDeps): Promise<JobInput> {
  const { edit, prompt, variations, seed, engine, options, spoiler, parent } = plan
  const source = await fetchPlannedPicture(client, plan, parts.fetchAttachment)
  return { edit, prompt, variations, seed, engine, options, spoiler, parent, source, mask: setPngTexts(mask, {}) }
}

/** The picture that the plan is about. @throws ProblemError */
export function fetchPlannedPicture(
  client: Client,
  { pictures, index }: Pick<PlannedEdit, 'pictures' | 'index'>,
  fetchAttachment: AttachmentFetcher,
) {
  const picture = pictures[index]
  if (!picture) throw new UserError({ code: 'attachment-missing' })
  return fetchOrRefresh(client, picture, picture.place, fetchAttachment)
}

/** Pictures of a message, as a plan names them. */
export function plannedPictures(links: readonly PictureLink[], message?: Message): PlannedPicture[] {
  return links.slice(0, 10).map(({ url, size, name }) => ({
    url,
    size,
    name,
    ...(message && { place: { channel: message.channelId, message: message.id, name } }),
  }))
}
