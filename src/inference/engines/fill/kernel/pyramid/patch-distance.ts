import { PATCH_RADIUS } from '../../parameters'
import { Level } from './level'

// The distance of two patches: the sum of squared differences of their colours. Rows are compared 16 bytes, 4 pixels,
// at a time: the four from the left, and the four up to the right, so that the middle column counts twice.

// Which of the four pixels at the left, and at the right, belong to a patch of the radius in use: −1 for those that do.
let leftLanes: v128 = i32x4.splat(-1)
let rightLanes: v128 = i32x4.splat(-1)

/** To be called before patches of a level are compared. */
export function setPatchRadius(level: Level): void {
  const radius = level.radius
  leftLanes = i32x4(radius >= 3 ? -1 : 0, radius >= 2 ? -1 : 0, radius >= 1 ? -1 : 0, -1)
  rightLanes = i32x4(-1, radius >= 1 ? -1 : 0, radius >= 2 ? -1 : 0, radius >= 3 ? -1 : 0)
}

/** How many pixels a distance sums up, the middle column counted twice. */
export function comparedPixels(radius: i32): i32 {
  return (2 * radius + 1) * (2 * radius + 2)
}

/** Of two rows of a patch; four partial sums. */
function rowDistance(a: usize, b: usize): v128 {
  let p = v128.load(a)
  let q = v128.load(b)
  let difference = v128.and(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)), leftLanes)
  let low = v128.extend_low<u8>(difference)
  let high = v128.extend_high<u8>(difference)
  const left = i32x4.add(v128.dot<i16>(low, low), v128.dot<i16>(high, high))
  p = v128.load(a, 12)
  q = v128.load(b, 12)
  difference = v128.and(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)), rightLanes)
  low = v128.extend_low<u8>(difference)
  high = v128.extend_high<u8>(difference)
  return i32x4.add(left, i32x4.add(v128.dot<i16>(low, low), v128.dot<i16>(high, high)))
}

function sumLanes(sums: v128): i32 {
  const pairs = i32x4.add(sums, i8x16.shuffle(sums, sums, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)
}

/**
 * The sum of squared differences of two patches, over {@link comparedPixels} pixels and three channels.
 *
 * @param a address of the colour of one patch's middle
 * @param limit where the upper half alone exceeds it, that half's sum is returned
 */
export function patchDistance(level: Level, a: usize, b: usize, limit: i32): i32 {
  const step = <usize>level.stride * 4
  const radius = level.radius
  const corner = <usize>radius * step + <usize>PATCH_RADIUS * 4
  a -= corner
  b -= corner
  let sums = i32x4.splat(0)
  for (let row = 0; row < radius; row++) {
    sums = i32x4.add(sums, rowDistance(a, b))
    a += step
    b += step
  }
  const upperHalf = sumLanes(sums)
  if (upperHalf > limit) return upperHalf
  sums = i32x4.splat(0)
  for (let row = 0; row <= radius; row++) {
    sums = i32x4.add(sums, rowDistance(a, b))
    a += step
    b += step
  }
  return upperHalf + sumLanes(sums)
}
