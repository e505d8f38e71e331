import {
  PATCH_RADIUS,
  REGION_MAX_NEIGHBOURS,
  REGION_MAX_SIZE,
  REGION_MAX_TRIES,
  REGION_MIN_SIZE,
  REGION_SIZE_FACTOR,
} from '../parameters'
import { copyFrom, costOf } from './field'
import { columnOf, indexOf, isSource, Level, placeOf, rowOf, SIDES, sourceOf, stepTo, zeroed } from './level'
import { isPainted, seam, seamToKnown } from './seams'

// Pieces: pixels beside each other whose sources lie beside each other in the same way, so that all have one offset. Propagation moves
// one pixel at a time, so that a field falls into thousands of pieces of a few pixels, each with a border that no picture has; here
// whole pieces move.

/** How far the offset of each is from this one's, as a difference of places, and how many pixels of border it has. */
const others = memory.data(REGION_MAX_NEIGHBOURS * 8)

/** By pixel: the number of the piece that it was last found in, 0 for none in this round. */
let numbers: usize = 0
/** The pixels of the piece that is looked at, how many they are, and its number. */
let pixels: usize = 0
let count: i32 = 0
let number: u32 = 0

/**
 * Give small pieces the offset of one of those around them, wherever that makes the whole cheaper: the costs of their patches, and
 * of the seams around them.
 *
 * @param level that was last set up for the search, and measured
 */
export function joinPieces(level: Level): void {
  // Patches of a single pixel have no neighbours to go on with.
  if (level.radius === 0) return
  const size = <usize>(level.stride * level.rows) * 4
  numbers = zeroed(size)
  pixels = heap.alloc(size)
  for (let most = REGION_MIN_SIZE; most <= REGION_MAX_SIZE; most *= REGION_SIZE_FACTOR) {
    memory.fill(numbers, 0, size)
    number = 0
    for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const at = y * level.stride + x
        if (!isPainted(level, at) || load<u32>(numbers + <usize>at * 4)) continue
        collect(level, at)
        if (count <= most) join(level)
      }
    }
  }
  heap.free(pixels)
  heap.free(numbers)
}

/** Find the piece that holds a pixel. */
function collect(level: Level, first: i32): void {
  number++
  count = 0
  add(first)
  for (let i = 0; i < count; i++) {
    const at = pixelAt(i)
    for (let side = 0; side < SIDES; side++) {
      const next = at + stepTo(level, side)
      if (!isPainted(level, next) || load<u32>(numbers + <usize>next * 4)) continue
      if (shiftTo(level, at, next, side) === 0) add(next)
    }
  }
}

function add(at: i32): void {
  store<u32>(numbers + <usize>at * 4, number)
  store<i32>(pixels + <usize>count * 4, at)
  count++
}

function pixelAt(index: i32): i32 {
  return load<i32>(pixels + <usize>index * 4)
}

function isOfPiece(at: i32): bool {
  return load<u32>(numbers + <usize>at * 4) === number
}

/** Give the piece the best offset of those around it, if that is better than its own. */
function join(level: Level): void {
  const found = noticeOthers(level)
  if (found === 0) return
  let best: f32 = 0
  for (let i = 0; i < count; i++) {
    const at = pixelAt(i)
    const source = load<u32>(level.source + <usize>at * 4)
    best += load<f32>(level.cost + <usize>at * 4) + seamsAt(level, at, source)
  }
  let chosen: u32 = 0
  let isBetter = false
  for (let tries = 0; tries < min(REGION_MAX_TRIES, found); tries++) {
    let longest = others
    for (let k = 1; k < found; k++) {
      const other = others + <usize>k * 8
      if (load<u32>(other, 4) > load<u32>(longest, 4)) longest = other
    }
    store<u32>(longest, 0, 4)
    const shift = load<u32>(longest)
    const cost = costWith(level, shift, best)
    if (cost >= best) continue
    best = cost
    chosen = shift
    isBetter = true
  }
  if (!isBetter) return
  for (let i = 0; i < count; i++) {
    const at = <usize>pixelAt(i)
    const place = load<u32>(level.source + at * 4) + chosen
    copyFrom(level, at, place)
    store<f32>(level.cost + at * 4, costOf(level, at, columnOf(place), rowOf(place)))
  }
}

/** How far the offset of the pixel on one side is from this one's, as a difference of places; 0 if both are of one piece. */
function shiftTo(level: Level, at: i32, next: i32, side: i32): u32 {
  const step = side === 0 ? placeOf(1, 0) : side === 1 ? -placeOf(1, 0) : side === 2 ? placeOf(0, 1) : -placeOf(0, 1)
  return load<u32>(level.source + <usize>next * 4) - load<u32>(level.source + <usize>at * 4) - step
}

/** Write down how far the offsets of the pieces around are from this one's, and how much border each has. @returns how many there are */
function noticeOthers(level: Level): i32 {
  let found = 0
  for (let i = 0; i < count; i++) {
    for (let side = 0; side < SIDES; side++) {
      const next = pixelAt(i) + stepTo(level, side)
      if (!isPainted(level, next) || isOfPiece(next)) continue
      const shift = shiftTo(level, pixelAt(i), next, side)
      let k = 0
      while (k < found && load<u32>(others + <usize>k * 8) !== shift) k++
      const other = others + <usize>k * 8
      if (k === REGION_MAX_NEIGHBOURS) continue
      if (k === found) {
        store<u32>(other, shift)
        store<u32>(other, 0, 4)
        found++
      }
      store<u32>(other, load<u32>(other, 4) + 1, 4)
    }
  }
  return found
}

/** What the piece would cost if its offset shifted; if that is `limit` or more, or it does not fit there, at least `limit`. */
function costWith(level: Level, shift: u32, limit: f32): f32 {
  let sum: f32 = 0
  for (let i = 0; i < count; i++) {
    const at = pixelAt(i)
    const place = load<u32>(level.source + <usize>at * 4) + shift
    if (!isSource(level, place)) return limit
    sum += costOf(level, <usize>at, columnOf(place), rowOf(place)) + seamsAt(level, at, place)
    if (sum >= limit) return limit
  }
  return sum
}

/** What the seams between a pixel, copied from a place, and those around it that are not of its piece cost. */
function seamsAt(level: Level, at: i32, place: u32): f32 {
  const own = indexOf(level, place)
  let sum: f32 = 0
  for (let side = 0; side < SIDES; side++) {
    const step = stepTo(level, side)
    const next = at + step
    if (load<u8>(level.known + <usize>next)) sum += seamToKnown(level, own, next, step)
    else if (isPainted(level, next) && !isOfPiece(next)) sum += seam(level, own, sourceOf(level, next), step)
  }
  return sum
}
