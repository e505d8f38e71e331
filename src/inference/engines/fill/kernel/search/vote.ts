import { PATCH_RADIUS, VOTE_DEPTH_FALLOFF, VOTE_MAX_DEPTH, VOTE_MAX_MISFIT } from '../../parameters'
import { colourAt, storeColour } from '../pyramid/colour'
import { columnOf, NO_COORD, rowOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'

/**
 * Paint every pixel with the weighted mean of what the patches around it would put there (Wexler et al. 2007, equation
 * 4): patches that match well, and patches near what is known, count more.
 *
 * @param sharpness how much more those that match well count: 0 for none
 */
export function vote(level: Level, sharpness: f32): void {
  computeWeights(level, sharpness)
  const radius = level.radius
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      let colour = f32x4.splat(0)
      let weightSum: f32 = 0
      const top = max(0, y - radius)
      const bottom = min(level.rows - 1, y + radius)
      const left = max(0, x - radius)
      const right = min(level.stride - 1, x + radius)
      for (let patchY = top; patchY <= bottom; patchY++) {
        let patch = <usize>(patchY * level.stride + left)
        for (let patchX = left; patchX <= right; patchX++, patch++) {
          const weight = load<f32>(level.voteWeight + patch * 4)
          if (weight === 0) continue
          const source = load<u32>(level.source + patch * 4)
          const sourcePixel = (rowOf(source) + y - patchY) * level.stride + columnOf(source) + x - patchX
          colour = f32x4.add(colour, f32x4.mul(f32x4.splat(weight), colourAt(level, sourcePixel)))
          weightSum += weight
        }
      }
      // No patch reaches the corners of the margin.
      if (weightSum === 0) continue
      storeColour(level, pixel, f32x4.mul(colour, f32x4.splat(1 / weightSum)))
    }
  }
}

function computeWeights(level: Level, sharpness: f32): void {
  let total: f64 = 0
  let count = 0
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.target + pixel)) continue
    total += load<f32>(level.cost + pixel * 4)
    count++
  }
  // The mean cost stands for 2σ².
  const spread = <f32>max<f64>(1, total / <f64>count)
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.target + pixel)) continue
    const misfit = min<f32>(VOTE_MAX_MISFIT, (sharpness * load<f32>(level.cost + pixel * 4)) / spread)
    const depth = min<f32>(VOTE_MAX_DEPTH, <f32>load<u8>(level.distance + pixel))
    store<f32>(level.voteWeight + pixel * 4, Mathf.exp(-misfit - depth * VOTE_DEPTH_FALLOFF))
  }
}

/** Paint every pixel with its own source: as sharp as the picture, but with seams. */
export function copySources(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
    for (let x = 0; x < level.stride; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      // The margin continues the source of the nearest pixel of the picture.
      const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
      const source = load<u32>(level.source + <usize>(innerY * level.stride + innerX) * 4)
      if (source === NO_COORD) continue
      const sourcePixel = <usize>((rowOf(source) + y - innerY) * level.stride + columnOf(source) + x - innerX)
      store<u32>(level.colour + pixel * 4, load<u32>(level.colour + sourcePixel * 4))
    }
  }
}
