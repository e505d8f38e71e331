import { Level, zeroed } from './level'

// The sums of a patch's quarters: two patches whose sums differ by much differ by at least so much themselves, which is told sooner
// than their difference.

/** By pixel: two bytes each for red, green, blue and nothing of the upper left, upper right, lower left and lower right quarter. */
let sums: usize = 0
const BYTES: usize = 32

/** One, over how many pixels each of the upper and each of the lower quarters has; the middle column is in both sides' of it. */
let perUpper: f32 = 0
let perLower: f32 = 0

/** Sum up the quarters of all patches that may be copied from; {@link forgetQuarters} frees them. */
export function sumQuarters(level: Level): void {
  const radius = level.radius
  perUpper = radius > 0 ? 1 / <f32>(radius * (radius + 1)) : 0
  perLower = 1 / <f32>((radius + 1) * (radius + 1))
  sums = zeroed(<usize>(level.stride * level.rows) * BYTES)
  for (let at = 0; at < level.stride * level.rows; at++) {
    if (!load<u8>(level.valid + <usize>at)) continue
    const to = sums + <usize>at * BYTES
    for (let dy = -radius; dy <= radius; dy++) {
      const half: usize = dy < 0 ? 0 : 16
      for (let d = 0; d <= radius; d++) {
        addColour(to + half, level.colour + <usize>(at + dy * level.stride - d) * 4)
        addColour(to + half + 8, level.colour + <usize>(at + dy * level.stride + d) * 4)
      }
    }
  }
}

function addColour(to: usize, from: usize): void {
  for (let channel: usize = 0; channel < 3; channel++) {
    store<u16>(to + channel * 2, load<u16>(to + channel * 2) + load<u8>(from + channel))
  }
}

export function forgetQuarters(): void {
  heap.free(sums)
}

/**
 * What the `difference` of two patches is at least: for each quarter and channel, the square of how much their sums differ, over how many
 * pixels were summed up (by the Cauchy–Schwarz inequality).
 */
export function leastDifference(one: i32, other: i32): f32 {
  const a = sums + <usize>one * BYTES
  const b = sums + <usize>other * BYTES
  const upper = i16x8.sub(v128.load(a), v128.load(b))
  const lower = i16x8.sub(v128.load(a, 16), v128.load(b, 16))
  const ofUpper = f32x4.mul(f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(upper, upper)), f32x4.splat(perUpper))
  const ofLower = f32x4.mul(f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(lower, lower)), f32x4.splat(perLower))
  const all = f32x4.add(ofUpper, ofLower)
  return (
    f32x4.extract_lane(all, 0) + f32x4.extract_lane(all, 1) + f32x4.extract_lane(all, 2) + f32x4.extract_lane(all, 3)
  )
}
