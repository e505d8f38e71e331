import { PATCH_RADIUS } from '../../parameters'
import { columnOf, NO_COORD, packCoord, rowOf } from './coordinates'
import { Level } from './level'

/** Find the nearest known pixel of each pixel, and its distance; it is the first boundary label too. */
export function findNearestKnown(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const pixel = <usize>(y * level.stride + x)
      store<u32>(level.nearestKnown + pixel * 4, load<u8>(level.known + pixel) ? packCoord(x, y) : NO_COORD)
    }
  }
  const squares = distanceTransform(level, level.nearestKnown, 1)
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    const distance = Mathf.sqrt(load<f32>(squares + pixel * 4))
    store<u8>(level.distance + pixel, <u8>min<f32>(255, distance + 0.5))
  }
  heap.free(squares)
  memory.copy(level.boundaryLabel, level.nearestKnown, <usize>(level.stride * level.rows) * 4)
}

/**
 * For each pixel without the margin the nearest of some seed pixels, by two sweeps of vector propagation (Danielsson
 * 1980, "Euclidean distance mapping": exact but for rare ties).
 *
 * @param nearest by pixel: its own packed coordinate if it is a seed, or else NO_COORD; overwritten with the nearest
 * seed
 * @param aspect how many times a pixel down, or up, counts as much as one across
 * @returns f32 by pixel: the squared distance, f32.MAX_VALUE without any seed; to be freed
 */
export function distanceTransform(level: Level, nearest: usize, aspect: f32): usize {
  const squares = heap.alloc(<usize>(level.stride * level.rows) * 4)
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    store<f32>(squares + pixel * 4, load<u32>(nearest + pixel * 4) === NO_COORD ? f32.MAX_VALUE : 0)
  }
  const right = PATCH_RADIUS + level.width - 1
  const bottom = PATCH_RADIUS + level.height - 1
  for (let y = PATCH_RADIUS; y <= bottom; y++) {
    for (let x = PATCH_RADIUS; x <= right; x++) {
      if (y > PATCH_RADIUS) relax(level, nearest, squares, aspect, x, y, x, y - 1)
      if (x > PATCH_RADIUS) relax(level, nearest, squares, aspect, x, y, x - 1, y)
    }
    for (let x = right - 1; x >= PATCH_RADIUS; x--) relax(level, nearest, squares, aspect, x, y, x + 1, y)
  }
  for (let y = bottom; y >= PATCH_RADIUS; y--) {
    for (let x = right; x >= PATCH_RADIUS; x--) {
      if (y < bottom) relax(level, nearest, squares, aspect, x, y, x, y + 1)
      if (x < right) relax(level, nearest, squares, aspect, x, y, x + 1, y)
    }
    for (let x = PATCH_RADIUS + 1; x <= right; x++) relax(level, nearest, squares, aspect, x, y, x - 1, y)
  }
  return squares
}

/** Take over the seed of a neighbour if it is nearer. */
function relax(
  level: Level,
  nearest: usize,
  squares: usize,
  aspect: f32,
  x: i32,
  y: i32,
  neighbourX: i32,
  neighbourY: i32,
): void {
  const seed = load<u32>(nearest + <usize>(neighbourY * level.stride + neighbourX) * 4)
  if (seed === NO_COORD) return
  const pixel = <usize>(y * level.stride + x)
  const dx = <f32>(x - columnOf(seed))
  const dy = aspect * <f32>(y - rowOf(seed))
  const square = dx * dx + dy * dy
  if (square >= load<f32>(squares + pixel * 4)) return
  store<f32>(squares + pixel * 4, square)
  store<u32>(nearest + pixel * 4, seed)
}
