import { KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import { gaussianBlur } from './gaussian-blur.js'

/** Width of the seam inside the mask and its fade-out at the inner end, in pixels at work size. */
const SEAM_BAND = { width: 48, fade: 16 } as const

/** Denoising strength of the seam pass: enough to join both sides, too little to add content (InvokeAI's seam pass). */
export const SEAM_DENOISING_STRENGTH = 0.5

/**
 * The mask of the seam pass: the painted pixels along the border of the mask.
 *
 * @param scale mask pixels for one pixel at work size
 * @returns undefined if the mask has no border
 */
export function seamMask(mask: Mask, scale: number): Mask | undefined {
  if (!mask.data.includes(KEEP)) return undefined
  const reach = (SEAM_BAND.width + SEAM_BAND.fade / 2) * scale
  const squaredDistancesInside = squaredDistanceTransform(mask, KEEP)
  const data = mask.data.map((value, at) =>
    value === PAINT && squaredDistancesInside[at]! <= reach * reach ? PAINT : KEEP,
  )
  return data.includes(PAINT) ? { ...mask, data } : undefined
}

/** Blend the result of the seam pass over the first result, fading out towards the inside of the mask. */
export function blendSeam(mask: Mask, scale: number, painted: Pixels, seamPainted: Pixels): Pixels {
  const squaredDistancesInside = squaredDistanceTransform(mask, KEEP)
  const end = SEAM_BAND.width + SEAM_BAND.fade / 2
  const data = painted.data.map((value, at) => {
    const depth = Math.sqrt(squaredDistancesInside[Math.floor(at / 3)]!) / scale
    const share = Math.min(1, Math.max(0, (end - depth) / SEAM_BAND.fade))
    return Math.round(value + share * (seamPainted.data[at]! - value))
  })
  return { ...painted, data }
}

/** How far from the border tones are matched: a share of the shorter side, at least `least` pixels. */
const TONE_MATCHING_REACH = { share: 0.06, least: 12 }

/**
 * Match the tones of painted pixels to the known picture. The difference along the border, where both are known, is
 * added to the painted side and fades out with distance. This removes the tone step that the VAE leaves. Pixels outside
 * the mask are unchanged.
 *
 * @param painted the whole picture as the model paints it, also outside the mask
 * @param known the source; pixels under the mask are not read
 */
export function matchTonesAtBorder(painted: Pixels, known: Pixels, mask: Mask): Pixels {
  const { width, height } = mask
  const reach = Math.max(TONE_MATCHING_REACH.least, Math.min(width, height) * TONE_MATCHING_REACH.share)
  const squaredDistancesInside = squaredDistanceTransform(mask, KEEP)
  const squaredDistancesOutside = squaredDistanceTransform(mask, PAINT)
  // Blur the differences in a band outside the border over both sides: a weighted mean of the nearby ones.
  const weight = new Float32Array(mask.data.length)
  for (let at = 0; at < weight.length; at++)
    weight[at] = mask.data[at] === KEEP && squaredDistancesOutside[at]! <= reach * reach ? 1 : 0
  const nearbyWeight = gaussianBlur(weight, width, height, reach / 2)
  const data = painted.data.slice()
  for (let channel = 0; channel < 3; channel++) {
    const difference = weight.map((one, at) => one * (known.data[at * 3 + channel]! - painted.data[at * 3 + channel]!))
    const blurredDifference = gaussianBlur(difference, width, height, reach / 2)
    for (let at = 0; at < weight.length; at++) {
      if (mask.data[at] !== PAINT || nearbyWeight[at]! < 1e-4) continue
      const share = Math.exp(-squaredDistancesInside[at]! / (reach * reach))
      const value = painted.data[at * 3 + channel]! + (share * blurredDifference[at]!) / nearbyWeight[at]!
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, value)))
    }
  }
  return { width, height, data }
}
