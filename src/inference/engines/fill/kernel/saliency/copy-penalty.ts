import { PATCH_RADIUS, SUSPECT_PENALTY } from '../../parameters'
import { NO_COORD, pixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { nearestSource } from '../pyramid/patches'

// The copy penalty: what it costs to copy a pixel that stands out, in squared grey levels. Three detectors write it:
// rarity and enclosure one part, and the salient object the other. A copy costs both.

/** Parts of the penalty, as offsets in bytes. */
export const RARE: usize = 0
export const OBJECT: usize = 4
const BYTES_PER_PIXEL: usize = 8

export function rarePenaltyAt(level: Level, pixel: usize): f32 {
  return load<f32>(level.copyPenalty + pixel * BYTES_PER_PIXEL, RARE)
}

/** Both parts together. */
export function copyPenaltyAt(level: Level, pixel: usize): f32 {
  return rarePenaltyAt(level, pixel) + load<f32>(level.copyPenalty + pixel * BYTES_PER_PIXEL, OBJECT)
}

/** How detectors combine: of the penalties that a part gets for a pixel, the highest counts. */
export function raisePenalty(level: Level, pixel: usize, part: usize, penalty: f32): void {
  const address = level.copyPenalty + pixel * BYTES_PER_PIXEL + part
  store<f32>(address, max<f32>(load<f32>(address), penalty))
}

/** Whether a pixel stands out at all, even if it is only suspected. */
export function isSalient(level: Level, pixel: usize): bool {
  return copyPenaltyAt(level, pixel) > 0
}

/** Whether it costs more to copy a pixel than what is only suspected costs. */
export function isPenalized(level: Level, pixel: usize): bool {
  return copyPenaltyAt(level, pixel) > SUSPECT_PENALTY
}

/**
 * Give pixels whose patch is not wholly known the penalty of the nearest source: detectors judge whole patches only.
 */
export function spreadFromSources(level: Level, part: usize): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.valid + pixel)) continue
      const source = nearestSource(level, x, y)
      if (source === NO_COORD) continue
      const penalty = load<f32>(level.copyPenalty + <usize>pixelOf(level, source) * BYTES_PER_PIXEL + part)
      store<f32>(level.copyPenalty + pixel * BYTES_PER_PIXEL + part, penalty)
    }
  }
}

/** Raise the part of what is rare on the next coarser level to the maximum of the pixels that each pixel stands for. */
export function raiseCoarserPenalty(level: Level, coarse: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const pixel = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      if (!load<u8>(level.known + pixel)) continue
      const coarsePixel = <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS)
      raisePenalty(coarse, coarsePixel, RARE, rarePenaltyAt(level, pixel))
    }
  }
}

/** Take the penalty over from the next coarser level. */
export function upsamplePenalty(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      // At the boundary a source has no counterpart on the coarser level.
      const source = nearestSource(coarse, (x >> 1) + PATCH_RADIUS, (y >> 1) + PATCH_RADIUS)
      if (source === NO_COORD) continue
      const pixel = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      const coarsePixel = <usize>pixelOf(coarse, source)
      store<u64>(
        level.copyPenalty + pixel * BYTES_PER_PIXEL,
        load<u64>(coarse.copyPenalty + coarsePixel * BYTES_PER_PIXEL),
      )
    }
  }
}
