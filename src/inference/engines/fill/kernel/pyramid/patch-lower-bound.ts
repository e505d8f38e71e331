import { allocateZeroed } from '../memory'
import { Level } from './level'

// A lower bound of the distance of two patches, from the sums of their quarters. By the Cauchy–Schwarz inequality n
// numbers whose sum is s have squares that sum up to at least s²/n, and here the numbers are the differences of n
// pixels. It takes far less time than the distance itself.

// By pixel: 16-bit sums of red, green, blue and 0 for the upper left, upper right, lower left and lower right quarter.
let quarterSums: usize = 0
const BYTES_PER_PIXEL: usize = 32

// 1 / n for the upper and for the lower quarters; the middle column is in both sides', as it is in the distance.
let perUpperPixel: f32 = 0
let perLowerPixel: f32 = 0

/** Sum up the quarters of all sources; {@link freeQuarterSums} gives the memory back. */
export function sumQuarters(level: Level): void {
  const radius = level.radius
  perUpperPixel = radius > 0 ? 1 / <f32>(radius * (radius + 1)) : 0
  perLowerPixel = 1 / <f32>((radius + 1) * (radius + 1))
  quarterSums = allocateZeroed(<usize>(level.stride * level.rows) * BYTES_PER_PIXEL)
  for (let pixel = 0; pixel < level.stride * level.rows; pixel++) {
    if (!load<u8>(level.valid + <usize>pixel)) continue
    const sums = quarterSums + <usize>pixel * BYTES_PER_PIXEL
    for (let dy = -radius; dy <= radius; dy++) {
      const half: usize = dy < 0 ? 0 : 16
      for (let dx = 0; dx <= radius; dx++) {
        addColour(sums + half, level.colour + <usize>(pixel + dy * level.stride - dx) * 4)
        addColour(sums + half + 8, level.colour + <usize>(pixel + dy * level.stride + dx) * 4)
      }
    }
  }
}

function addColour(sums: usize, colour: usize): void {
  for (let channel: usize = 0; channel < 3; channel++) {
    store<u16>(sums + channel * 2, load<u16>(sums + channel * 2) + load<u8>(colour + channel))
  }
}

export function freeQuarterSums(): void {
  heap.free(quarterSums)
}

/** What `patchDistance` of two sources is at least, but for rounding. */
export function patchLowerBound(one: i32, other: i32): f32 {
  const a = quarterSums + <usize>one * BYTES_PER_PIXEL
  const b = quarterSums + <usize>other * BYTES_PER_PIXEL
  const upper = i16x8.sub(v128.load(a), v128.load(b))
  const lower = i16x8.sub(v128.load(a, 16), v128.load(b, 16))
  const ofUpper = f32x4.mul(f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(upper, upper)), f32x4.splat(perUpperPixel))
  const ofLower = f32x4.mul(f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(lower, lower)), f32x4.splat(perLowerPixel))
  const all = f32x4.add(ofUpper, ofLower)
  return (
    f32x4.extract_lane(all, 0) + f32x4.extract_lane(all, 1) + f32x4.extract_lane(all, 2) + f32x4.extract_lane(all, 3)
  )
}
