import { TEXTURE_GAIN } from '../parameters'
import { Level, zeroed } from './level'
import { sumOverSquares } from './sums'

/**
 * Texture features (Newson et al. 2014, section 3.3): the mean absolute difference of luma to the next pixel, across and
 * down, over the square of `2 * radius + 1` around each known pixel, times {@link TEXTURE_GAIN}.
 *
 * Measured on the finest level that is searched, and halved with the picture, so that grain counts on coarse levels too.
 */
export function measureTexture(level: Level, radius: i32): void {
  for (let down: usize = 0; down < 2; down++) {
    const step = down ? level.stride : 1
    const pixels = level.stride * level.rows
    const sums = zeroed(<usize>pixels * 4)
    const counts = zeroed(<usize>pixels * 4)
    for (let at = 0; at + step < pixels; at++) {
      if (!load<u8>(level.known + at) || !load<u8>(level.known + at + step)) continue
      store<f32>(sums + at * 4, <f32>abs(lumaOf(level, at + step) - lumaOf(level, at)))
      store<f32>(counts + at * 4, 1)
    }
    sumOverSquares(sums, level.stride, level.rows, radius)
    sumOverSquares(counts, level.stride, level.rows, radius)
    for (let at = 0; at < pixels; at++) {
      const count = load<f32>(counts + at * 4)
      if (!load<u8>(level.known + at) || count === 0) continue
      const mean = (TEXTURE_GAIN * load<f32>(sums + at * 4)) / (8 * count)
      store<u8>(level.texture + at * 2 + down, <u8>min<f32>(255, mean + 0.5))
    }
    heap.free(counts)
    heap.free(sums)
  }
}

/** Times eight. */
function lumaOf(level: Level, at: i32): i32 {
  const from = level.colour + at * 4
  return <i32>load<u8>(from) * 2 + <i32>load<u8>(from, 1) * 5 + <i32>load<u8>(from, 2)
}
