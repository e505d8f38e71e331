import type { Client, Message } from 'discord.js'
import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'
import { readPngTexts, setPngTexts } from '../../inference/image/png-texts.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import { parseJson } from '../../parse-json.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import type { AttachmentFetcher } from '../messages/attachments.js'
import { fetchAttachmentOf, fetchMessage, fetchOrRefresh } from '../messages/message-files.js'
import { isSpoiler, isSpoilerLink, pictureLinksIn } from '../messages/shown-pictures.js'

/** Keyword of the PNG text that holds the plan. */
const PLAN_KEYWORD = 'overscan-plan'

/** The file that holds the mask of the second reading. */
export const SECOND_MASK = 'second-mask.png'

/** The file that holds the masks of all objects, see object-sheet.ts; its text is the planned edit. */
export const OBJECT_SHEET = 'objects.png'

/** An edit whose area is not known yet, as a message's file stores it. */
export const plannedSchema = z.object({
  edit: z.unknown().transform(parseEdit),
  prompt: z.string(),
  variations: z.number().optional(),
  seed: z.number().optional(),
  engine: z.string().optional(),
  options: diffusionOptionsSchema.optional(),
  spoiler: z.boolean().optional(),
  parent: z.string().optional(),
  /** The pictures that the mask may belong to. */
  pictures: z
    .array(
      z.object({
        url: z.string(),
        size: z.number(),
        name: z.string(),
        spoiler: z.boolean().optional(),
        place: z.object({ channel: z.string(), message: z.string(), name: z.string() }).optional(),
      }),
    )
    .min(1)
    .max(10),
  index: z.number().int().nonnegative(),
})

const planSchema = plannedSchema.extend({
  version: z.literal(1),
  kind: z.enum(['black-and-white', 'transparent', 'layer', 'marked', 'cells', 'holes', 'objects']),
  /** Another way to understand the mask; its mask is a file of the message, too. */
  second: z.enum(['black-and-white', 'transparent', 'layer', 'marked', 'cells', 'holes']).optional(),
  certain: z.boolean(),
  scaled: z.boolean(),
  /** The numbered objects of the picture, of which some are chosen; their masks are a file of the message, too. */
  objects: z.object({ shares: z.array(z.number()), chosen: z.array(z.number()) }).optional(),
})

/** The edit that a confirmation asks about. It is stored in the message's mask file, so that buttons work after a restart. */
export type Plan = z.infer<typeof planSchema>

type PlannedPicture = Plan['pictures'][number]

export type PlannedEdit = z.infer<typeof plannedSchema>

/** The file of a mask, which holds the plan. */
export function withPlan(mask: Uint8Array, plan: Plan): Buffer {
  return setPngTexts(mask, { ...readPngTexts(mask), [PLAN_KEYWORD]: JSON.stringify(plan) })
}

/** The mask as it was interpreted, with its other texts. */
export function withoutPlan(mask: Uint8Array): Uint8Array {
  const { [PLAN_KEYWORD]: _, ...texts } = readPngTexts(mask)
  return setPngTexts(mask, texts)
}

/** The plan and the mask of a confirmation. @throws UserError `attachment-missing`, `button-unknown` */
export async function fetchPlan(
  message: Message,
  fetchAttachment: AttachmentFetcher,
): Promise<{ plan: Plan; mask: Uint8Array }> {
  const link = message.attachments.find(({ name }) => name === 'mask.png')
  if (!link) throw new UserError({ code: 'attachment-missing' })
  const mask = await fetchAttachmentOf(message, link, fetchAttachment)
  const plan = planSchema.safeParse(parseJson(readPngTexts(mask)[PLAN_KEYWORD]))
  if (!plan.success) throw new UserError({ code: 'button-unknown' })
  return { plan: plan.data, mask }
}

/** A file of the message, where it has one of this name. */
export async function fetchFile(
  message: Message,
  file: string,
  fetchAttachment: AttachmentFetcher,
): Promise<Uint8Array | undefined> {
  const link = message.attachments.find(({ name }) => name === file)
  return link && fetchAttachmentOf(message, link, fetchAttachment)
}

/** A result is hidden if the person asked for it, or if its source is hidden. */
export function isSpoilerPlan({
  spoiler,
  pictures,
  index,
}: Pick<PlannedEdit, 'spoiler' | 'pictures' | 'index'>): boolean {
  return spoiler === true || pictures[index]?.spoiler === true
}

/** The picture that a plan selects. @throws UserError `attachment-missing`, and those of the fetcher */
export function fetchPlannedPicture(
  client: Client,
  { pictures, index }: Pick<PlannedEdit, 'pictures' | 'index'>,
  fetchAttachment: AttachmentFetcher,
) {
  const picture = pictures[index]
  if (!picture) throw new UserError({ code: 'attachment-missing' })
  return fetchOrRefresh(client, picture, picture.place, fetchAttachment)
}

/**
 * The pictures of a message that a form or a button is about. Other people's are known by the links that were remembered.
 *
 * @property isHidden the message is one of the bot's, and a spoiler
 * @throws UserError `attachment-missing`
 */
export async function fetchMessagePictures(
  client: Client,
  channel: string,
  id: string,
  { pictureLinks }: Pick<BotDeps, 'pictureLinks'>,
): Promise<{ readonly pictures: PlannedPicture[]; readonly isHidden: boolean }> {
  const links = await pictureLinks.get(id)
  const message = links ? undefined : await fetchMessage(client, channel, id)
  const pictures = plannedPictures(links ?? (message ? pictureLinksIn(message) : []), message)
  if (pictures.length === 0) throw new UserError({ code: 'attachment-missing' })
  return { pictures, isHidden: message !== undefined && isSpoiler(message) }
}

/** The links of a message's pictures, as a plan stores them; at most 10. */
export function plannedPictures(links: readonly PictureLink[], message?: Message): PlannedPicture[] {
  return links.slice(0, 10).map(({ url, size, name, spoiler }) => ({
    url,
    size,
    name,
    spoiler: isSpoilerLink({ url, size, name, spoiler }),
    ...(message && { place: { channel: message.channelId, message: message.id, name } }),
  }))
}
