import { allocateZeroed } from '../memory'
import { boxSum } from './box-sum'
import { Level } from './level'

/** The mean colour of what is known in the square of 2 × radius + 1 around each known pixel. */
export function measureMeanColour(level: Level, radius: i32): void {
  const pixels = <usize>(level.stride * level.rows)
  const counts = heap.alloc(pixels * 4)
  for (let pixel: usize = 0; pixel < pixels; pixel++) {
    store<f32>(counts + pixel * 4, <f32>load<u8>(level.known + pixel))
  }
  boxSum(counts, level.stride, level.rows, radius)
  for (let channel: usize = 0; channel < 3; channel++) {
    const sums = allocateZeroed(pixels * 4)
    for (let pixel: usize = 0; pixel < pixels; pixel++) {
      if (!load<u8>(level.known + pixel)) continue
      store<f32>(sums + pixel * 4, <f32>load<u8>(level.colour + pixel * 4 + channel))
    }
    boxSum(sums, level.stride, level.rows, radius)
    for (let pixel: usize = 0; pixel < pixels; pixel++) {
      if (!load<u8>(level.known + pixel)) continue
      const mean = load<f32>(sums + pixel * 4) / load<f32>(counts + pixel * 4)
      store<u8>(level.meanColour + pixel * 4 + channel, <u8>(mean + 0.5))
    }
    heap.free(sums)
  }
  heap.free(counts)
}

/** The squared difference of the mean colours of two pixels, summed over the channels. */
export function meanColourDifference(level: Level, a: usize, b: usize): f32 {
  const p = v128.load32_zero(level.meanColour + a * 4)
  const q = v128.load32_zero(level.meanColour + b * 4)
  const difference = v128.extend_low<u8>(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)))
  const squares = v128.dot<i16>(difference, difference)
  return <f32>(i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1))
}
