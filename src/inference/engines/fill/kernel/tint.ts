import { Level, zeroed } from './level'
import { sumOverSquares } from './sums'

/** The mean colour over the square of `2 * radius + 1` around each known pixel, of what is known there. */
export function measureTint(level: Level, radius: i32): void {
  const pixels = <usize>(level.stride * level.rows)
  const counts = heap.alloc(pixels * 4)
  for (let at: usize = 0; at < pixels; at++) store<f32>(counts + at * 4, <f32>load<u8>(level.known + at))
  sumOverSquares(counts, level.stride, level.rows, radius)
  for (let channel: usize = 0; channel < 3; channel++) {
    const sums = zeroed(pixels * 4)
    for (let at: usize = 0; at < pixels; at++) {
      if (load<u8>(level.known + at)) store<f32>(sums + at * 4, <f32>load<u8>(level.colour + at * 4 + channel))
    }
    sumOverSquares(sums, level.stride, level.rows, radius)
    for (let at: usize = 0; at < pixels; at++) {
      if (!load<u8>(level.known + at)) continue
      const mean = load<f32>(sums + at * 4) / load<f32>(counts + at * 4)
      store<u8>(level.tint + at * 4 + channel, <u8>(mean + 0.5))
    }
    heap.free(sums)
  }
  heap.free(counts)
}

/** How much the mean colours around two pixels differ, squared. */
export function tintDifference(level: Level, a: usize, b: usize): f32 {
  const p = v128.load32_zero(level.tint + a * 4)
  const q = v128.load32_zero(level.tint + b * 4)
  const difference = v128.extend_low<u8>(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)))
  const squares = v128.dot<i16>(difference, difference)
  return <f32>(i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1))
}
