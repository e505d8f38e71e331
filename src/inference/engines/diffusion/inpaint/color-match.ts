import { oklabPixelTransform, toOklab } from '../../../image/oklab.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import { type BorderPair, borderTransform } from './color-transfer.js'
import { gaussianBlur } from './gaussian-blur.js'

/** How far from the border tones are matched: a share of the shorter side, at least `least` pixels. */
const TONE_MATCHING_REACH = { share: 0.06, least: 12 }

/** At least as many cells are one standard deviation of the blur: then bilinear interpolation shows no cells. */
const MIN_CELLS_OF_SIGMA = 8

/** Cells along the border have this share of the shorter side, within these limits in pixels. */
const BORDER_CELL = { share: 1 / 96, least: 4, most: 24 } as const

/** Both sides have at least this share of a cell on the border. */
const MIN_SIDE_OF_CELL = 0.2

/**
 * Match the colors of painted pixels to the known picture. Pixels outside the mask are unchanged.
 *
 * 1. A tint that the painted side has along the border is taken from all painted pixels (`borderTransform`).
 * 2. What differs more at one place of the border than at others, because the VAE leaves it, is added to the painted side
 *    there and fades out with distance.
 *
 * @param painted the whole picture as the model paints it, also outside the mask
 * @param known the source; pixels under the mask are not read
 */
export function matchColors(painted: Pixels, known: Pixels, mask: Mask): Pixels {
  const tint = borderTransform(borderPairs(painted, known, mask))
  const local = localDifferences(painted, known, mask, tint !== undefined)
  const data = painted.data.slice()
  const recolor = tint && oklabPixelTransform(tint)
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== PAINT) continue
    recolor?.(painted.data, data, at * 3)
    local(at, data)
  }
  return { width: mask.width, height: mask.height, data }
}

/**
 * The mean colors of the two sides in each cell that the border crosses. There are two grids of cells, half a cell apart: a straight
 * border can run between the cells of one.
 */
function borderPairs(painted: Pixels, known: Pixels, mask: Mask): BorderPair[] {
  const { width, height } = mask
  const side = Math.round(Math.min(width, height) * BORDER_CELL.share)
  const cell = Math.min(BORDER_CELL.most, Math.max(BORDER_CELL.least, side))
  const pairs: BorderPair[] = []
  for (const shift of [0, Math.floor(cell / 2)]) {
    for (let top = -shift; top < height; top += cell) {
      for (let left = -shift; left < width; left += cell) {
        const [right, bottom] = [Math.min(width, left + cell), Math.min(height, top + cell)]
        const box = { left: Math.max(0, left), top: Math.max(0, top), right, bottom }
        const pair = cellPair(painted, known, mask, box)
        if (pair) pairs.push(pair)
      }
    }
  }
  return pairs
}

type CellBox = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

function cellPair(
  painted: Pixels,
  known: Pixels,
  { width, data }: Mask,
  { left, top, right, bottom }: CellBox,
): BorderPair | undefined {
  let masked = 0
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) if (data[at] === PAINT) masked++
  }
  const area = (right - left) * (bottom - top)
  const weight = Math.min(masked, area - masked)
  if (weight < MIN_SIDE_OF_CELL * area) return undefined
  const [inside, outside] = [
    [0, 0, 0],
    [0, 0, 0],
  ]
  for (let y = top; y < bottom; y++) {
    for (let at = y * width + left; at < y * width + right; at++) {
      const [sums, from] = data[at] === PAINT ? [inside, painted.data] : [outside, known.data]
      const color = toOklab(from[at * 3]!, from[at * 3 + 1]!, from[at * 3 + 2]!)
      for (let axis = 0; axis < 3; axis++) sums[axis]! += color[axis]!
    }
  }
  const mean = (sums: number[], count: number) => [sums[0]! / count, sums[1]! / count, sums[2]! / count] as const
  return { painted: mean(inside, masked), known: mean(outside, area - masked), weight }
}

/**
 * Adds to a painted pixel what the known picture differs from the painted one beyond the border nearby, where both are known: a
 * weighted mean, which fades out with the distance to the border. It changes slowly, so it is computed for cells of pixels.
 *
 * @param isRelative only what differs from the mean difference, which is removed already
 */
function localDifferences(painted: Pixels, known: Pixels, mask: Mask, isRelative: boolean) {
  const { width, height } = mask
  const reach = Math.max(TONE_MATCHING_REACH.least, Math.min(width, height) * TONE_MATCHING_REACH.share)
  const sigma = reach / 2
  const cell = Math.max(1, Math.floor(sigma / MIN_CELLS_OF_SIGMA))
  const { touchesKept, touchesPainted } = cellMasks(mask, cell)
  const across = touchesKept.width
  const toKept = squaredDistanceTransform(touchesKept, PAINT)
  const toPainted = squaredDistanceTransform(touchesPainted, PAINT)
  const squaredReach = (reach / cell) ** 2
  const sums = [0, 1, 2, 3].map(() => new Float32Array(toKept.length))
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== KEEP) continue
    const inCell = Math.floor(Math.floor(at / width) / cell) * across + Math.floor((at % width) / cell)
    if (toPainted[inCell]! > squaredReach) continue
    for (let channel = 0; channel < 3; channel++)
      sums[channel]![inCell]! += known.data[at * 3 + channel]! - painted.data[at * 3 + channel]!
    sums[3]![inCell]! += 1
  }
  const count = gaussianBlur(sums[3]!, across, sigma / cell)
  const planes = sums.slice(0, 3).map(own => {
    const common = isRelative ? total(own) / Math.max(1, total(sums[3]!)) : 0
    return gaussianBlur(own, across, sigma / cell).map((sum, at) => {
      const share = Math.exp(-toKept[at]! / squaredReach)
      return count[at]! < 1e-4 * cell * cell ? 0 : share * (sum / count[at]! - common)
    })
  })
  const sample = bilinear(planes, across)
  return (at: number, data: Uint8Array): void => {
    sample(((at % width) + 0.5) / cell - 0.5, (Math.floor(at / width) + 0.5) / cell - 0.5, data, at * 3)
  }
}

/** Which cells of pixels have kept ones, and which have painted ones: 255 for yes. */
function cellMasks({ width, height, data }: Mask, cell: number): { touchesKept: Mask; touchesPainted: Mask } {
  const size = { width: Math.ceil(width / cell), height: Math.ceil(height / cell) }
  const [touchesKept, touchesPainted] = [filledMask(size, KEEP), filledMask(size, KEEP)]
  for (let at = 0; at < data.length; at++) {
    const inCell = Math.floor(Math.floor(at / width) / cell) * size.width + Math.floor((at % width) / cell)
    const touched = data[at] === KEEP ? touchesKept : touchesPainted
    touched.data[inCell] = PAINT
  }
  return { touchesKept, touchesPainted }
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Adds the values of three planes between their cells to a pixel; positions outside take the nearest one. */
function bilinear(planes: readonly Float32Array[], width: number) {
  const height = planes[0]!.length / width
  const clamp = (position: number, length: number) => Math.min(length - 1, Math.max(0, position))
  return (x: number, y: number, data: Uint8Array, at: number): void => {
    const [left, top] = [Math.floor(clamp(x, width)), Math.floor(clamp(y, height))]
    const right = Math.min(width - 1, left + 1)
    const below = Math.min(height - 1, top + 1) * width
    const [shareX, shareY] = [clamp(x, width) - left, clamp(y, height) - top]
    for (let channel = 0; channel < 3; channel++) {
      const plane = planes[channel]!
      const upper = plane[top * width + left]! * (1 - shareX) + plane[top * width + right]! * shareX
      const lower = plane[below + left]! * (1 - shareX) + plane[below + right]! * shareX
      const value = data[at + channel]! + upper * (1 - shareY) + lower * shareY
      data[at + channel] = Math.round(Math.min(255, Math.max(0, value)))
    }
  }
}
