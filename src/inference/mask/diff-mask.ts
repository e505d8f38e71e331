import { UserError } from '../../user-error.js'
import type { Rgba } from '../image/decode.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { close, dilate, fillHoles, removeSmallComponents } from './morphology.js'

/** Side of the blocks in which texture is compared, in pixels. */
const BLOCK = 16

/** A block whose luma deviates less than this from its mean has no texture to compare. */
const FLAT = 4

/** What differs by this much is drawn for sure; by this, if it hangs together with what is. */
const SURE = 40
const LIKELY = 20

/** How far compression and scaling carry a colour, in pixels. */
const REACH = 1

/** What differs by less can't be told from compression. */
const FAINT = 14

/**
 * Whether a picture is a copy of another, whatever was drawn on it: where there is texture, it has the same.
 *
 * Both of one size.
 */
export function isCopyOf(copy: Rgba, original: Rgba): boolean {
  const [one, other] = [lumaOf(copy), lumaOf(original)]
  const { width, height } = copy
  let [textured, alike] = [0, 0]
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      const { deviation, correlation } = compared(one, other, width, left, top)
      if (deviation < FLAT) continue
      textured++
      if (correlation > 0.6) alike++
    }
  }
  // A picture without any texture is compared by its colours.
  if (textured === 0) return meanDifference(one, other) < 16
  return alike >= 0.25 * textured
}

function compared(one: Float32Array, other: Float32Array, width: number, left: number, top: number) {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
  for (let y = top; y < top + BLOCK; y++) {
    for (let at = y * width + left; at < y * width + left + BLOCK; at++) {
      const [p, q] = [one[at]!, other[at]!]
      a += p
      b += q
      aa += p * p
      bb += q * q
      ab += p * q
    }
  }
  const count = BLOCK * BLOCK
  const deviation = Math.sqrt(Math.max(0, bb / count - (b / count) ** 2))
  const own = Math.sqrt(Math.max(0, aa / count - (a / count) ** 2))
  const correlation = own > 0 && deviation > 0 ? (ab / count - (a * b) / count ** 2) / (own * deviation) : 0
  return { deviation, correlation }
}

function meanDifference(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += Math.abs(one[at]! - other[at]!)
  return sum / one.length
}

function lumaOf({ data }: Rgba): Float32Array {
  const luma = new Float32Array(data.length / 4)
  for (let at = 0; at < luma.length; at++) {
    luma[at] = 0.299 * data[at * 4]! + 0.587 * data[at * 4 + 1]! + 0.114 * data[at * 4 + 2]!
  }
  return luma
}

/**
 * What was drawn on a copy of a picture.
 *
 * First the colours of the whole are matched (a phone may have changed the colour profile); then every pixel is
 * measured against the range that the picture has around it, so that compression and scaling don't count at edges;
 * what differs plainly is taken with all that hangs together with it, closed, filled where it encloses something, and
 * grown a little. Where the copy lost nothing on its way, what differs at all is taken, and nothing grown.
 *
 * @throws ProblemError `mask-empty`, `mask-low-contrast`
 */
export function diffMask(copy: Rgba, original: Rgba): { mask: Mask; certain: boolean } {
  const { width, height } = original
  const total = width * height
  const longer = Math.max(width, height)
  const least = Math.max(12, Math.round(total * 3e-4))
  const exact = removeSmallComponents(exactly(copy, original) ?? filledMask({ width, height }, KEEP), least)
  if (countPainted(exact) > 0) {
    const mask = fillHoles(close(exact, Math.max(2, longer * 0.012)), total * 0.6)
    return { mask, certain: countPainted(mask) > total * 1e-3 }
  }
  const difference = smoothed(differences(copy, recoloured(copy, original)), width, height)
  const noise = median(difference)
  const [sure, likely, faint] = [SURE, LIKELY, FAINT].map(least => Math.max(least, least * 0.5 + 4 * noise)) as [
    number,
    number,
    number,
  ]
  const drawn = removeSmallComponents(hysteresis(difference, { width, height }, sure, likely), least)
  if (countPainted(drawn) === 0) {
    const hint = removeSmallComponents(above(difference, { width, height }, faint), least * 4)
    throw new UserError({ code: countPainted(hint) > total * 0.01 ? 'mask-low-contrast' : 'mask-empty' })
  }
  const outline = close(drawn, Math.max(2, longer * 0.012))
  const mask = dilate(fillHoles(outline, total * 0.6), Math.max(1, longer * 0.004))
  return { mask, certain: countPainted(mask) > total * 1e-3 }
}

/** What differs at all, where the rest is the very same and what differs mostly does so plainly; otherwise undefined. */
function exactly(copy: Rgba, original: Rgba): Mask | undefined {
  const mask = filledMask(original, KEEP)
  let [differing, plainly] = [0, 0]
  for (let at = 0; at < mask.data.length; at++) {
    let apart = 0
    for (let channel = 0; channel < 3; channel++) {
      apart = Math.max(apart, Math.abs(copy.data[at * 4 + channel]! - original.data[at * 4 + channel]!))
    }
    if (apart === 0) continue
    mask.data[at] = PAINT
    differing++
    if (apart >= FAINT) plainly++
  }
  return differing <= 0.6 * mask.data.length && plainly >= 0.8 * differing ? mask : undefined
}

/**
 * The picture in the colours of its copy: each channel is a sum of all three, their squares and a constant, fitted to
 * the better part of the pixels.
 *
 * @returns R G B of each pixel, as far as 0 to 255 goes
 */
function recoloured(copy: Rgba, original: Rgba): Float32Array {
  const pixels = original.data.length / 4
  const step = Math.max(1, Math.floor(pixels / 20_000))
  const samples: number[] = []
  for (let at = 0; at < pixels; at += step) samples.push(at)
  let map: ColourMap = IDENTITY
  for (let round = 0; round < 6; round++) {
    const errors = samples.map(at => errorAt(copy, original, at, map))
    const limit = [...errors].sort((a, b) => a - b)[Math.floor(errors.length * 0.6)]!
    const good = samples.filter((_, index) => errors[index]! <= Math.max(limit, 2))
    const next = fitted(copy, original, good)
    if (!next) break
    map = next
  }
  const out = new Float32Array(pixels * 3)
  for (let at = 0; at < pixels; at++) {
    const terms = termsOf(original, at)
    for (let channel = 0; channel < 3; channel++) out[at * 3 + channel] = mapped(terms, map[channel]!)
  }
  return out
}

/** For red, green and blue: how much each takes of each of {@link termsOf}. */
type ColourMap = readonly (readonly number[])[]
const TERMS = 7
const IDENTITY: ColourMap = [0, 1, 2].map(channel =>
  Array.from({ length: TERMS }, (_, term) => (term === channel ? 1 : 0)),
)

function termsOf({ data }: Rgba, at: number): number[] {
  const [red, green, blue] = [data[at * 4]!, data[at * 4 + 1]!, data[at * 4 + 2]!]
  return [red, green, blue, (red * red) / 255, (green * green) / 255, (blue * blue) / 255, 1]
}

function mapped(terms: readonly number[], row: readonly number[]): number {
  let sum = 0
  for (let term = 0; term < TERMS; term++) sum += row[term]! * terms[term]!
  return Math.min(255, Math.max(0, sum))
}

function errorAt(copy: Rgba, original: Rgba, at: number, map: ColourMap): number {
  const terms = termsOf(original, at)
  const errors = map.map((row, channel) => Math.abs(copy.data[at * 4 + channel]! - mapped(terms, row)))
  return Math.max(...errors)
}

/** Least squares, held a little to the identity so that pictures of few colours have one answer. */
function fitted(copy: Rgba, original: Rgba, samples: readonly number[]): ColourMap | undefined {
  const normal = Array.from({ length: TERMS }, () => new Array<number>(TERMS).fill(0))
  const right = Array.from({ length: 3 }, () => new Array<number>(TERMS).fill(0))
  for (const at of samples) {
    const terms = termsOf(original, at)
    for (let i = 0; i < TERMS; i++) {
      for (let j = 0; j < TERMS; j++) normal[i]![j]! += terms[i]! * terms[j]!
      for (let channel = 0; channel < 3; channel++) right[channel]![i]! += terms[i]! * copy.data[at * 4 + channel]!
    }
  }
  const hold = samples.length * 20
  for (let i = 0; i < TERMS; i++) {
    normal[i]![i]! += hold
    for (let channel = 0; channel < 3; channel++) right[channel]![i]! += hold * IDENTITY[channel]![i]!
  }
  const rows = right.map(side => solved(normal, side))
  return rows.every(row => row?.every(Number.isFinite)) ? (rows as number[][]) : undefined
}

/** Gauss with pivots; undefined where there is no one answer. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | undefined {
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

/** How far each pixel of the copy lies outside the range that the picture has around it, by the worst channel. */
function differences(copy: Rgba, expected: Float32Array): Float32Array {
  const { width, height } = copy
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let worst = 0
      for (let channel = 0; channel < 3; channel++) {
        let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
        for (let dy = Math.max(0, y - REACH); dy <= Math.min(height - 1, y + REACH); dy++) {
          for (let dx = Math.max(0, x - REACH); dx <= Math.min(width - 1, x + REACH); dx++) {
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

/** Means of 3×3: compression errs pixel by pixel, markers don't. */
function smoothed(values: Float32Array, width: number, height: number): Float32Array {
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
  const some = values.filter((_, at) => at % step === 0).sort()
  return some[some.length >> 1] ?? 0
}

function above(values: Float32Array, size: { width: number; height: number }, least: number): Mask {
  const mask = filledMask(size, KEEP)
  for (let at = 0; at < values.length; at++) if (values[at]! >= least) mask.data[at] = PAINT
  return mask
}

/** What is `likely` and hangs together with what is `sure`. */
function hysteresis(values: Float32Array, size: { width: number; height: number }, sure: number, likely: number): Mask {
  const { width } = size
  const mask = filledMask(size, KEEP)
  const found: number[] = []
  const take = (at: number) => {
    if (at < 0 || at >= values.length || mask.data[at] === PAINT || values[at]! < likely) return
    mask.data[at] = PAINT
    found.push(at)
  }
  for (let at = 0; at < values.length; at++) if (values[at]! >= sure) take(at)
  for (let next = 0; next < found.length; next++) {
    const at = found[next]!
    if (at % width > 0) take(at - 1)
    if (at % width < width - 1) take(at + 1)
    take(at - width)
    take(at + width)
  }
  return mask
}
