import {
  POISSON_GRAIN_MAX,
  POISSON_GRAIN_MIN,
  POISSON_GRAIN_QUANTILE,
  POISSON_GRAIN_VARIATION,
  TEXTURE_GAIN,
} from '../../parameters'
import { allocateZeroed } from '../memory'
import { boxSum } from './box-sum'
import { Level } from './level'

/** A texture that nothing is expected of. */
export const ANY_TEXTURE: u16 = 0xffff

/**
 * Texture features (Newson et al. 2014, section 3.3): the mean absolute difference of luma to the next pixel, across
 * and down, over the square of 2 × radius + 1 around each known pixel, times TEXTURE_GAIN.
 *
 * Measured on the finest level that is searched, and downsampled with the picture, so that grain counts on coarse
 * levels too.
 */
export function measureTexture(level: Level, radius: i32): void {
  for (let down: usize = 0; down < 2; down++) {
    const step = down ? level.stride : 1
    const pixels = level.stride * level.rows
    const sums = allocateZeroed(<usize>pixels * 4)
    const counts = allocateZeroed(<usize>pixels * 4)
    for (let pixel = 0; pixel + step < pixels; pixel++) {
      if (!load<u8>(level.known + pixel) || !load<u8>(level.known + pixel + step)) continue
      store<f32>(sums + pixel * 4, <f32>abs(eightfoldLuma(level, pixel + step) - eightfoldLuma(level, pixel)))
      store<f32>(counts + pixel * 4, 1)
    }
    boxSum(sums, level.stride, level.rows, radius)
    boxSum(counts, level.stride, level.rows, radius)
    for (let pixel = 0; pixel < pixels; pixel++) {
      const count = load<f32>(counts + pixel * 4)
      if (!load<u8>(level.known + pixel) || count === 0) continue
      const mean = (TEXTURE_GAIN * load<f32>(sums + pixel * 4)) / (8 * count)
      store<u8>(level.texture + pixel * 2 + down, <u8>min<f32>(255, mean + 0.5))
    }
    heap.free(counts)
    heap.free(sums)
  }
}

/** Eight times the luma of a pixel: near the weights of BT.601 in integers. */
function eightfoldLuma(level: Level, pixel: i32): i32 {
  const colour = level.colour + pixel * 4
  return <i32>load<u8>(colour) * 2 + <i32>load<u8>(colour, 1) * 5 + <i32>load<u8>(colour, 2)
}

/** Roughness across and down together, 0 to 510, in grey levels times TEXTURE_GAIN. */
export function roughnessOf(texture: u16): i32 {
  return (<i32>texture & 0xff) + (<i32>texture >> 8)
}

const MAX_ROUGHNESS: i32 = 510
const histogram = memory.data((MAX_ROUGHNESS + 1) * 4)

/**
 * The roughness that is only grain: that of the smoothest parts of what is known. Pictures with more noise or film grain
 * have more of it, and would otherwise count as texture all over.
 *
 * @param level whose texture was measured
 */
export function grainOf(level: Level): f32 {
  memory.fill(histogram, 0, (MAX_ROUGHNESS + 1) * 4)
  let count = 0
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.known + pixel)) continue
    const bin = histogram + <usize>roughnessOf(load<u16>(level.texture + pixel * 2)) * 4
    store<i32>(bin, load<i32>(bin) + 1)
    count++
  }
  let roughness = 0
  let below = load<i32>(histogram)
  while (<f32>below < POISSON_GRAIN_QUANTILE * <f32>count && roughness < MAX_ROUGHNESS) {
    roughness++
    below += load<i32>(histogram + <usize>roughness * 4)
  }
  return max<f32>(POISSON_GRAIN_MIN, min<f32>(POISSON_GRAIN_MAX, POISSON_GRAIN_VARIATION * <f32>roughness))
}

/** Squared difference of two textures, in squared grey levels times TEXTURE_GAIN². */
export function textureDifference(one: u16, other: u16): f32 {
  const across = (<i32>one & 0xff) - (<i32>other & 0xff)
  const down = (<i32>one >> 8) - (<i32>other >> 8)
  return <f32>(across * across + down * down)
}
