import type { ButtonInteraction } from 'discord.js'
import { pngTexts } from '../inference/files/png.js'
import { encodeWebp, webpParameters } from '../inference/files/webp.js'
import type { PaintResult } from '../inference/paint.js'
import { type Recipe, recipeIn } from '../inference/recipe.js'
import { ProblemError } from '../problem.js'
import type { AttachmentFetcher } from './attachments.js'
import type { Sheet } from './views.js'

/** Discord takes no request larger than this; some of it goes to all that is not a file. In bytes. */
const LARGEST_REQUEST = 24 * 1024 * 1024

/**
 * A job's pictures as files that Discord takes: PNG as painted, or WebP where that is too large.
 *
 * @param limit of one file, in bytes
 * @throws ProblemError `result-too-large`
 */
export async function sheetsOf(result: PaintResult, limit: number): Promise<Sheet[]> {
  const budget = Math.min(limit, Math.floor(LARGEST_REQUEST / result.pictures.length))
  return Promise.all(
    result.pictures.map(async ({ png }, index) => {
      const parameters = pngTexts(png).parameters ?? ''
      const recipe = demand(parameters)
      const name = `overscan-${index + 1}`
      if (png.length <= budget) return { name: `${name}.png`, bytes: png, recipe }
      const webp = await encodeWebp(png, parameters, budget)
      if (!webp) throw new ProblemError({ code: 'result-too-large', limit: Math.floor(budget / 1024 / 1024) })
      return { name: `${name}.webp`, bytes: webp, recipe }
    }),
  )
}

/**
 * The picture of a message whose button was pressed, with its recipe. Its link may have expired since the message
 * was shown; then the message is fetched afresh.
 *
 * @param index the picture's place in the message, from 0
 * @throws ProblemError `attachment-missing`, `recipe-missing`, and those of the fetcher
 */
export async function pictureOf(
  { message }: ButtonInteraction,
  index: number,
  fetchAttachment: AttachmentFetcher,
): Promise<Sheet> {
  const [, attachment] = [...message.attachments][index] ?? []
  if (!attachment) throw new ProblemError({ code: 'attachment-missing' })
  const bytes = await fetchAttachment(attachment).catch(async error => {
    if (!(error instanceof ProblemError && error.problem.code === 'attachment-gone')) throw error
    // Not every place lets us read its messages; then the link was our only way.
    const fresh = await message.fetch().catch(() => undefined)
    const again = fresh?.attachments.get(attachment.id)
    if (!again) throw error
    return fetchAttachment(again)
  })
  const parameters = pngTexts(bytes).parameters ?? (await webpParameters(bytes)) ?? ''
  return { name: attachment.name, bytes, recipe: demand(parameters) }
}

function demand(parameters: string): Recipe {
  const recipe = recipeIn(parameters)
  if (!recipe) throw new ProblemError({ code: 'recipe-missing' })
  return recipe
}
