import { PATCH_RADIUS } from '../parameters'
import { columnOf, Level, NOWHERE, placeOf, rowOf } from './level'

/** Find the nearest known pixel of each pixel, and how far it is; that is where at the frame it goes on from, unless told. */
export function findAnchors(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const at = <usize>(y * level.stride + x)
      store<u32>(level.anchor + at * 4, load<u8>(level.known + at) ? placeOf(x, y) : NOWHERE)
    }
  }
  const squares = findNearest(level, level.anchor, 1)
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    const distance = Mathf.sqrt(load<f32>(squares + at * 4))
    store<u8>(level.distance + at, <u8>min<f32>(255, distance + 0.5))
  }
  heap.free(squares)
  memory.copy(level.frame, level.anchor, <usize>(level.stride * level.rows) * 4)
}

/**
 * Find for each pixel of the picture the nearest of some places, by two sweeps of vector propagation (Danielsson 1980,
 * "Euclidean distance mapping": exact but for rare ties).
 *
 * @param places by pixel: its own place if it is one of them, or else NOWHERE; overwritten with the nearest
 * @param steepness how much farther a pixel down, or up, counts than one across
 * @returns the square of how far that is, by pixel; to be freed
 */
export function findNearest(level: Level, places: usize, steepness: f32): usize {
  const squares = heap.alloc(<usize>(level.stride * level.rows) * 4)
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    store<f32>(squares + at * 4, load<u32>(places + at * 4) === NOWHERE ? f32.MAX_VALUE : 0)
  }
  const right = PATCH_RADIUS + level.width - 1
  const bottom = PATCH_RADIUS + level.height - 1
  for (let y = PATCH_RADIUS; y <= bottom; y++) {
    for (let x = PATCH_RADIUS; x <= right; x++) {
      if (y > PATCH_RADIUS) relax(level, places, squares, steepness, x, y, x, y - 1)
      if (x > PATCH_RADIUS) relax(level, places, squares, steepness, x, y, x - 1, y)
    }
    for (let x = right - 1; x >= PATCH_RADIUS; x--) relax(level, places, squares, steepness, x, y, x + 1, y)
  }
  for (let y = bottom; y >= PATCH_RADIUS; y--) {
    for (let x = right; x >= PATCH_RADIUS; x--) {
      if (y < bottom) relax(level, places, squares, steepness, x, y, x, y + 1)
      if (x < right) relax(level, places, squares, steepness, x, y, x + 1, y)
    }
    for (let x = PATCH_RADIUS + 1; x <= right; x++) relax(level, places, squares, steepness, x, y, x - 1, y)
  }
  return squares
}

function relax(
  level: Level,
  places: usize,
  squares: usize,
  steepness: f32,
  x: i32,
  y: i32,
  fromX: i32,
  fromY: i32,
): void {
  const place = load<u32>(places + <usize>(fromY * level.stride + fromX) * 4)
  if (place === NOWHERE) return
  const at = <usize>(y * level.stride + x)
  const dx = <f32>(x - columnOf(place))
  const dy = steepness * <f32>(y - rowOf(place))
  const square = dx * dx + dy * dy
  if (square >= load<f32>(squares + at * 4)) return
  store<f32>(squares + at * 4, square)
  store<u32>(places + at * 4, place)
}
