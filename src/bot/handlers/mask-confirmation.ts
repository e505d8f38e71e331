import type { ButtonInteraction, Client, Message } from 'discord.js'
import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'
import { pngTexts, withTexts } from '../../inference/image/png.js'
import type { Drawing } from '../../inference/mask/mask-service.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { optionsSchema } from '../../inference/pipeline/options.js'
import { ProblemError } from '../../user-error.js'
import type { CardAction } from '../custom-id.js'
import type { Parts } from '../deps.js'
import { permitted } from '../jobs/policy.js'
import { type Order, paintOrder, type Request } from '../jobs/submit.js'
import type { AttachmentFetcher } from '../messages/attachments.js'
import { type InteractionResponder, isDeleted, type Responder } from '../messages/interaction-responder.js'
import { fetchAgain, fetchFrom } from '../messages/result-files.js'
import type { Here } from '../request-context.js'
import { cardView } from '../views/confirmation-view.js'

const KEYWORD = 'overscan-plan'

const planSchema = z.object({
  version: z.literal(1),
  edit: z.unknown().transform(parseEdit),
  prompt: z.string(),
  variations: z.number().optional(),
  seed: z.number().optional(),
  engine: z.string().optional(),
  options: optionsSchema.optional(),
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

export type PictureOfPlan = Plan['pictures'][number]

/** What is to be done once it is clear where. */
export type Intent = Omit<Plan, 'version' | 'kind' | 'certain' | 'scaled'>

export type Asked = Request & { readonly client: Client }

/**
 * Show what was understood of a mask, and ask; or paint at once where it is certain and the person wants it so.
 *
 * @throws ProblemError when it is not permitted, or fails
 */
export async function askOrPaint(
  asked: Asked,
  answer: Responder,
  intent: Intent,
  drawing: Drawing,
  here: Here,
  parts: Parts,
): Promise<void> {
  const { spoiler } = permitted(intent, here)
  const sure = drawing.certain && here.settings.person(here.person.id).confirmMasks === 'unsure'
  const { kind, certain, scaled } = drawing
  const plan: Plan = { version: 1, ...intent, kind, certain, scaled }
  if (sure) return paintOrder(asked, answer, await orderOf(asked.client, plan, drawing.mask, parts), here, parts)
  await answer.show(viewOf(plan, drawing, spoiler, here))
}

/** A button under a card was pressed. @throws ProblemError */
export async function onCard(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  { kind, owner }: { kind: CardAction; owner: string },
  here: Here,
  parts: Parts,
): Promise<void> {
  if (owner !== here.person.id) throw new ProblemError({ code: 'not-yours' })
  await answer.press()
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
        throw isDeleted(cause) ? new ProblemError({ code: 'ended-already' }, { cause }) : cause
      })
    return paintOrder({ id, attachmentSizeLimit, queued }, answer, order, here, parts)
  }
  const picked = /^pick-(\d)$/.exec(kind)
  const next = picked ? { ...plan, index: Number(picked[1]) - 1 } : plan
  const picture = await pictureOf(interaction.client, next, parts.fetchAttachment)
  const changed = await parts.masks.change(mask, picture, picked ? 'same' : (kind as 'flip' | 'grow' | 'shrink'))
  const { components, files } = viewOf(next, changed, permitted(next, here).spoiler, here)
  await interaction.editReply({ components, files: [...files], attachments: [] })
}

function viewOf(
  plan: Plan,
  { mask, overlay, share }: Pick<Drawing, 'mask' | 'overlay' | 'share'>,
  spoiler: boolean,
  here: Here,
) {
  const state = { attachment: withTexts(mask, { [KEYWORD]: JSON.stringify(plan) }), name: 'mask.png' }
  const { kind, certain, scaled, index } = plan
  const card = { kind, certain, scaled, share, overlay, pictures: plan.pictures.length, index, spoiler }
  return cardView(card, state, here.person.id, here.words)
}

async function stateOf(
  message: Message,
  fetchAttachment: AttachmentFetcher,
): Promise<{ plan: Plan; mask: Uint8Array }> {
  const link = message.attachments.find(({ name }) => name === 'mask.png')
  if (!link) throw new ProblemError({ code: 'attachment-missing' })
  const mask = await fetchFrom(message, link, fetchAttachment)
  const plan = planSchema.safeParse(parsed(pngTexts(mask)[KEYWORD]))
  if (!plan.success) throw new ProblemError({ code: 'button-unknown' })
  return { plan: plan.data, mask }
}

function parsed(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // which is no plan, and told so
  }
}

async function orderOf(client: Client, plan: Plan, mask: Uint8Array, parts: Parts): Promise<Order> {
  const { edit, prompt, variations, seed, engine, options, spoiler, parent } = plan
  const source = await pictureOf(client, plan, parts.fetchAttachment)
  return { edit, prompt, variations, seed, engine, options, spoiler, parent, source, mask: withTexts(mask, {}) }
}

/** The picture that the plan is about. @throws ProblemError */
export function pictureOf(
  client: Client,
  { pictures, index }: Pick<Intent, 'pictures' | 'index'>,
  fetchAttachment: AttachmentFetcher,
) {
  const picture = pictures[index]
  if (!picture) throw new ProblemError({ code: 'attachment-missing' })
  return fetchAgain(client, picture, picture.place, fetchAttachment)
}

/** Pictures of a message, as a plan names them. */
export function planned(links: readonly PictureLink[], message?: Message): PictureOfPlan[] {
  return links.slice(0, 10).map(({ url, size, name }) => ({
    url,
    size,
    name,
    ...(message && { place: { channel: message.channelId, message: message.id, name } }),
  }))
}
