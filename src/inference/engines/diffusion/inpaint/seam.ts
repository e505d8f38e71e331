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

/** At least as many cells are one standard deviation of the blur: then bilinear interpolation shows no cells. */
const MIN_CELLS_OF_SIGMA = 8

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
  // Blur the differences in a band outside the border over both sides: a weighted mean of the nearby ones. It changes
  // slowly, so it is computed at a smaller size.
  const sigma = reach / 2
  const cell = Math.max(1, Math.floor(sigma / MIN_CELLS_OF_SIGMA))
  const [across, down] = [Math.ceil(width / cell), Math.ceil(height / cell)]
  const cellSums = [0, 1, 2, 3].map(() => new Float32Array(across * down))
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== KEEP || squaredDistancesOutside[at]! > reach * reach) continue
    const inCell = Math.floor(Math.floor(at / width) / cell) * across + Math.floor((at % width) / cell)
    for (let channel = 0; channel < 3; channel++)
      cellSums[channel]![inCell]! += known.data[at * 3 + channel]! - painted.data[at * 3 + channel]!
    cellSums[3]![inCell]! += 1
  }
  const [red, green, blue, count] = cellSums.map(sums => gaussianBlur(sums, across, sigma / cell))
  const data = painted.data.slice()
  const sampleCells = bilinear(across, down)
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== PAINT) continue
    const x = ((at % width) + 0.5) / cell - 0.5
    const y = (Math.floor(at / width) + 0.5) / cell - 0.5
    const nearby = sampleCells(count!, x, y)
    if (nearby < 1e-4 * cell * cell) continue
    const share = Math.exp(-squaredDistancesInside[at]! / (reach * reach)) / nearby
    for (const [channel, sums] of [red!, green!, blue!].entries()) {
      const value = painted.data[at * 3 + channel]! + share * sampleCells(sums, x, y)
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, value)))
    }
  }
  return { width, height, data }
}

/** The value of a plane between its values; positions outside take the nearest one. */
function bilinear(width: number, height: number) {
  const clamp = (position: number, length: number) => Math.min(length - 1, Math.max(0, position))
  return (plane: Float32Array, x: number, y: number): number => {
    const [left, top] = [Math.floor(clamp(x, width)), Math.floor(clamp(y, height))]
    const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)]
    const [shareX, shareY] = [clamp(x, width) - left, clamp(y, height) - top]
    const above = plane[top * width + left]! * (1 - shareX) + plane[top * width + right]! * shareX
    const below = plane[bottom * width + left]! * (1 - shareX) + plane[bottom * width + right]! * shareX
    return above * (1 - shareY) + below * shareY
  }
}
