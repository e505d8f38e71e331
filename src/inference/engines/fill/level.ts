import type { Mask, Pixels } from '../../pixels.js'
import { PAINT } from '../../pixels.js'

/** What a patch is compared by: red, green, blue, and how rough the neighbourhood is across and down. */
export const CHANNELS = 5

/**
 * One resolution of the picture that is being completed.
 *
 * `data` holds {@link CHANNELS} bytes a pixel, row-major; where `known` is 0 they are the present estimate.
 */
export type Level = {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** 1 where the picture is known, 0 where it is to be painted. */
  readonly known: Uint8Array
}

/** Roughness counts this much more than colour: gradients are small numbers. */
const ROUGHNESS_GAIN = 2

/**
 * The picture at full size and at half, quarter … of it, with the texture features of Newson et al. 2014 (section 3.3:
 * the mean absolute derivative in x and in y over a neighbourhood), computed once at full size.
 *
 * @param shortest levels end before the known part's shorter side falls below this many pixels
 * @returns finest first; a pixel of a coarser level is known if at least half of what it stands for is
 */
export function pyramid(pixels: Pixels, mask: Mask, shortest: number): Level[] {
  const levels = [finest(pixels, mask)]
  for (;;) {
    const next = halved(levels.at(-1)!)
    if (Math.min(...extentOfKnown(next)) < shortest || !next.known.includes(0)) return levels
    levels.push(next)
  }
}

function finest({ width, height, data: rgb }: Pixels, mask: Mask): Level {
  const count = width * height
  const data = new Uint8Array(count * CHANNELS)
  const known = new Uint8Array(count)
  for (let at = 0; at < count; at++) {
    if (mask.data[at] === PAINT) continue
    known[at] = 1
    data[at * CHANNELS] = rgb[at * 3]!
    data[at * CHANNELS + 1] = rgb[at * 3 + 1]!
    data[at * CHANNELS + 2] = rgb[at * 3 + 2]!
  }
  const level = { width, height, data, known }
  // About a sixteenth of the picture: what one patch spans at the coarsest level.
  const radius = Math.max(2, Math.round(Math.min(width, height) / 64))
  roughness(level, 1, 3, radius)
  roughness(level, width, 4, radius)
  return level
}

/** Write the mean absolute difference of luma to the pixel `step` further on into `channel`. */
function roughness({ width, height, data, known }: Level, step: number, channel: number, radius: number): void {
  const count = width * height
  const sums = new Float32Array(count)
  const weights = new Float32Array(count)
  const luma = (at: number) => (data[at * CHANNELS]! * 2 + data[at * CHANNELS + 1]! * 5 + data[at * CHANNELS + 2]!) / 8
  for (let at = 0; at + step < count; at++) {
    if (step === 1 && at % width === width - 1) continue
    if (!known[at] || !known[at + step]) continue
    sums[at] = Math.abs(luma(at + step) - luma(at))
    weights[at] = 1
  }
  boxSum(sums, width, height, radius)
  boxSum(weights, width, height, radius)
  for (let at = 0; at < count; at++) {
    if (!known[at] || weights[at] === 0) continue
    data[at * CHANNELS + channel] = Math.min(255, Math.round((ROUGHNESS_GAIN * sums[at]!) / weights[at]!))
  }
}

/** Replace each value by the sum over the square of `2 * radius + 1` around it, in place. */
function boxSum(values: Float32Array, width: number, height: number, radius: number): void {
  const line = new Float32Array(Math.max(width, height))
  const run = (start: number, step: number, length: number) => {
    let sum = 0
    for (let i = 0; i < Math.min(radius, length); i++) sum += values[start + i * step]!
    for (let i = 0; i < length; i++) {
      if (i + radius < length) sum += values[start + (i + radius) * step]!
      if (i - radius > 0) sum -= values[start + (i - radius - 1) * step]!
      line[i] = sum
    }
    for (let i = 0; i < length; i++) values[start + i * step] = line[i]!
  }
  for (let y = 0; y < height; y++) run(y * width, 1, width)
  for (let x = 0; x < width; x++) run(x, width, height)
}

function halved({ width, height, data, known }: Level): Level {
  const half = {
    width: Math.ceil(width / 2),
    height: Math.ceil(height / 2),
    data: new Uint8Array(Math.ceil(width / 2) * Math.ceil(height / 2) * CHANNELS),
    known: new Uint8Array(Math.ceil(width / 2) * Math.ceil(height / 2)),
  }
  const sums = new Float64Array(CHANNELS)
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      let of = 0
      let count = 0
      sums.fill(0)
      for (let dy = 0; dy < 2 && y * 2 + dy < height; dy++) {
        for (let dx = 0; dx < 2 && x * 2 + dx < width; dx++) {
          of++
          const from = (y * 2 + dy) * width + x * 2 + dx
          if (!known[from]) continue
          count++
          for (let c = 0; c < CHANNELS; c++) sums[c]! += data[from * CHANNELS + c]!
        }
      }
      if (count * 2 < of) continue
      const to = y * half.width + x
      half.known[to] = 1
      for (let c = 0; c < CHANNELS; c++) half.data[to * CHANNELS + c] = Math.round(sums[c]! / count)
    }
  }
  return half
}

/** Width and height of the smallest box around all that is known; 0 if nothing is. */
function extentOfKnown({ width, height, known }: Level): [number, number] {
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!known[y * width + x]) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  return [Math.max(0, right - left + 1), Math.max(0, bottom - top + 1)]
}
