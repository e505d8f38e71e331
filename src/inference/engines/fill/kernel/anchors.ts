import { columnOf, Level, NOWHERE, placeOf, RADIUS, rowOf } from './level'

/**
 * The nearest known pixel of each pixel, by two sweeps of vector propagation (Danielsson 1980, "Euclidean distance
 * mapping": exact but for rare ties).
 */
export function findAnchors(level: Level): void {
  const squares = heap.alloc(<usize>(level.stride * level.rows) * 4)
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const at = <usize>(y * level.stride + x)
      const known = load<u8>(level.known + at)
      store<u32>(level.anchor + at * 4, known ? placeOf(x, y) : NOWHERE)
      store<i32>(squares + at * 4, known ? 0 : i32.MAX_VALUE)
    }
  }
  const right = RADIUS + level.width - 1
  const bottom = RADIUS + level.height - 1
  for (let y = RADIUS; y <= bottom; y++) {
    for (let x = RADIUS; x <= right; x++) {
      if (y > RADIUS) relax(level, squares, x, y, x, y - 1)
      if (x > RADIUS) relax(level, squares, x, y, x - 1, y)
    }
    for (let x = right - 1; x >= RADIUS; x--) relax(level, squares, x, y, x + 1, y)
  }
  for (let y = bottom; y >= RADIUS; y--) {
    for (let x = right; x >= RADIUS; x--) {
      if (y < bottom) relax(level, squares, x, y, x, y + 1)
      if (x < right) relax(level, squares, x, y, x + 1, y)
    }
    for (let x = RADIUS + 1; x <= right; x++) relax(level, squares, x, y, x - 1, y)
  }
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    const distance = Mathf.sqrt(<f32>load<i32>(squares + at * 4))
    store<u8>(level.distance + at, <u8>min<f32>(255, distance + 0.5))
  }
  heap.free(squares)
}

function relax(level: Level, squares: usize, x: i32, y: i32, fromX: i32, fromY: i32): void {
  const anchor = load<u32>(level.anchor + (fromY * level.stride + fromX) * 4)
  if (anchor === NOWHERE) return
  const at = <usize>(y * level.stride + x)
  const dx = x - columnOf(anchor)
  const dy = y - rowOf(anchor)
  const square = dx * dx + dy * dy
  if (square >= load<i32>(squares + at * 4)) return
  store<i32>(squares + at * 4, square)
  store<u32>(level.anchor + at * 4, anchor)
}
