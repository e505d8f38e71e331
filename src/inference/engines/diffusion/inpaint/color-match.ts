import { toOklab, transformPixels } from '../../../image/oklab.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import { type BorderPair, borderTransform } from './color-transfer.js'
import { gaussianBlur } from './gaussian-blur.js'

/** How far from the border tones are matched: a share of the shorter side, at least `least` pixels. */
const TONE_MATCHING_REACH = { share: 0.06, least: 12 }

/** At least as many cells are one standard deviation of the blur: then bilinear interpolation shows no cells. */
const MIN_CELLS_OF_SIGMA = 4

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
  const addLocal = localDifferences(painted, known, mask, tint !== undefined)
  const { width, height } = mask
  const data = painted.data.slice()
  if (tint) transformPixels(tint, painted.data, data, mask.data)
  for (let y = 0; y < height; y++) {
    const rowMask = mask.data.subarray(y * width, (y + 1) * width)
    if (rowMask.includes(PAINT)) addLocal(y, rowMask, data.subarray(y * width * 3, (y + 1) * width * 3))
  }
  return { width, height, data }
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
 * Adds to the painted pixels what the known picture differs from the painted one beyond the border nearby, where both are known: a
 * weighted mean, which fades out with the distance to the border. It changes slowly, so it is computed for cells of pixels.
 *
 * @param isRelative only what differs from the mean difference, which is removed already
 * @returns as {@link bilinearRows}
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
  forEachCell(mask, cell, (inCell, from, to) => {
    if (toPainted[inCell]! > squaredReach) return
    for (let at = from; at < to; at++) {
      if (mask.data[at] !== KEEP) continue
      for (let channel = 0; channel < 3; channel++)
        sums[channel]![inCell]! += known.data[at * 3 + channel]! - painted.data[at * 3 + channel]!
      sums[3]![inCell]! += 1
    }
  })
  const count = gaussianBlur(sums[3]!, across, sigma / cell)
  const planes = sums.slice(0, 3).map(own => {
    const common = isRelative ? total(own) / Math.max(1, total(sums[3]!)) : 0
    const plane = gaussianBlur(own, across, sigma / cell)
    for (let at = 0; at < plane.length; at++) {
      const share = Math.exp(-toKept[at]! / squaredReach)
      plane[at] = count[at]! < 1e-4 * cell * cell ? 0 : share * (plane[at]! / count[at]! - common)
    }
    return plane
  })
  return bilinearRows(planes, across, cell, width)
}

/** Which cells of pixels have kept ones, and which have painted ones: 255 for yes. */
function cellMasks(mask: Mask, cell: number): { touchesKept: Mask; touchesPainted: Mask } {
  const size = { width: Math.ceil(mask.width / cell), height: Math.ceil(mask.height / cell) }
  const [touchesKept, touchesPainted] = [filledMask(size, KEEP), filledMask(size, KEEP)]
  forEachCell(mask, cell, (inCell, from, to) => {
    for (let at = from; at < to; at++) {
      const touched = mask.data[at] === KEEP ? touchesKept : touchesPainted
      touched.data[inCell] = PAINT
    }
  })
  return { touchesKept, touchesPainted }
}

/** Calls `visit` with each row of pixels in each cell: the cell, and the pixels from `from` to before `to`. */
function forEachCell(
  { width, height }: Mask,
  cell: number,
  visit: (inCell: number, from: number, to: number) => void,
): void {
  const across = Math.ceil(width / cell)
  for (let y = 0; y < height; y++) {
    const firstCell = Math.floor(y / cell) * across
    for (let column = 0; column < across; column++) {
      visit(firstCell + column, y * width + column * cell, y * width + Math.min(width, (column + 1) * cell))
    }
  }
}

function total(values: Float32Array): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]!
  return sum
}

/**
 * Adds the values of three planes of cells, interpolated between the cells, to the pixels of a row where it is painted; pixels beyond the
 * outer cells take the nearest one.
 *
 * @returns `y` is the row; `mask` and `row` are its mask and its colors
 */
function bilinearRows(planes: readonly Float32Array[], across: number, cell: number, width: number) {
  const down = planes[0]!.length / across
  const position = (pixel: number, length: number) => Math.min(length - 1, Math.max(0, (pixel + 0.5) / cell - 0.5))
  const lefts = Int32Array.from({ length: width }, (_, x) => Math.floor(position(x, across)))
  const shares = Float64Array.from(lefts, (left, x) => position(x, across) - left)
  // A further cell on the right, whose share is 0.
  const blended = new Float64Array((across + 1) * 3)
  return (y: number, mask: Uint8Array, row: Uint8Array): void => {
    const top = Math.floor(position(y, down))
    const below = Math.min(down - 1, top + 1)
    const share = position(y, down) - top
    for (const [channel, plane] of planes.entries()) {
      for (let at = 0; at < across; at++)
        blended[at * 3 + channel] = plane[top * across + at]! * (1 - share) + plane[below * across + at]! * share
    }
    for (let x = 0; x < width; x++) {
      if (mask[x] !== PAINT) continue
      const [left, shareX] = [lefts[x]! * 3, shares[x]!]
      for (let channel = 0; channel < 3; channel++) {
        const at = x * 3 + channel
        const difference = blended[left + channel]! * (1 - shareX) + blended[left + 3 + channel]! * shareX
        const value = row[at]! + difference
        // The array rounds towards 0.
        row[at] = value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5
      }
    }
  }
}
