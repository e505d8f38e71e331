import { UserError } from '../../user-error.js'
import { readRgba, readSize } from '../image/decode.js'
import { type Extent, hasSameAspect, isSameSize } from '../image/geometry.js'
import { hardMask, maskSizeError, resizeSoftMask } from '../image/mask-file.js'
import type { SoftMask } from '../image/pixels.js'
import { paintedShare } from './morphology.js'
import {
  type MaskReading,
  marksReading,
  type Reading,
  type ReadingKind,
  transparencyReadings,
  whiteReading,
} from './readings.js'

/** What somebody meant with a picture that they sent as a mask. */
export type InterpretedMask = {
  /** Of the picture's size. */
  readonly mask: SoftMask
  readonly kind: ReadingKind
  /** How much of the picture is painted, from 0 to 1. */
  readonly share: number
  /** Whether the interpretation can be used without a confirmation. */
  readonly certain: boolean
  /** The mask had another size and was scaled. */
  readonly scaled: boolean
  /** The next best reading, where it is possible at all; of the picture's size, too. */
  readonly second?: { readonly kind: ReadingKind; readonly mask: SoftMask }
}

/** The longer side at which a copy is compared with its original, in pixels: a dot of 12 pixels on 12 megapixels has 6. */
const COMPARED_SIDE = 2048

/** A larger painted share is usually an inverted mask, or no mask: it needs a confirmation. */
const MAX_CERTAIN_SHARE = 0.6

/** The best reading is certain if its score leads by this much. */
const CERTAIN_LEAD = 0.3

/** A reading with a lower score is not a choice. */
const MIN_SCORE = 0.05

/** Transparent pixels of this share make a drawing one with transparency, whatever its colours are. */
const MIN_TRANSPARENT_SHARE = 0.01

/**
 * Work out what is to be repainted from the picture that was sent as a mask. Its transparent part, the strokes on a transparent
 * ground, the marks on a copy of the picture, and the white part of a black-and-white picture are compared; the best reading is
 * taken.
 *
 * This is called once for each mask, where it comes in: the result travels as a canonical mask (`encodeMask`).
 *
 * @param drawn a picture file
 * @param picture the picture file that the mask is for
 * @param readAs what the person says that it is
 * @throws UserError `mask-size-differs`, `mask-empty`, `mask-full`, `mask-low-contrast`, `mask-not-recognized`, and those of
 *   the readers
 */
export async function interpretMask(
  drawn: Uint8Array,
  picture: Uint8Array,
  readAs?: MaskReading,
): Promise<InterpretedMask> {
  const [size, drawnSize] = await Promise.all([readSize(picture), readSize(drawn)])
  if (!hasSameAspect(drawnSize, size)) throw maskSizeError(drawnSize, size)
  const readings = (await readingsOf(drawn, picture, size, readAs !== undefined))
    .filter(({ kind }) => !readAs || KINDS[readAs].includes(kind))
    .sort((one, other) => other.score - one.score)
  const [best, runnerUp] = readings
  if (!best) throw new UserError({ code: readAs === 'transparent' ? 'mask-empty' : 'mask-not-recognized' })
  if ('problem' in best.found) throw new UserError(best.found.problem)
  const mask = await resizeSoftMask(best.found.mask, size)
  const share = paintedShare(hardMask(mask))
  if (share === 0)
    throw new UserError({ code: mask.data.some(value => value > 0) ? 'mask-low-contrast' : 'mask-empty' })
  if (mask.data.every(value => value === 255)) throw new UserError({ code: 'mask-full' })
  const leads = best.score - (runnerUp?.score ?? 0) >= CERTAIN_LEAD
  const certain = (readAs !== undefined || (best.certain && leads)) && share <= MAX_CERTAIN_SHARE
  const other = readings.slice(1).find(({ score, found }) => score >= MIN_SCORE && 'mask' in found)
  const scaled = !isSameSize(drawnSize, size)
  const second = other &&
    'mask' in other.found && { kind: other.kind, mask: await resizeSoftMask(other.found.mask, size) }
  return { mask, kind: best.kind, share, certain, scaled, ...(second && isPartial(second.mask) && { second }) }
}

/** Whether a mask paints something and keeps something. */
function isPartial(mask: SoftMask): boolean {
  const share = paintedShare(hardMask(mask))
  return share > 0 && share < 1
}

/** The readings that a word of a person allows. */
const KINDS: Record<MaskReading, readonly ReadingKind[]> = {
  white: ['black-and-white'],
  transparent: ['transparent'],
  marks: ['marked', 'layer'],
}

/** @param all even the readings that the drawing's transparency rules out */
async function readingsOf(drawn: Uint8Array, picture: Uint8Array, size: Extent, all: boolean): Promise<Reading[]> {
  const pixels = await readRgba(drawn)
  let transparent = 0
  for (let at = 3; at < pixels.data.length; at += 4) if (pixels.data[at]! < 255) transparent++
  const readings = transparent > 0 ? transparencyReadings(pixels, await readRgba(picture, { size: pixels })) : []
  const onlySharedHoles = readings.every(({ score, certain }) => !certain && score <= 0.3)
  const hasOwnHoles = transparent * 4 >= MIN_TRANSPARENT_SHARE * pixels.data.length && !onlySharedHoles
  if (hasOwnHoles && !all) return readings
  const scale = Math.min(1, COMPARED_SIDE / Math.max(size.width, size.height))
  const compared = {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  }
  const [original, copy] = await Promise.all([picture, drawn].map(file => readRgba(file, { size: compared })))
  const marks = marksReading(copy!, original!)
  const white = whiteReading(pixels)
  // It is hardly chance if a mask has the structure of the picture.
  const chance = 1 - 1.8 * Math.max(0, (marks?.structure ?? 0) - 0.5)
  const others = [{ ...white, score: white.score * chance }, ...(marks ? [marks] : [])]
  // The picture itself, unmarked, can only mean its holes.
  const isUnmarked = marks && 'problem' in marks.found && readings.some(({ score }) => score > 0)
  return isUnmarked && !all ? readings : [...readings, ...others]
}
