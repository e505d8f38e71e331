import { UserError } from '../../user-error.js'
import type { Rgba } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { close, dilate, fillHoles, removeSmallComponents } from './morphology.js'

/** Side of the blocks in which texture is compared, in pixels. */
const BLOCK = 16

/** A block with a smaller standard deviation has no texture to compare, in luma levels. */
const MIN_TEXTURE_DEVIATION = 4

/** Blocks with a higher correlation (Pearson, of luma) have the same texture. */
const MIN_CORRELATION = 0.6

/** Pixels that differ less are the same but for compression, in levels of a channel. */
const MAX_FLAT_DIFFERENCE = 16

/** Hysteresis thresholds, in levels of a channel: a difference from HIGH on is drawn; from LOW on where it is connected to one. */
const HIGH_THRESHOLD = 40
const LOW_THRESHOLD = 20

/** Smaller differences look like compression artefacts, in levels of a channel. */
const MIN_VISIBLE_DIFFERENCE = 14

/** How far compression and scaling spread a colour, in pixels. */
const SPREAD = 1

/** A larger enclosed area is not the inside of a lasso: share of the picture. */
const MAX_ENCLOSED_SHARE = 0.6

/** Gaps in a line are closed with this radius: share of the longer side, at least 2 pixels. */
const CLOSE_RADIUS_SHARE = 0.012

/** Masks of lossy copies are dilated by this radius: share of the longer side, at least 1 pixel. */
const DILATE_RADIUS_SHARE = 0.004

/** Components below this share of the picture are artefacts, unless they differ strongly. */
const MIN_COMPONENT_SHARE = 3e-4

/** A component with so strong a difference is drawn, however small its share is, in levels of a channel… */
const STRONG_THRESHOLD = 80

/** … but for artefacts of fewer pixels than this. */
const MIN_COMPONENT_PIXELS = 12

/** A painted share from here on needs no confirmation. */
const MIN_CERTAIN_SHARE = 1e-3

/**
 * The share of a picture's textured blocks that another has in common with it, from 0 to 1; undefined where the picture
 * has no texture. Both have the same size.
 *
 * @param outside only blocks without a painted pixel of this mask
 */
export function commonTexture(copy: Rgba, original: Rgba, outside?: Mask): number | undefined {
  const [copyLuma, originalLuma] = [lumaOf(copy), lumaOf(original)]
  const { width, height } = copy
  let [textured, common] = [0, 0]
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      if (outside && hasPainted(outside, left, top)) continue
      const { deviation, correlation } = compareBlock(copyLuma, originalLuma, width, left, top)
      if (deviation < MIN_TEXTURE_DEVIATION) continue
      textured++
      if (correlation > MIN_CORRELATION) common++
    }
  }
  return textured === 0 ? undefined : common / textured
}

function hasPainted(mask: Mask, left: number, top: number): boolean {
  for (let y = top; y < top + BLOCK; y++) {
    if (mask.data.subarray(y * mask.width + left, y * mask.width + left + BLOCK).includes(PAINT)) return true
  }
  return false
}

/** The share of pixels that are the same in both pictures, but for compression: from 0 to 1. Both have the same size. */
export function sameShare(one: Rgba, other: Rgba): number {
  let same = 0
  for (let at = 0; at < one.data.length; at += 4) {
    let distance = 0
    for (let channel = at; channel < at + 3; channel++) {
      distance = Math.max(distance, Math.abs(one.data[channel]! - other.data[channel]!))
    }
    if (distance <= MAX_FLAT_DIFFERENCE) same++
  }
  return (same * 4) / one.data.length
}

/** Standard deviation of the other block, and the correlation of both. */
function compareBlock(one: Float32Array, other: Float32Array, width: number, left: number, top: number) {
  let [sum1, sum2, sum11, sum22, sum12] = [0, 0, 0, 0, 0]
  for (let y = top; y < top + BLOCK; y++) {
    for (let at = y * width + left; at < y * width + left + BLOCK; at++) {
      const [value1, value2] = [one[at]!, other[at]!]
      sum1 += value1
      sum2 += value2
      sum11 += value1 * value1
      sum22 += value2 * value2
      sum12 += value1 * value2
    }
  }
  const count = BLOCK * BLOCK
  const deviation = Math.sqrt(Math.max(0, sum22 / count - (sum2 / count) ** 2))
  const deviation1 = Math.sqrt(Math.max(0, sum11 / count - (sum1 / count) ** 2))
  const covariance = sum12 / count - (sum1 * sum2) / count ** 2
  const correlation = deviation1 > 0 && deviation > 0 ? covariance / (deviation1 * deviation) : 0
  return { deviation, correlation }
}

/** Rec. 601, 0 to 255. */
function lumaOf({ data }: Rgba): Float32Array {
  const luma = new Float32Array(data.length / 4)
  for (let at = 0; at < luma.length; at++) {
    luma[at] = 0.299 * data[at * 4]! + 0.587 * data[at * 4 + 1]! + 0.114 * data[at * 4 + 2]!
  }
  return luma
}

/**
 * The mask of the marks on a copy of a picture.
 *
 * First the colours are matched, because a phone may have changed the colour profile. Then each pixel is compared with the range of
 * the original around it, so that compression and scaling do not count at edges. The differences go through hysteresis
 * thresholding, closing, filling of enclosed areas and a small dilation. Where the copy is lossless, every difference counts, and
 * nothing is dilated.
 *
 * @throws UserError `mask-empty`, `mask-low-contrast`
 */
export function diffMask(copy: Rgba, original: Rgba): DiffMask {
  const { width, height } = original
  const total = width * height
  const longer = Math.max(width, height)
  const outlined = (drawn: Mask) =>
    fillHoles(close(drawn, Math.max(2, longer * CLOSE_RADIUS_SHARE)), total * MAX_ENCLOSED_SHARE)
  const result = (drawn: Mask, mask: Mask) => ({
    drawn,
    mask,
    certain: countPainted(mask) > total * MIN_CERTAIN_SHARE,
  })
  const exact = losslessDifference(copy, original)
  if (exact && countPainted(exact) > 0) return result(exact, outlined(exact))
  const difference = smooth(differences(copy, matchColours(copy, original)), width, height)
  const noise = median(difference)
  const aboveNoise = (threshold: number) => Math.max(threshold, threshold * 0.5 + 4 * noise)
  const minComponent = Math.max(MIN_COMPONENT_PIXELS, Math.round(total * MIN_COMPONENT_SHARE))
  const above = (threshold: number) =>
    hysteresis(difference, original, aboveNoise(threshold), aboveNoise(LOW_THRESHOLD))
  const large = removeSmallComponents(above(HIGH_THRESHOLD), minComponent)
  const strong = removeSmallComponents(above(STRONG_THRESHOLD), MIN_COMPONENT_PIXELS)
  const drawn = { ...large, data: large.data.map((value, at) => Math.max(value, strong.data[at]!)) }
  if (countPainted(drawn) === 0) {
    const visible = thresholdMask(difference, original, aboveNoise(MIN_VISIBLE_DIFFERENCE))
    const faint = removeSmallComponents(visible, minComponent * 4)
    throw new UserError({ code: countPainted(faint) > total * 0.01 ? 'mask-low-contrast' : 'mask-empty' })
  }
  return result(drawn, dilate(outlined(drawn), Math.max(1, longer * DILATE_RADIUS_SHARE)))
}

/** The pixels that differ, and the mask that was meant by them. */
export type DiffMask = { readonly drawn: Mask; readonly mask: Mask; readonly certain: boolean }

/** Every pixel that differs; undefined where the copy seems lossy: too many differ, or most of them only a little. */
function losslessDifference(copy: Rgba, original: Rgba): Mask | undefined {
  const mask = filledMask(original, KEEP)
  let [differing, visible] = [0, 0]
  for (let at = 0; at < mask.data.length; at++) {
    let distance = 0
    for (let channel = 0; channel < 3; channel++) {
      distance = Math.max(distance, Math.abs(copy.data[at * 4 + channel]! - original.data[at * 4 + channel]!))
    }
    if (distance === 0) continue
    mask.data[at] = PAINT
    differing++
    if (distance >= MIN_VISIBLE_DIFFERENCE) visible++
  }
  return differing <= 0.6 * mask.data.length && visible >= 0.8 * differing ? mask : undefined
}

/**
 * The original in the colours of its copy. Each channel is a linear combination of the three channels, their squares and a
 * constant, fitted by trimmed least squares: in each round to the 60% of the samples with the smallest errors.
 *
 * @returns R G B of each pixel, clamped to 0 to 255
 */
function matchColours(copy: Rgba, original: Rgba): Float32Array {
  const pixels = original.data.length / 4
  const step = Math.max(1, Math.floor(pixels / 20_000))
  const samples: number[] = []
  for (let at = 0; at < pixels; at += step) samples.push(at)
  let colourMap: ColourMap = IDENTITY
  for (let round = 0; round < 6; round++) {
    const errors = samples.map(at => errorAt(copy, original, at, colourMap))
    const limit = [...errors].sort((a, b) => a - b)[Math.floor(errors.length * 0.6)]!
    const inliers = samples.filter((_, index) => errors[index]! <= Math.max(limit, 2))
    const next = fitColourMap(copy, original, inliers)
    if (!next) break
    colourMap = next
  }
  const out = new Float32Array(pixels * 3)
  const rows = Float64Array.from(colourMap.flat())
  for (let at = 0; at < pixels; at++) {
    const [red, green, blue] = [original.data[at * 4]!, original.data[at * 4 + 1]!, original.data[at * 4 + 2]!]
    for (let row = 0; row < 3 * TERMS; row += TERMS) {
      const linear = rows[row]! * red + rows[row + 1]! * green + rows[row + 2]! * blue + rows[row + 6]!
      const squares = rows[row + 3]! * red * red + rows[row + 4]! * green * green + rows[row + 5]! * blue * blue
      out[at * 3 + row / TERMS] = Math.min(255, Math.max(0, linear + squares / 255))
    }
  }
  return out
}

/** For red, green and blue: the coefficients of {@link termsOf}. */
type ColourMap = readonly (readonly number[])[]
const TERMS = 7
const IDENTITY: ColourMap = [0, 1, 2].map(channel =>
  Array.from({ length: TERMS }, (_, term) => (term === channel ? 1 : 0)),
)

function termsOf({ data }: Rgba, at: number): number[] {
  const [red, green, blue] = [data[at * 4]!, data[at * 4 + 1]!, data[at * 4 + 2]!]
  return [red, green, blue, (red * red) / 255, (green * green) / 255, (blue * blue) / 255, 1]
}

function applyRow(terms: readonly number[], row: readonly number[]): number {
  let sum = 0
  for (let term = 0; term < TERMS; term++) sum += row[term]! * terms[term]!
  return Math.min(255, Math.max(0, sum))
}

function errorAt(copy: Rgba, original: Rgba, at: number, colourMap: ColourMap): number {
  const terms = termsOf(original, at)
  const errors = colourMap.map((row, channel) => Math.abs(copy.data[at * 4 + channel]! - applyRow(terms, row)))
  return Math.max(...errors)
}

/** Least squares, regularized towards the identity so that pictures with few colours have one solution. */
function fitColourMap(copy: Rgba, original: Rgba, samples: readonly number[]): ColourMap | undefined {
  const normal = Array.from({ length: TERMS }, () => new Array<number>(TERMS).fill(0))
  const right = Array.from({ length: 3 }, () => new Array<number>(TERMS).fill(0))
  for (const at of samples) {
    const terms = termsOf(original, at)
    for (let i = 0; i < TERMS; i++) {
      for (let j = 0; j < TERMS; j++) normal[i]![j]! += terms[i]! * terms[j]!
      for (let channel = 0; channel < 3; channel++) right[channel]![i]! += terms[i]! * copy.data[at * 4 + channel]!
    }
  }
  const regularization = samples.length * 20
  for (let i = 0; i < TERMS; i++) {
    normal[i]![i]! += regularization
    for (let channel = 0; channel < 3; channel++) right[channel]![i]! += regularization * IDENTITY[channel]![i]!
  }
  const rows = right.map(side => solveLinear(normal, side))
  return rows.every(row => row?.every(Number.isFinite)) ? (rows as number[][]) : undefined
}

/** Gaussian elimination with partial pivoting; undefined for a singular matrix. */
function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
  const size = right.length
  const rows = matrix.map((row, index) => [...row, right[index]!])
  for (let column = 0; column < size; column++) {
    const pivot = rows.slice(column).sort((a, b) => Math.abs(b[column]!) - Math.abs(a[column]!))[0]!
    if (Math.abs(pivot[column]!) < 1e-9) return undefined
    rows.splice(rows.indexOf(pivot), 1)
    rows.splice(column, 0, pivot)
    for (const [index, row] of rows.entries()) {
      if (index === column) continue
      const factor = row[column]! / pivot[column]!
      for (let k = column; k <= size; k++) row[k]! -= factor * pivot[k]!
    }
  }
  return rows.map((row, index) => row[size]! / row[index]!)
}

/** How far each pixel of the copy is outside the range of the expected pixels around it, in levels of the worst channel. */
function differences(copy: Rgba, expected: Float32Array): Float32Array {
  const { width, height } = copy
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let worst = 0
      for (let channel = 0; channel < 3; channel++) {
        let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
        for (let dy = Math.max(0, y - SPREAD); dy <= Math.min(height - 1, y + SPREAD); dy++) {
          for (let dx = Math.max(0, x - SPREAD); dx <= Math.min(width - 1, x + SPREAD); dx++) {
            const value = expected[(dy * width + dx) * 3 + channel]!
            if (value < low) low = value
            if (value > high) high = value
          }
        }
        const value = copy.data[(y * width + x) * 4 + channel]!
        worst = Math.max(worst, low - value, value - high)
      }
      out[y * width + x] = worst
    }
  }
  return out
}

/** Box blur of 3×3: compression errors are single pixels, strokes are not. */
function smooth(values: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, count] = [0, 0]
      for (let dy = Math.max(0, y - 1); dy <= Math.min(height - 1, y + 1); dy++) {
        for (let dx = Math.max(0, x - 1); dx <= Math.min(width - 1, x + 1); dx++) {
          sum += values[dy * width + dx]!
          count++
        }
      }
      out[y * width + x] = sum / count
    }
  }
  return out
}

function median(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / 50_000))
  const sample = values.filter((_, at) => at % step === 0).sort()
  return sample[sample.length >> 1] ?? 0
}

function thresholdMask(values: Float32Array, size: Extent, threshold: number): Mask {
  const mask = filledMask(size, KEEP)
  for (let at = 0; at < values.length; at++) if (values[at]! >= threshold) mask.data[at] = PAINT
  return mask
}

/** The pixels from `low` on that are connected, by their sides, to a pixel from `high` on. */
function hysteresis(values: Float32Array, size: Extent, high: number, low: number): Mask {
  const { width } = size
  const mask = filledMask(size, KEEP)
  const found = new Int32Array(values.length)
  let count = 0
  const take = (at: number) => {
    if (at < 0 || at >= values.length || mask.data[at] === PAINT || values[at]! < low) return
    mask.data[at] = PAINT
    found[count++] = at
  }
  for (let at = 0; at < values.length; at++) if (values[at]! >= high) take(at)
  for (let next = 0; next < count; next++) {
    const at = found[next]!
    if (at % width > 0) take(at - 1)
    if (at % width < width - 1) take(at + 1)
    take(at - width)
    take(at + width)
  }
  return mask
}
