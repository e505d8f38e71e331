import {
  MAX_PATCH_COMPARISONS,
  OBJECT_MEDIAN_LIMIT,
  OBJECT_MIN_PENALTY,
  OBJECT_NEIGHBOURS,
  OBJECT_PATCH_REACH,
} from '../../parameters'
import { isBoundarySource } from '../pyramid/boundary'
import { pixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { listSources } from '../pyramid/patches'
import { everyNth, foregroundProbabilities } from './boundary-connectivity'
import { OBJECT, raisePenalty, spreadFromSources } from './copy-penalty'
import { beginComparisons, endComparisons, meanNearestDistance, PatchSet } from './nearest-patches'
import { quantile } from './quantile'

/** The sources at the boundary. */
const boundary = changetype<PatchSet>(memory.data(offsetof<PatchSet>()))

/**
 * Penalize salient objects, however large: regions that touch the boundary but little for their size (boundary
 * connectivity, Zhu et al. 2014), by how much more unlike all patches at the boundary they are than is usual among
 * those. Usual is what a share of the patches at the boundary does not exceed, or OBJECT_MEDIAN_LIMIT times their
 * median.
 *
 * @param level a small one
 * @param factor of the penalty, by how much the distance from the boundary's patches exceeds that of its most common patches
 * @param freeShare share of the patches at the boundary that count as the most common, 0 to 1
 */
export function penalizeSalientObjects(level: Level, factor: f32, freeShare: f32): void {
  beginComparisons(level)
  const coords = listSources(level)
  boundary.coords = heap.alloc(<usize>level.sourceCount * 4)
  let count = 0
  for (let i = 0; i < level.sourceCount; i++) {
    const coord = load<u32>(coords + <usize>i * 4)
    if (!isBoundarySource(level, pixelOf(level, coord))) continue
    store<u32>(boundary.coords + <usize>count * 4, coord)
    count++
  }
  boundary.count = count
  boundary.step = everyNth(<f64>level.sourceCount * <f64>count, MAX_PATCH_COMPARISONS)
  boundary.neighbours = OBJECT_NEIGHBOURS
  boundary.positionWeight = 0
  if (count > 0) penalizeByDistance(level, coords, factor, freeShare)
  spreadFromSources(level, OBJECT)
  heap.free(boundary.coords)
  heap.free(coords)
  endComparisons()
}

function penalizeByDistance(level: Level, coords: usize, factor: f32, freeShare: f32): void {
  const count = boundary.count
  const distances = heap.alloc(<usize>count * 4)
  for (let i = 0; i < count; i++) {
    const coord = load<u32>(boundary.coords + <usize>i * 4)
    store<f32>(distances + <usize>i * 4, meanNearestDistance(level, coord, boundary, i))
  }
  const usual = min<f32>(quantile(distances, count, freeShare), OBJECT_MEDIAN_LIMIT * quantile(distances, count, 0.5))
  const probabilities = foregroundProbabilities(level)
  for (let i = 0; i < level.sourceCount; i++) {
    const coord = load<u32>(coords + <usize>i * 4)
    const pixel = pixelOf(level, coord)
    // From 0 at even odds to 1.
    const certainty: f32 = 2 * maximumNearby(level, probabilities, pixel) - 1
    if (certainty <= 0) continue
    const distance = meanNearestDistance(level, coord, boundary, i % boundary.step)
    const penalty = factor * certainty * (distance - usual)
    if (penalty > OBJECT_MIN_PENALTY) raisePenalty(level, <usize>pixel, OBJECT, penalty)
  }
  heap.free(probabilities)
  heap.free(distances)
}

/** A patch shows an object if that is near its middle. */
function maximumNearby(level: Level, probabilities: usize, pixel: i32): f32 {
  let most: f32 = 0
  for (let dy = -OBJECT_PATCH_REACH; dy <= OBJECT_PATCH_REACH; dy++) {
    for (let dx = -OBJECT_PATCH_REACH; dx <= OBJECT_PATCH_REACH; dx++) {
      most = max<f32>(most, load<f32>(probabilities + <usize>(pixel + dy * level.stride + dx) * 4))
    }
  }
  return most
}
