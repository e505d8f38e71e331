import { BLOCK_KNOWN_SEAM_WEIGHT, BLOCK_OFFSET_REACH, PATCH_RADIUS } from '../parameters'
import { isThing } from './distinct'
import { copyFrom, unlikelinessOf } from './field'
import { columnOf, indexOf, Level, placeOf, rowOf, SIDES, sourceOf, stepTo, zeroed } from './level'
import { around, below } from './random'
import { isPainted, seam, seamToKnown } from './seams'

// Blocks: rectangles of pixels that are given one offset, whatever they had. The search finds patches like those that are there
// already, and they were painted from what it found before: so it never leaves the pieces that it began with. Here only seams count,
// and what speaks against a source by itself, as in a shift map (Pritch et al. 2009, "Shift-map image editing").

/** By pixel: what speaks against its source, and its seams, half of each that it shares with a painted pixel. */
let costs: usize = 0
/** By pixel: what its seam to the right and that to below cost; few blocks move, but all are looked at. */
let seamsRight: usize = 0
let seamsBelow: usize = 0
/** By pixel: 1 if a block may be copied from there. */
let free: usize = 0
/** By pixel: the number of the last block that it was in. */
let numbers: usize = 0
/** The pixels of the block that is looked at, how many they are, and its number. */
let members: usize = 0
let count: i32 = 0
let number: u32 = 0
/** How far the block's sources would lie from its pixels, across and down. */
let shiftX: i32 = 0
let shiftY: i32 = 0

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
  seamsRight = zeroed(size)
  seamsBelow = zeroed(size)
  free = zeroed(<usize>(level.stride * level.rows))
  numbers = zeroed(size)
  members = heap.alloc(size)
  number = 0
  let all = 0
  for (let at = 0; at < level.stride * level.rows; at++) {
    if (load<u8>(level.valid + <usize>at) && !isThing(level, <usize>at)) store<u8>(free + <usize>at, 1)
    if (!isPainted(level, at)) continue
    store<i32>(painted + <usize>all * 4, at)
    measure(level, at)
    all++
  }
  const times = <i32>(tries * <f32>all)
  for (let time = 0; time < times; time++) {
    const middle = load<i32>(painted + <usize>below(all) * 4)
    const from =
      time & 1 ? load<i32>(painted + <usize>below(all) * 4) : near(level, middle, BLOCK_OFFSET_REACH * largest)
    if (!isPainted(level, from)) continue
    const source = load<u32>(level.source + <usize>from * 4)
    shiftX = columnOf(source) - (from % level.stride)
    shiftY = rowOf(source) - from / level.stride
    move(level, middle, 1 + below(largest), 1 + below(largest))
  }
  heap.free(members)
  heap.free(numbers)
  heap.free(free)
  heap.free(seamsBelow)
  heap.free(seamsRight)
  heap.free(costs)
  heap.free(painted)
}

/** Some pixel of the level, at most so far away across and down. */
function near(level: Level, at: i32, reach: i32): i32 {
  const x = (at % level.stride) + around(reach)
  const y = at / level.stride + around(reach)
  const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
  const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
  return innerY * level.stride + innerX
}

/** Move the sources of the block around a pixel, if that is cheaper. */
function move(level: Level, middle: i32, across: i32, down: i32): void {
  const x = middle % level.stride
  const y = middle / level.stride
  // Both the block and its sources have to lie within the level.
  const left = max(max(PATCH_RADIUS, x - across), -shiftX)
  const right = min(min(PATCH_RADIUS + level.width, x + across + 1), level.stride - shiftX)
  const top = max(max(PATCH_RADIUS, y - down), -shiftY)
  const bottom = min(min(PATCH_RADIUS + level.height, y + down + 1), level.rows - shiftY)
  const shift = shiftY * level.stride + shiftX
  number++
  count = 0
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = row * level.stride + column
      if (load<u8>(level.known + <usize>at) || !load<u8>(free + <usize>(at + shift))) continue
      if (load<u32>(level.source + <usize>at * 4) === placeOf(column + shiftX, row + shiftY)) continue
      store<u32>(numbers + <usize>at * 4, number)
      store<i32>(members + <usize>count * 4, at)
      count++
    }
  }
  if (!isCheaper(level)) return
  for (let i = 0; i < count; i++) copyFrom(level, <usize>memberAt(i), movedTo(level, memberAt(i)))
  for (let i = 0; i < count; i++) {
    const at = memberAt(i)
    measure(level, at)
    for (let side = 0; side < SIDES; side++) {
      const next = at + stepTo(level, side)
      if (!isMember(next) && isPainted(level, next)) measure(level, next)
    }
  }
}

/** Whether the whole is cheaper with the block's sources moved. */
function isCheaper(level: Level): bool {
  let before: f32 = 0
  for (let i = 0; i < count; i++) before += load<f32>(costs + <usize>memberAt(i) * 4)
  for (let i = 0; i < count; i++) {
    const at = memberAt(i)
    for (let side = 0; side < SIDES; side++) {
      const next = at + stepTo(level, side)
      if (!isMember(next) && isPainted(level, next)) before += seamTo(level, at, side) / 2
    }
  }
  // Mostly the new seams alone are too much.
  if (withSeams(level, 0, before) >= before) return false
  let after: f32 = 0
  for (let i = 0; i < count; i++) {
    const at = memberAt(i)
    const place = movedTo(level, at)
    after += unlikelinessOf(level, <usize>at, columnOf(place), rowOf(place))
  }
  return withSeams(level, after, before) < before
}

/** Add what the seams around the block would cost to a sum; if that reaches `limit`, anything above is returned. */
function withSeams(level: Level, sum: f32, limit: f32): f32 {
  const shift = shiftY * level.stride + shiftX
  for (let i = 0; i < count && sum < limit; i++) {
    const at = memberAt(i)
    const own = at + shift
    for (let side = 0; side < SIDES; side++) {
      const step = stepTo(level, side)
      const next = at + step
      if (isMember(next)) continue
      if (load<u8>(level.known + <usize>next)) sum += BLOCK_KNOWN_SEAM_WEIGHT * seamToKnown(level, own, next, step)
      else if (isPainted(level, next)) sum += seam(level, own, sourceOf(level, next), step)
    }
  }
  return sum
}

/** What the seam between two painted pixels beside each other costs. */
function seamTo(level: Level, at: i32, side: i32): f32 {
  const first = <usize>(side === 0 || side === 2 ? at : at + stepTo(level, side))
  return load<f32>((side < 2 ? seamsRight : seamsBelow) + first * 4)
}

/** Write down what speaks against a pixel's source, and its seams: half of each that it shares with a painted pixel. */
function measure(level: Level, at: i32): void {
  const place = load<u32>(level.source + <usize>at * 4)
  const own = indexOf(level, place)
  let sum = unlikelinessOf(level, <usize>at, columnOf(place), rowOf(place))
  for (let side = 0; side < SIDES; side++) {
    const step = stepTo(level, side)
    const next = at + step
    if (load<u8>(level.known + <usize>next)) sum += BLOCK_KNOWN_SEAM_WEIGHT * seamToKnown(level, own, next, step)
    else if (isPainted(level, next)) {
      const cost = seam(level, own, sourceOf(level, next), step)
      const first = <usize>(side === 0 || side === 2 ? at : next)
      store<f32>((side < 2 ? seamsRight : seamsBelow) + first * 4, cost)
      sum += cost / 2
    }
  }
  store<f32>(costs + <usize>at * 4, sum)
}

/** The place that a pixel of the block would be copied from. */
function movedTo(level: Level, at: i32): u32 {
  return placeOf((at % level.stride) + shiftX, at / level.stride + shiftY)
}

function memberAt(index: i32): i32 {
  return load<i32>(members + <usize>index * 4)
}

function isMember(at: i32): bool {
  return load<u32>(numbers + <usize>at * 4) === number
}
