import { PATCH_RADIUS, VOTE_DEPTH_FALLOFF, VOTE_MAX_DEPTH, VOTE_MAX_MISFIT } from '../parameters'
import { colourAt, putColour } from './colour'
import { columnOf, Level, NOWHERE, rowOf } from './level'

/**
 * Paint every pixel with the mean of what the patches around it would put there (Wexler et al. 2007, equation 4):
 * patches that match well, and patches near to what is known, count more.
 *
 * @param sharpness by how much more: 1 for all alike, more for the best of them
 */
export function vote(level: Level, sharpness: f32): void {
  weigh(level, sharpness)
  const radius = level.radius
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      let colour = f32x4.splat(0)
      let sum: f32 = 0
      const top = max(0, y - radius)
      const bottom = min(level.rows - 1, y + radius)
      const left = max(0, x - radius)
      const right = min(level.stride - 1, x + radius)
      for (let py = top; py <= bottom; py++) {
        let patch = <usize>(py * level.stride + left)
        for (let px = left; px <= right; px++, patch++) {
          const weight = load<f32>(level.weight + patch * 4)
          if (weight === 0) continue
          const source = load<u32>(level.source + patch * 4)
          const from = (rowOf(source) + y - py) * level.stride + columnOf(source) + x - px
          colour = f32x4.add(colour, f32x4.mul(f32x4.splat(weight), colourAt(level, from)))
          sum += weight
        }
      }
      // Margin that no patch reaches.
      if (sum === 0) continue
      putColour(level, at, f32x4.mul(colour, f32x4.splat(1 / sum)))
    }
  }
}

function weigh(level: Level, sharpness: f32): void {
  let total: f64 = 0
  let count = 0
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    if (!load<u8>(level.target + at)) continue
    total += load<f32>(level.cost + at * 4)
    count++
  }
  // Stands for 2σ² over all patches.
  const spread = <f32>max<f64>(1, total / <f64>count)
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    if (!load<u8>(level.target + at)) continue
    const fit = min<f32>(VOTE_MAX_MISFIT, (sharpness * load<f32>(level.cost + at * 4)) / spread)
    const depth = min<f32>(VOTE_MAX_DEPTH, <f32>load<u8>(level.distance + at))
    store<f32>(level.weight + at * 4, Mathf.exp(-fit - depth * VOTE_DEPTH_FALLOFF))
  }
}

/** Paint every pixel with the middle of its own patch's source: as sharp as the picture, but with seams. */
export function copy(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
    for (let x = 0; x < level.stride; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      // In the margin, what lies beside the source of the pixel at the rim.
      const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
      const source = load<u32>(level.source + <usize>(innerY * level.stride + innerX) * 4)
      if (source === NOWHERE) continue
      const from = <usize>((rowOf(source) + y - innerY) * level.stride + columnOf(source) + x - innerX)
      store<u32>(level.colour + at * 4, load<u32>(level.colour + from * 4))
    }
  }
}
