import { KEEP, type Mask, PAINT, type SoftMask } from '../image/pixels.js'
import { dilate, erode, invertMask } from './morphology.js'

/** Levels between black and white. Lighter and darker ones are what compression leaves of them. */
const MIDDLE_GREY = { from: 64, to: 192 } as const

/** A drawn grey covers a disc of this radius somewhere, in pixels: antialiased and compressed edges are thinner. */
const DRAWN_RADIUS = 2

/** Levels at which greys are dilated; between them they keep their own value. */
const DILATED_LEVELS = [32, 64, 96, 128, 160, 192, 224, PAINT] as const

/**
 * Whether the greys of a mask are drawn: a grey area, or a border that fades over 10 pixels or more. Then each grey is a
 * strength for models that can start from the old picture. If not, they are the edges of a black-and-white mask: antialiased,
 * scaled or compressed.
 */
export function hasDrawnGreys(mask: SoftMask): boolean {
  const isMiddle = (value: number) => value >= MIDDLE_GREY.from && value < MIDDLE_GREY.to
  if (!mask.data.some(isMiddle)) return false
  const middle = { ...mask, data: mask.data.map(value => (isMiddle(value) ? PAINT : KEEP)) }
  return erode(middle, DRAWN_RADIUS).data.includes(PAINT)
}

/** Each pixel has the largest value within `radius` pixels, in steps of an eighth, or its own if that is larger. */
export function dilateGreys(mask: SoftMask, radius: number): SoftMask {
  const data = Uint8Array.from(mask.data)
  for (const level of DILATED_LEVELS) {
    const reached = dilate(thresholdAt(mask, level), radius)
    for (let at = 0; at < data.length; at++) if (reached.data[at] === PAINT) data[at] = Math.max(data[at]!, level)
  }
  return { ...mask, data }
}

/** Each pixel has the smallest value within `radius` pixels, in steps of an eighth. */
export function erodeGreys(mask: SoftMask, radius: number): SoftMask {
  return invertMask(dilateGreys(invertMask(mask), radius))
}

function thresholdAt(mask: SoftMask, level: number): Mask {
  return { ...mask, data: mask.data.map(value => (value >= level ? PAINT : KEEP)) }
}
