import { LOWER_BOUND_ROUNDING, PATCH_RADIUS, RARITY_MAX_DISTANCE, RARITY_NEIGHBOURS } from '../../parameters'
import { columnOf, pixelOf, rowOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { comparedPixels, patchDistance, setPatchRadius } from '../pyramid/patch-distance'
import { freeQuarterSums, patchLowerBound, sumQuarters } from '../pyramid/patch-lower-bound'

// The distance of a patch to the most similar patches of a set, as context-aware saliency measures it (Goferman,
// Zelnik-Manor and Tal 2010, equations 1 and 2).

/** Patches to compare with, and how; set up once for many comparisons. */
@unmanaged
export class PatchSet {
  /** Address of their packed coordinates. */
  coords: usize
  count: i32
  /** Every n-th is compared. */
  step: i32
  /** The mean is taken over this many of the most similar patches, 1 to RARITY_NEIGHBOURS. */
  neighbours: i32
  /** How much less similar a patch counts a whole picture away, 0 or more. */
  positionWeight: f32
}

/** To be called before patches of a level are compared; {@link endComparisons} frees the memory. */
export function beginComparisons(level: Level): void {
  setPatchRadius(level)
  sumQuarters(level)
}

export function endComparisons(): void {
  freeQuarterSums()
}

/** The smallest distances so far, ascending. */
const smallest = memory.data(RARITY_NEIGHBOURS * 4)

/**
 * The mean distance of a patch to the most similar patches of a set, in squared grey levels by pixel. Patches that
 * overlap it are left out: they are always similar.
 *
 * @param coord the patch's packed coordinate
 * @param first index in the set of the patch to compare first: the closer it is to `coord`, the sooner others are ruled
 * out
 */
export function meanNearestDistance(level: Level, coord: u32, set: PatchSet, first: i32): f32 {
  const own = pixelOf(level, coord)
  const longestSide = <f32>max(level.width, level.height)
  const pixels = <f32>comparedPixels(level.radius)
  const coords = set.coords
  const neighbours = set.neighbours
  const positionWeight = set.positionWeight
  const step = set.step
  const count = set.count
  const last = <usize>(neighbours - 1) * 4
  for (let k = 0; k < neighbours; k++) store<f32>(smallest + <usize>k * 4, RARITY_MAX_DISTANCE)
  const start = first % step
  const comparisons = (count - start + step - 1) / step
  let index = first
  for (let i = 0; i < comparisons; i++, index += step) {
    if (index >= count) index = start
    const otherCoord = load<u32>(coords + <usize>index * 4)
    const dx = columnOf(coord) - columnOf(otherCoord)
    const dy = rowOf(coord) - rowOf(otherCoord)
    if (abs(dx) <= PATCH_RADIUS && abs(dy) <= PATCH_RADIUS) continue
    const positionFactor: f32 = 1 + (positionWeight * Mathf.sqrt(<f32>(dx * dx + dy * dy))) / longestSide
    const worst = load<f32>(smallest + last)
    const limit = worst * positionFactor * pixels
    const other = pixelOf(level, otherCoord)
    if (patchLowerBound(own, other) > limit * (1 + LOWER_BOUND_ROUNDING)) continue
    const colour = level.colour + <usize>other * 4
    const sum = <f32>patchDistance(level, level.colour + <usize>own * 4, colour, <i32>limit)
    const distance = sum / (pixels * positionFactor)
    if (distance >= worst) continue
    let slot = neighbours - 1
    for (; slot > 0 && load<f32>(smallest + <usize>(slot - 1) * 4) > distance; slot--) {
      store<f32>(smallest + <usize>slot * 4, load<f32>(smallest + <usize>(slot - 1) * 4))
    }
    store<f32>(smallest + <usize>slot * 4, distance)
  }
  let sum: f32 = 0
  for (let k = 0; k < neighbours; k++) sum += load<f32>(smallest + <usize>k * 4)
  return sum / <f32>neighbours
}
