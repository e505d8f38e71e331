import { UserError } from '../../user-error.js'
import { type Rgba, readRgba, readSize } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import { resizeMask } from '../image/mask-file.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { diffMask, isCopyOf } from './diff-mask.js'
import { paintedShare } from './morphology.js'

/** What somebody meant with a picture that they sent as a mask. */
export type InterpretedMask = {
  /** Of the picture's own size. */
  readonly mask: Mask
  readonly kind: 'black-and-white' | 'see-through' | 'marked'
  /** How much of the picture is marked, from 0 to 1. */
  readonly share: number
  /** Whether it is plain enough to be believed without asking. */
  readonly certain: boolean
  /** It had another size, and was scaled. */
  readonly scaled: boolean
}

/** Aspect ratios that differ by more than this don't belong together. */
const ASPECT_TOLERANCE = 0.02

/** A pixel counts as see-through below this alpha, as in the pictures themselves. */
const OPAQUE = 128

/** From this luma on a mask is white. */
const WHITE = 128

/** The longer side at which pictures are compared, in pixels. */
const COMPARED = 1024

/** Marks of fewer pixels than this, in a million, are an accident. */
const SPECK = 100

/** Masks of more than this are usually the wrong way round, or not meant as one. */
const USUAL = 0.6

/**
 * Work out what is to be repainted from whatever was sent as a mask: the see-through part of a picture; or a copy of
 * the picture itself that was drawn over, where what differs counts, and what a line encloses; or else the white part
 * of a black-and-white picture.
 *
 * @param drawn a picture file
 * @param picture the picture file that it is about
 * @throws ProblemError `mask-size-differs`, `mask-empty`, `mask-full`, `mask-low-contrast`, `mask-not-recognized`, and those of the readers
 */
export async function interpretMask(drawn: Uint8Array, picture: Uint8Array): Promise<InterpretedMask> {
  const [size, own] = await Promise.all([readSize(picture), readSize(drawn)])
  if (!agree(own, size)) {
    const [mask, picture] = [own, size].map(({ width, height }) => `${width}×${height}`) as [string, string]
    throw new UserError({ code: 'mask-size-differs', mask, picture })
  }
  const scaled = own.width !== size.width || own.height !== size.height
  const pixels = await readRgba(drawn)
  const found = (await seeThrough(pixels, picture)) ?? (await marked(drawn, picture, size)) ?? blackAndWhite(pixels)
  const mask = await resizeMask(found.mask, size)
  const count = countPainted(mask)
  if (count === 0) throw new UserError({ code: 'mask-empty' })
  if (count === mask.data.length) throw new UserError({ code: 'mask-full' })
  const share = paintedShare(mask)
  return { mask, kind: found.kind, share, certain: found.certain && share <= USUAL, scaled }
}

type Found = Pick<InterpretedMask, 'mask' | 'kind' | 'certain'>

function agree(one: Extent, other: Extent): boolean {
  const ratio = (one.width * other.height) / (one.height * other.width)
  // Rounding to whole pixels changes the aspect of small pictures by more.
  const rounding = 1 / Math.min(one.width, one.height, other.width, other.height)
  return Math.abs(ratio - 1) <= ASPECT_TOLERANCE + rounding
}

/** What is see-through here and was not in the picture. */
async function seeThrough(drawn: Rgba, picture: Uint8Array): Promise<Found | undefined> {
  const mask = filledMask(drawn, KEEP)
  let count = 0
  for (let at = 0; at < mask.data.length; at++) {
    if (drawn.data[at * 4 + 3]! >= OPAQUE) continue
    mask.data[at] = PAINT
    count++
  }
  if (count * 1e6 < SPECK * mask.data.length) return undefined
  const own = await readRgba(picture, drawn)
  let more = 0
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== PAINT) continue
    if (own.data[at * 4 + 3]! < OPAQUE) mask.data[at] = KEEP
    else more++
  }
  if (more * 1e6 < SPECK * mask.data.length) return undefined
  return { mask, kind: 'see-through', certain: true }
}

/** What was drawn over a copy of the picture; undefined if it is no copy of it. */
async function marked(drawn: Uint8Array, picture: Uint8Array, size: Extent): Promise<Found | undefined> {
  const scale = Math.min(1, COMPARED / Math.max(size.width, size.height))
  const width = Math.max(1, Math.round(size.width * scale))
  const height = Math.max(1, Math.round(size.height * scale))
  const [original, copy] = await Promise.all([picture, drawn].map(file => readRgba(file, { width, height })))
  // A mask and a picture whose masked part is white already have that part in common, and are no copies.
  if (isBlackAndWhite(copy!) && !isBlackAndWhite(original!)) return undefined
  if (!isCopyOf(copy!, original!)) return undefined
  return { ...diffMask(copy!, original!), kind: 'marked' }
}

/** Nothing but black and white, but for edges and what compression makes of them. */
function isBlackAndWhite({ data }: Rgba): boolean {
  let other = 0
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!]
    if (Math.max(red, green, blue) > 40 && Math.min(red, green, blue) < 215) other++
  }
  return other < 0.05 * (data.length / 4)
}

function blackAndWhite({ width, height, data }: Rgba): Found {
  const mask = filledMask({ width, height }, KEEP)
  let [white, between, coloured, highest] = [0, 0, 0, 0]
  for (let at = 0; at < mask.data.length; at++) {
    const [red, green, blue] = [data[at * 4]!, data[at * 4 + 1]!, data[at * 4 + 2]!]
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue // Rec. 601
    if (luma >= WHITE) {
      mask.data[at] = PAINT
      white++
    }
    if (luma >= 56 && luma < 200) between++
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > 64) coloured++
    highest = Math.max(highest, luma)
  }
  const total = mask.data.length
  if (between > 0.35 * total || coloured > 0.35 * total) throw new UserError({ code: 'mask-not-recognized' })
  if (white * 1e6 < SPECK * total) throw new UserError({ code: highest < 24 ? 'mask-empty' : 'mask-low-contrast' })
  return { mask, kind: 'black-and-white', certain: between < 0.1 * total && coloured < 0.05 * total }
}
