import { isThing } from './distinct'
import { copyFrom, unlikelinessOf } from './field'
import { columnOf, indexOf, isSource, Level, RADIUS, rowOf, SIDES, sourceOf, stepTo, zeroed } from './level'
import { around, below } from './random'
import { isPainted, offsetOf, placeWith, seam, seamToKnown } from './seams'

// Blocks: rectangles of pixels that are given one offset, whatever they had. The search finds patches like those that are there
// already, and they were painted from what it found before: so it never leaves the pieces that it began with. Here only seams count,
// and what speaks against a source by itself, as in a shift map (Pritch et al. 2009, "Shift-map image editing").

/** A block's offset is that of a pixel at most so many times its largest size away, or every second time of any. */
const NEAR: i32 = 2

/** Seams to what is known count so many times as much: they lie beside each other, and clouds would be cut off there. */
const TO_KNOWN: f32 = 4

/** By pixel: what speaks against its source, and its seams, half of each that it shares with a painted pixel. */
let costs: usize = 0
/** By pixel: the number of the last block that it was in. */
let numbers: usize = 0
/** The pixels of the block that is looked at, how many they are, and its number. */
let members: usize = 0
let count: i32 = 0
let number: u32 = 0

/**
 * Give blocks at random the offset of some other pixel, wherever that makes the whole cheaper. Nothing that stands out is copied
 * more often by it.
 *
 * @param level that was last set up for the search, and has a source for all that is to be painted
 * @param tries for each pixel that is to be painted
 * @param largest a block reaches at most so many pixels from its middle, and at least one
 */
export function moveBlocks(level: Level, tries: f32, largest: i32): void {
  // Patches of a single pixel have no neighbours to go on with.
  if (level.radius === 0) return
  const size = <usize>(level.stride * level.rows) * 4
  const painted = heap.alloc(size)
  costs = zeroed(size)
  numbers = zeroed(size)
  members = heap.alloc(size)
  number = 0
  let all = 0
  for (let at = 0; at < level.stride * level.rows; at++) {
    if (!isPainted(level, at)) continue
    store<i32>(painted + <usize>all * 4, at)
    store<f32>(costs + <usize>at * 4, costAt(level, at))
    all++
  }
  const times = <i32>(tries * <f32>all)
  for (let time = 0; time < times; time++) {
    const middle = load<i32>(painted + <usize>below(all) * 4)
    const from = time & 1 ? load<i32>(painted + <usize>below(all) * 4) : near(level, middle, NEAR * largest)
    if (!isPainted(level, from)) continue
    move(level, middle, 1 + below(largest), 1 + below(largest), offsetOf(level, from))
  }
  heap.free(members)
  heap.free(numbers)
  heap.free(costs)
  heap.free(painted)
}

/** Some pixel of the level, at most so far away across and down. */
function near(level: Level, at: i32, reach: i32): i32 {
  const x = (at % level.stride) + around(reach)
  const y = at / level.stride + around(reach)
  const innerX = min(RADIUS + level.width - 1, max(RADIUS, x))
  const innerY = min(RADIUS + level.height - 1, max(RADIUS, y))
  return innerY * level.stride + innerX
}

/** Give the block around a pixel an offset, if that is cheaper. */
function move(level: Level, middle: i32, across: i32, down: i32, offset: u32): void {
  const x = middle % level.stride
  const y = middle / level.stride
  const right = min(RADIUS + level.width - 1, x + across)
  const bottom = min(RADIUS + level.height - 1, y + down)
  let before: f32 = 0
  let after: f32 = 0
  number++
  count = 0
  for (let row = max(RADIUS, y - down); row <= bottom; row++) {
    for (let column = max(RADIUS, x - across); column <= right; column++) {
      const at = row * level.stride + column
      if (load<u8>(level.known + <usize>at)) continue
      const place = placeWith(level, at, offset)
      const isThere = load<u32>(level.source + <usize>at * 4) === place
      if (isThere || !isSource(level, place) || isThing(level, <usize>indexOf(level, place))) continue
      store<u32>(numbers + <usize>at * 4, number)
      store<i32>(members + <usize>count * 4, at)
      count++
      before += load<f32>(costs + <usize>at * 4)
      after += unlikelinessOf(level, <usize>at, columnOf(place), rowOf(place))
    }
  }
  for (let i = 0; i < count; i++) {
    const at = memberAt(i)
    const was = sourceOf(level, at)
    const own = indexOf(level, placeWith(level, at, offset))
    for (let side = 0; side < SIDES; side++) {
      const step = stepTo(level, side)
      const next = at + step
      if (isMember(next)) continue
      if (load<u8>(level.known + <usize>next)) {
        after += TO_KNOWN * seamToKnown(level, own, next, step)
      } else if (isPainted(level, next)) {
        const theirs = sourceOf(level, next)
        before += seam(level, was, theirs, step) / 2
        after += seam(level, own, theirs, step)
      }
    }
  }
  if (after >= before) return
  for (let i = 0; i < count; i++) copyFrom(level, <usize>memberAt(i), placeWith(level, memberAt(i), offset))
  for (let i = 0; i < count; i++) {
    const at = memberAt(i)
    store<f32>(costs + <usize>at * 4, costAt(level, at))
    for (let side = 0; side < SIDES; side++) {
      const next = at + stepTo(level, side)
      if (!isMember(next) && isPainted(level, next)) store<f32>(costs + <usize>next * 4, costAt(level, next))
    }
  }
}

/** What speaks against a pixel's source, and its seams, half of each that it shares with a painted pixel. */
function costAt(level: Level, at: i32): f32 {
  const place = load<u32>(level.source + <usize>at * 4)
  const own = indexOf(level, place)
  let sum = unlikelinessOf(level, <usize>at, columnOf(place), rowOf(place))
  for (let side = 0; side < SIDES; side++) {
    const step = stepTo(level, side)
    const next = at + step
    if (load<u8>(level.known + <usize>next)) sum += TO_KNOWN * seamToKnown(level, own, next, step)
    else if (isPainted(level, next)) sum += seam(level, own, sourceOf(level, next), step) / 2
  }
  return sum
}

function memberAt(index: i32): i32 {
  return load<i32>(members + <usize>index * 4)
}

function isMember(at: i32): bool {
  return load<u32>(numbers + <usize>at * 4) === number
}
