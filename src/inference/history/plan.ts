import { UserError } from '../../user-error.js'
import { type Extent, exceededLimit, type SizeLimit } from '../image/geometry.js'
import { UPSCALE_FACTORS, type UpscaleHistory } from '../pipeline/edit.js'
import type { Recipe } from '../pipeline/recipe.js'
import { readRecipe } from '../pipeline/recipe-file.js'
import {
  type EarlierPicture,
  editOf,
  historyStages,
  isEditOf,
  type PlacedStage,
  placeStages,
  sizeOf,
} from './stages.js'

/** The most earlier pictures that are looked at, and what they may take together, in bytes. */
const EARLIER_LIMIT = { pictures: 30, bytes: 128 * 1024 * 1024 } as const

/** A picture has more detail than another if it has this many times as many pixels along a side. */
const MORE_DETAIL = 1.02

/** What a picture was made of, the latest first, and why it is not more: all was found, or an earlier one was `missing`. */
export type History = { readonly earlier: readonly EarlierPicture[]; readonly end: 'first' | 'missing' | 'limit' }

type UpscaleFromHistory = { readonly kind: 'upscale'; readonly scale: number; readonly history: UpscaleHistory }

/**
 * Follow the recipes of pictures back to the first one.
 *
 * @param find the picture with the recipe's fingerprint, and the mask with that of its mask, if there are such
 * @param limit stop where earlier pictures would have more detail than the largest result
 */
export async function traceHistory(
  picture: Uint8Array,
  find: (recipe: Recipe) => Promise<EarlierPicture | undefined>,
  limit?: SizeLimit,
): Promise<History> {
  const earlier: EarlierPicture[] = []
  let bytes = 0
  for (let current = picture; earlier.length < EARLIER_LIMIT.pictures; ) {
    const edit = editOf(current)
    const recipe = readRecipe(current)
    if (!edit || !recipe) return { earlier, end: 'first' }
    const found = await find(recipe)
    if (!found || !isEditOf(edit, sizeOf(found.picture), sizeOf(current))) return { earlier, end: 'missing' }
    bytes += found.picture.length
    if (bytes > EARLIER_LIMIT.bytes) break
    earlier.push(found)
    current = found.picture
    const [first] = placeStages(historyStages(picture, earlier))
    if (limit && exceededLimit(sizeAt(sizeOf(picture), detailOf(first!)), limit)) return { earlier, end: 'limit' }
  }
  return { earlier, end: 'limit' }
}

/**
 * The size of the picture in which all earlier pictures are seen with all of their detail, or as many as the limit allows.
 *
 * @param scale of the result, if it is given
 * @returns the earlier pictures that are needed for it
 * @throws UserError `history-missing` where no earlier picture has more detail; `upscale-too-large`
 */
export function planRefill(
  picture: Uint8Array,
  { earlier, end }: History,
  limit: SizeLimit,
  scale?: number,
): { readonly edit: UpscaleFromHistory; readonly earlier: readonly EarlierPicture[] } {
  const placed = placeStages(historyStages(picture, earlier))
  const last = placed.at(-1)!.size
  const detailed = detailedStages(placed)
  if (detailed.length === 0) throw new UserError({ code: 'history-missing', isGone: end === 'missing' })
  const sizes = detailed.map(stage => sizeAt(last, detailOf(stage)))
  const given = (factor: number) => sizeAt(last, { x: factor, y: factor })
  const candidates = scale === undefined ? [...sizes.toReversed(), given(UPSCALE_FACTORS[0])] : [given(scale)]
  const size = candidates.find(one => !exceededLimit(one, limit))
  if (!size) {
    const smallest = candidates.at(-1)!
    const exceeded = exceededLimit(smallest, limit)!
    throw new UserError({ code: 'upscale-too-large', ...smallest, scale: scale ?? 2, ...exceeded })
  }
  const factor = size.width / last.width
  const shown = stagesAt(detailed, factor)
  const isCut = shown.length < detailed.length || detailOf(detailed.at(-1)!).x > factor * MORE_DETAIL
  const history = { ...size, pictures: shown.length, end: isCut ? 'limit' : end } as const
  const edit = { kind: 'upscale', scale: Math.round(factor * 100) / 100, history } as const
  // The first picture of a history is the last of the earlier ones.
  return { edit, earlier: earlier.slice(0, placed.length - 1 - placed.indexOf(shown.at(-1)!)) }
}

/** The earlier stages that have more detail than all later ones, from the latest to the first. */
export function detailedStages(placed: readonly PlacedStage[]): PlacedStage[] {
  const found: PlacedStage[] = []
  let most = 1
  for (const stage of placed.slice(0, -1).toReversed()) {
    const { x, y } = detailOf(stage)
    if (Math.min(x, y) < most * MORE_DETAIL) continue
    most = Math.min(x, y)
    found.push(stage)
  }
  return found
}

/** Of detailed stages those that are seen at this scale: up to the first that has all the detail that can be seen. */
export function stagesAt(detailed: readonly PlacedStage[], scale: number): PlacedStage[] {
  const first = detailed.findIndex(stage => detailOf(stage).x * MORE_DETAIL > scale)
  return first < 0 ? [...detailed] : detailed.slice(0, first + 1)
}

/** How many pixels of a stage are along one of the last picture. */
function detailOf({ size, rect }: PlacedStage): { readonly x: number; readonly y: number } {
  return { x: size.width / rect.width, y: size.height / rect.height }
}

function sizeAt({ width, height }: Extent, detail: { readonly x: number; readonly y: number }): Extent {
  return { width: Math.round(width * detail.x), height: Math.round(height * detail.y) }
}
