import { UserError } from '../../user-error.js'
import { type Rgba, readRgba, readSize } from '../image/decode.js'
import { type Extent, hasSameAspect, isSameSize } from '../image/geometry.js'
import { maskSizeError, resizeMask } from '../image/mask-file.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { diffMask, isCopyOf } from './diff-mask.js'
import { paintedShare } from './morphology.js'

/** What somebody meant with a picture that they sent as a mask. */
export type InterpretedMask = {
  /** Of the picture's size. */
  readonly mask: Mask
  readonly kind: 'black-and-white' | 'see-through' | 'marked'
  /** How much of the picture is painted, from 0 to 1. */
  readonly share: number
  /** Whether the interpretation can be used without a confirmation. */
  readonly certain: boolean
  /** The mask had another size and was scaled. */
  readonly scaled: boolean
}

/** A pixel is transparent below this alpha, as in the pictures themselves. */
const OPAQUE_ALPHA = 128

/** From this luma on a pixel of a black-and-white mask is white. */
const WHITE_LUMA = 128

/** The longer side at which a copy is compared with its original, in pixels. */
const COMPARED_SIDE = 1024

/** A painted area below this share, in pixels per million, is an accident. */
const MIN_PAINTED_PPM = 100

/** A larger painted share is usually an inverted mask, or no mask: it needs a confirmation. */
const MAX_CERTAIN_SHARE = 0.6

/**
 * Work out what is to be repainted from the picture that was sent as a mask. In this order: the transparent part of a
 * picture; the difference from the picture itself where the mask is a copy with drawings on it, with what a line
 * encloses; the white part of a black-and-white picture.
 *
 * This is called once for each mask, where it comes in: the result travels as a canonical mask (`encodeMask`).
 *
 * @param drawn a picture file
 * @param picture the picture file that the mask is for
 * @throws UserError `mask-size-differs`, `mask-empty`, `mask-full`, `mask-low-contrast`, `mask-not-recognized`, and those of
 *   the readers
 */
export async function interpretMask(drawn: Uint8Array, picture: Uint8Array): Promise<InterpretedMask> {
  const [size, drawnSize] = await Promise.all([readSize(picture), readSize(drawn)])
  if (!hasSameAspect(drawnSize, size)) throw maskSizeError(drawnSize, size)
  const pixels = await readRgba(drawn)
  const found =
    (await transparentPart(pixels, picture)) ?? (await drawnOnCopy(drawn, picture, size)) ?? whitePart(pixels)
  const mask = await resizeMask(found.mask, size)
  const count = countPainted(mask)
  if (count === 0) throw new UserError({ code: 'mask-empty' })
  if (count === mask.data.length) throw new UserError({ code: 'mask-full' })
  const share = paintedShare(mask)
  const certain = found.certain && share <= MAX_CERTAIN_SHARE
  return { mask, kind: found.kind, share, certain, scaled: !isSameSize(drawnSize, size) }
}

/** At the size of the drawing, not of the picture. */
type Candidate = Pick<InterpretedMask, 'mask' | 'kind' | 'certain'>

/** The pixels that are transparent here and not in the picture. */
async function transparentPart(drawn: Rgba, picture: Uint8Array): Promise<Candidate | undefined> {
  const mask = filledMask(drawn, KEEP)
  let count = 0
  for (let at = 0; at < mask.data.length; at++) {
    if (drawn.data[at * 4 + 3]! >= OPAQUE_ALPHA) continue
    mask.data[at] = PAINT
    count++
  }
  if (count * 1e6 < MIN_PAINTED_PPM * mask.data.length) return undefined
  const original = await readRgba(picture, drawn)
  let added = 0
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== PAINT) continue
    if (original.data[at * 4 + 3]! < OPAQUE_ALPHA) mask.data[at] = KEEP
    else added++
  }
  if (added * 1e6 < MIN_PAINTED_PPM * mask.data.length) return undefined
  return { mask, kind: 'see-through', certain: true }
}

/** What was drawn on a copy of the picture; undefined if the mask is no copy of it. */
async function drawnOnCopy(drawn: Uint8Array, picture: Uint8Array, size: Extent): Promise<Candidate | undefined> {
  const scale = Math.min(1, COMPARED_SIDE / Math.max(size.width, size.height))
  const width = Math.max(1, Math.round(size.width * scale))
  const height = Math.max(1, Math.round(size.height * scale))
  const [original, copy] = await Promise.all([picture, drawn].map(file => readRgba(file, { width, height })))
  // A mask and a picture whose masked part is white have that part in common, and are no copies.
  if (isBlackAndWhite(copy!) && !isBlackAndWhite(original!)) return undefined
  if (!isCopyOf(copy!, original!)) return undefined
  return { ...diffMask(copy!, original!), kind: 'marked' }
}

/** Nothing but black and white, except for edges and compression artefacts. */
function isBlackAndWhite({ data }: Rgba): boolean {
  let other = 0
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!]
    if (Math.max(red, green, blue) > 40 && Math.min(red, green, blue) < 215) other++
  }
  return other < 0.05 * (data.length / 4)
}

/** @throws UserError `mask-not-recognized`, `mask-empty`, `mask-low-contrast` */
function whitePart({ width, height, data }: Rgba): Candidate {
  const mask = filledMask({ width, height }, KEEP)
  let [white, grey, coloured, highest] = [0, 0, 0, 0]
  for (let at = 0; at < mask.data.length; at++) {
    const [red, green, blue] = [data[at * 4]!, data[at * 4 + 1]!, data[at * 4 + 2]!]
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue // Rec. 601
    if (luma >= WHITE_LUMA) {
      mask.data[at] = PAINT
      white++
    }
    if (luma >= 56 && luma < 200) grey++
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > 64) coloured++
    highest = Math.max(highest, luma)
  }
  const total = mask.data.length
  if (grey > 0.35 * total || coloured > 0.35 * total) throw new UserError({ code: 'mask-not-recognized' })
  if (white * 1e6 < MIN_PAINTED_PPM * total) {
    throw new UserError({ code: highest < 24 ? 'mask-empty' : 'mask-low-contrast' })
  }
  return { mask, kind: 'black-and-white', certain: grey < 0.1 * total && coloured < 0.05 * total }
}
