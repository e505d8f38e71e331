import { KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'

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
  const squaredEnd = (end * scale) ** 2
  const data = painted.data.slice()
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (squaredDistancesInside[pixel]! >= squaredEnd) continue
    const depth = Math.sqrt(squaredDistancesInside[pixel]!) / scale
    const share = Math.min(1, Math.max(0, (end - depth) / SEAM_BAND.fade))
    for (let at = pixel * 3; at < pixel * 3 + 3; at++)
      data[at] = Math.round(data[at]! + share * (seamPainted.data[at]! - data[at]!))
  }
  return { ...painted, data }
}
