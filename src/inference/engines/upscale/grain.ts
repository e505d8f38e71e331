import type { Pixels } from '../../image/pixels.js'
import { createRandom, type RandomGenerator } from '../../random.js'

/** Side of the blocks in which noise is measured, in pixels. */
const BLOCK = 16

/** A block is flat if its luma varies at most this many times as much as its noise: demosaicing and JPEG make noise smoother than white noise. */
const MAX_STRUCTURE = 2.5

/** With fewer flat blocks, what looks like noise may be texture. */
const MIN_FLAT = { count: 4, share: 0.02 } as const

/** The share of flat blocks with less noise than the picture is said to have: fine texture, like fur or sand, is in the others. */
const QUIET_SHARE = 0.1

/** Weaker noise is not seen, or comes from rounding: standard deviation in levels of luma. */
const MIN_NOISE = 0.8

/** Grain of a clipped pixel has no room: from this distance to black and white on it has its full strength, in levels. */
const ROOM = 24

/** Side of the pattern of which grain is put together, in pixels of the result. */
const PATTERN = 256

/** The noise of a picture: the standard deviation of its luma in blocks of {@link BLOCK} pixels, row by row, in levels. */
export type Grain = { readonly columns: number; readonly rows: number; readonly levels: Float32Array }

/**
 * Measure the noise of a picture in its flat parts, by the difference of two Laplacians: Immerkær, Fast Noise Variance Estimation (1996).
 * The quiet flat parts decide: others may have fine texture. Parts that are not flat have as much noise as these.
 *
 * @returns undefined for a clean picture, such as a drawing, and where nothing is flat
 */
export function measureGrain({ width, height, data }: Pixels): Grain | undefined {
  const [columns, rows] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)]
  const luma = new Float32Array(width * height)
  for (let at = 0; at < luma.length; at++) {
    luma[at] = 0.299 * data[at * 3]! + 0.587 * data[at * 3 + 1]! + 0.114 * data[at * 3 + 2]!
  }
  const levels = new Float32Array(columns * rows).fill(Number.NaN)
  const flat: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { noise, deviation, mean } = measureBlock(luma, width, column * BLOCK, row * BLOCK)
      // Noise of clipped parts is cut off.
      if (mean < ROOM / 2 || mean > 255 - ROOM / 2 || deviation > MAX_STRUCTURE * noise + 0.5) continue
      levels[row * columns + column] = noise
      flat.push(noise)
    }
  }
  if (flat.length < Math.max(MIN_FLAT.count, MIN_FLAT.share * levels.length)) return undefined
  const quiet = flat.sort((one, other) => one - other)[Math.floor(flat.length * QUIET_SHARE)]!
  if (quiet < MIN_NOISE) return undefined
  const most = 1.5 * quiet
  return {
    columns,
    rows,
    levels: levels.map(level => (Number.isNaN(level) ? quiet : level < MIN_NOISE / 2 ? 0 : Math.min(level, most))),
  }
}

/** Noise, and the standard deviation and mean of all, in levels. The block must not touch the right or lower edge. */
function measureBlock(luma: Float32Array, width: number, left: number, top: number) {
  let [sum, squares, response] = [0, 0, 0]
  for (let y = top; y < top + BLOCK; y++) {
    for (let x = left; x < left + BLOCK; x++) {
      const at = y * width + x
      const value = luma[at]!
      sum += value
      squares += value * value
      if (y === top || x === left || y === top + BLOCK - 1 || x === left + BLOCK - 1) continue
      const corners = luma[at - width - 1]! + luma[at - width + 1]! + luma[at + width - 1]! + luma[at + width + 1]!
      const sides = luma[at - width]! + luma[at - 1]! + luma[at + 1]! + luma[at + width]!
      response += Math.abs(corners - 2 * sides + 4 * value)
    }
  }
  const mean = sum / BLOCK ** 2
  const deviation = Math.sqrt(Math.max(0, squares / BLOCK ** 2 - mean * mean))
  // The mean of |x| is √(2/π) of the deviation of x, and the operator multiplies that of white noise by 6.
  return { noise: (Math.sqrt(Math.PI / 2) * response) / (6 * (BLOCK - 2) ** 2), deviation, mean }
}

/**
 * Continue the grain of a picture in its enlargement, in place. The enlarged grain has no detail finer than a pixel of the picture was; this adds noise of only that detail,
 * as strong per pixel as in the picture. It is the same in all channels.
 *
 * @param grain of the picture
 * @param place how many times as large as the picture `enlarged` is, and where it begins on the enlarged whole, in its pixels
 * @param seed another one gives other grain
 */
export function addGrain(
  enlarged: Pixels,
  grain: Grain,
  {
    scale,
    left: startX = 0,
    top: startY = 0,
  }: { readonly scale: number; readonly left?: number; readonly top?: number },
  seed: number,
): void {
  if (scale <= 1) return
  const source = createRandom(seed)
  const pattern = finePattern(scale, source)
  const { width, height, data } = enlarged
  for (let top = 0; top < height; top += PATTERN) {
    for (let left = 0; left < width; left += PATTERN) {
      // Another part of the pattern each time, so that it is not seen to repeat.
      const [shiftX, shiftY] = [Math.floor(source() * PATTERN), Math.floor(source() * PATTERN)]
      for (let y = top; y < Math.min(height, top + PATTERN); y++) {
        const patternRow = ((y + shiftY) % PATTERN) * PATTERN
        for (let x = left; x < Math.min(width, left + PATTERN); x++) {
          const at = (y * width + x) * 3
          const luma = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!
          const strength =
            levelAt(grain, (x + startX) / scale, (y + startY) / scale) * Math.min(1, luma / ROOM, (255 - luma) / ROOM)
          if (strength === 0) continue
          const value = strength * pattern[patternRow + ((x + shiftX) % PATTERN)]!
          for (let channel = at; channel < at + 3; channel++) {
            data[channel] = Math.min(255, Math.max(0, Math.round(data[channel]! + value)))
          }
        }
      }
    }
  }
}

/** The noise at a position of the picture: bilinear between the centres of blocks. */
function levelAt({ columns, rows, levels }: Grain, x: number, y: number): number {
  const column = Math.min(columns - 1, Math.max(0, x / BLOCK - 0.5))
  const row = Math.min(rows - 1, Math.max(0, y / BLOCK - 0.5))
  const [left, top] = [Math.floor(column), Math.floor(row)]
  const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)]
  const [u, v] = [column - left, row - top]
  const above = levels[top * columns + left]! * (1 - u) + levels[top * columns + right]! * u
  const below = levels[bottom * columns + left]! * (1 - u) + levels[bottom * columns + right]! * u
  return above * (1 - v) + below * v
}

/** White noise without what is coarser than `scale` pixels, for a deviation of 1 before that; its edges fit together. */
function finePattern(scale: number, source: RandomGenerator): Float32Array {
  const white = Float32Array.from({ length: PATTERN ** 2 }, () => gaussian(source))
  const coarse = blurCyclic(blurCyclic(white, scale / 2, 1), scale / 2, PATTERN)
  const fine = white.map((value, at) => value - coarse[at]!)
  const deviation = Math.sqrt(fine.reduce((sum, value) => sum + value * value, 0) / fine.length)
  // The share of the plane of frequencies that the picture did not have.
  const wanted = Math.sqrt(1 - 1 / scale ** 2)
  return fine.map(value => (value / deviation) * wanted)
}

/** A normal number of deviation 1: Box and Muller (1958). */
function gaussian(source: RandomGenerator): number {
  return Math.sqrt(-2 * Math.log(1 - source())) * Math.cos(2 * Math.PI * source())
}

/** A Gaussian blur along one axis. @param step 1 for rows, {@link PATTERN} for columns */
function blurCyclic(values: Float32Array, sigma: number, step: number): Float32Array {
  const radius = Math.ceil(3 * sigma)
  const taps = Array.from({ length: 2 * radius + 1 }, (_, at) => Math.exp(-((at - radius) ** 2) / (2 * sigma ** 2)))
  const total = taps.reduce((sum, tap) => sum + tap, 0)
  return values.map((_, at) => {
    const place = Math.floor(at / step) % PATTERN
    const start = at - place * step
    let sum = 0
    for (let tap = 0; tap < taps.length; tap++) {
      sum += taps[tap]! * values[start + ((place + tap - radius + PATTERN) % PATTERN) * step]!
    }
    return sum / total
  })
}
