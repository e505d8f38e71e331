import { KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import { gaussianBlur } from './gaussian-blur.js'

/** How far into what was painted a border is gone over once more, and over how much of that it fades out: pixels as painted. */
const SEAM_BAND = { width: 48, fade: 16 } as const

/** Denoising strength there: enough to join what lies on both sides, too little for anything new (InvokeAI's seam pass). */
export const SEAM_DENOISING_STRENGTH = 0.5

/**
 * What lies along the border of what was painted, on its side.
 *
 * @param scale how large a pixel is that the model paints, in pixels of the mask
 * @returns undefined where nothing has a border
 */
export function seamMask(mask: Mask, scale: number): Mask | undefined {
  if (!mask.data.includes(KEEP)) return undefined
  const reach = (SEAM_BAND.width + SEAM_BAND.fade / 2) * scale
  const distancesInside = squaredDistanceTransform(mask, KEEP)
  const data = mask.data.map((value, at) => (value === PAINT && distancesInside[at]! <= reach * reach ? PAINT : KEEP))
  return data.includes(PAINT) ? { ...mask, data } : undefined
}

/** What was painted, with its border painted over again, which fades out inwards. @param mask of what was painted */
export function blendSeam(mask: Mask, scale: number, painted: Pixels, seamPainted: Pixels): Pixels {
  const distancesInside = squaredDistanceTransform(mask, KEEP)
  const end = SEAM_BAND.width + SEAM_BAND.fade / 2
  const data = painted.data.map((value, at) => {
    const depth = Math.sqrt(distancesInside[Math.floor(at / 3)]!) / scale
    const share = Math.min(1, Math.max(0, (end - depth) / SEAM_BAND.fade))
    return Math.round(value + share * (seamPainted.data[at]! - value))
  })
  return { ...painted, data }
}

/** How far from the border what was painted is matched to what was there, as a share of the shorter side, and at least. */
const TONE_MATCHING_REACH = { share: 0.06, least: 12 }

/**
 * Match what was painted to the picture that it goes on from: along the border both are known, and where they differ the
 * painted side takes over the difference, less and less with distance. That removes the steps in tone that an autoencoder
 * leaves; what is not painted stays as it came.
 *
 * @param painted the whole picture as a model paints it, also outside the mask
 * @param known the picture; what lies under the mask is not read
 */
export function matchTonesAtBorder(painted: Pixels, known: Pixels, mask: Mask): Pixels {
  const { width, height } = mask
  const reach = Math.max(TONE_MATCHING_REACH.least, Math.min(width, height) * TONE_MATCHING_REACH.share)
  const distancesInside = squaredDistanceTransform(mask, KEEP)
  const distancesOutside = squaredDistanceTransform(mask, PAINT)
  // Differences in a band outside the border, spread over both sides of it: a weighted mean of those near by.
  const weight = new Float32Array(mask.data.length)
  for (let at = 0; at < weight.length; at++)
    weight[at] = mask.data[at] === KEEP && distancesOutside[at]! <= reach * reach ? 1 : 0
  const nearbyWeight = gaussianBlur(weight, width, height, reach / 2)
  const data = painted.data.slice()
  for (let channel = 0; channel < 3; channel++) {
    const difference = weight.map((one, at) => one * (known.data[at * 3 + channel]! - painted.data[at * 3 + channel]!))
    const blurredDifference = gaussianBlur(difference, width, height, reach / 2)
    for (let at = 0; at < weight.length; at++) {
      if (mask.data[at] !== PAINT || nearbyWeight[at]! < 1e-4) continue
      const share = Math.exp(-distancesInside[at]! / (reach * reach))
      const value = painted.data[at * 3 + channel]! + (share * blurredDifference[at]!) / nearbyWeight[at]!
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, value)))
    }
  }
  return { width, height, data }
}
