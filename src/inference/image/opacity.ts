import { filledMask, KEEP, type Mask, PAINT, type Pixels, type SoftMask } from './pixels.js'

/**
 * Engines continue pixels of at least this opacity, from 0 to 255. Those below are painted, and the old picture covers them.
 * Compression is below this: AVIF of quality 50 leaves 99.9% of the opaque pixels of a sticker above it, WebP all of them.
 */
const KNOWN_OPACITY = 240

/** This share of the visible pixels may be more opaque than what counts as opaque: ten times what compression changes. */
const OUTLIERS = 0.01

/**
 * How much of the ground each pixel hides, from 0 to 255. That is its alpha; but a picture that is translucent as a whole has no
 * ground: its most opaque pixels count as opaque, and the others in proportion.
 */
export function opacityOf(alpha: SoftMask): SoftMask {
  const counts = new Uint32Array(256)
  for (const value of alpha.data) counts[value]!++
  let allowed = (alpha.data.length - counts[0]!) * OUTLIERS
  let strongest = 255
  while (strongest > 1 && counts[strongest]! <= allowed) allowed -= counts[strongest--]!
  if (strongest === 255) return alpha
  return { ...alpha, data: alpha.data.map(value => Math.min(255, Math.round((value * 255) / strongest))) }
}

/** The pixels that are painted because they are not opaque; undefined if there are none. */
export function holesIn(opacity: SoftMask): Mask | undefined {
  const holes = filledMask(opacity, KEEP)
  let isEmpty = true
  for (let at = 0; at < holes.data.length; at++) {
    if (opacity.data[at]! >= KNOWN_OPACITY) continue
    holes.data[at] = PAINT
    isEmpty = false
  }
  return isEmpty ? undefined : holes
}

/** The picture on a ground of its mean visible colour, for engines that start from it: transparent pixels have any colour. */
export function onMeanColour(pixels: Pixels, alpha: SoftMask): Pixels {
  const sums = [0, 0, 0]
  let weight = 0
  for (let at = 0; at < alpha.data.length; at++) {
    const opacity = alpha.data[at]!
    weight += opacity
    for (let channel = 0; channel < 3; channel++) sums[channel]! += opacity * pixels.data[at * 3 + channel]!
  }
  const mean = sums.map(sum => sum / Math.max(1, weight))
  const data = pixels.data.map((value, at) => {
    const ground = mean[at % 3]!
    return Math.round(ground + ((value - ground) * alpha.data[Math.floor(at / 3)]!) / 255)
  })
  return { ...pixels, data }
}
