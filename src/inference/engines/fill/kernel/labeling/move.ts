import { allocateZeroed } from '../memory'
import { NEIGHBOURS, neighbourStep, sourcePixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { isPainted, knownSeamCost, seamCost } from './seams'

// A move gives some pixels one and the same offset from pixel to source, which is their label, if that lowers the
// energy: the costs of their sources, and of the seams around them. It is one step of the move-making algorithms that
// label shift maps (Pritch et al. 2009, "Shift-map image editing"), with the pixels and the label proposed rather than
// cut by a graph.
//
// An offset is the difference of two packed coordinates, modulo 2³², so that adding it to a pixel's is its source.

/** By pixel: the number of the last move that it was a member of, 0 for none. */
let moveNumbers: usize = 0
let moveNumber: u32 = 0
/** The members of the current move: index and packed coordinate. */
let members: usize = 0
let count: i32 = 0
const BYTES_PER_MEMBER: usize = 8

/** Get ready for moves on a level; {@link endMoves} frees the memory. */
export function beginMoves(level: Level): void {
  const pixels = <usize>(level.stride * level.rows)
  moveNumbers = allocateZeroed(pixels * 4)
  members = heap.alloc(pixels * BYTES_PER_MEMBER)
  moveNumber = 0
}

export function endMoves(): void {
  heap.free(members)
  heap.free(moveNumbers)
}

/** Forget which pixels were members of earlier moves. */
export function forgetMoves(level: Level): void {
  memory.fill(moveNumbers, 0, <usize>(level.stride * level.rows) * 4)
  moveNumber = 0
}

/** Begin a move, without members. */
export function beginMove(): void {
  moveNumber++
  count = 0
}

export function addMember(pixel: i32, coord: u32): void {
  store<u32>(moveNumbers + <usize>pixel * 4, moveNumber)
  store<i32>(members + <usize>count * BYTES_PER_MEMBER, pixel)
  store<u32>(members + <usize>count * BYTES_PER_MEMBER, coord, 4)
  count++
}

export function memberCount(): i32 {
  return count
}

/** The index of a member. */
export function memberPixel(member: i32): i32 {
  return load<i32>(members + <usize>member * BYTES_PER_MEMBER)
}

/** The packed coordinate of a member. */
export function memberCoord(member: i32): u32 {
  return load<u32>(members + <usize>member * BYTES_PER_MEMBER, 4)
}

/** Whether a pixel is a member of the current move. */
export function isMember(pixel: i32): bool {
  return load<u32>(moveNumbers + <usize>pixel * 4) === moveNumber
}

/** Whether a pixel was a member of any move since they were last forgotten. */
export function wasMember(pixel: i32): bool {
  return load<u32>(moveNumbers + <usize>pixel * 4) !== 0
}

/** The offset that a painted pixel has. */
export function offsetOf(level: Level, pixel: i32, coord: u32): u32 {
  return load<u32>(level.source + <usize>pixel * 4) - coord
}

/**
 * Add to a sum what the seams between a member and its neighbours that are not members cost.
 *
 * @param source the member's source, or a proposed one, as an index
 * @param knownWeight seams to known pixels count more by this factor
 */
export function addSeamCosts(level: Level, pixel: i32, source: i32, knownWeight: f32, sum: f32): f32 {
  for (let direction = 0; direction < NEIGHBOURS; direction++) {
    const step = neighbourStep(level, direction)
    const neighbour = pixel + step
    if (load<u8>(level.known + <usize>neighbour)) sum += knownWeight * knownSeamCost(level, source, neighbour, step)
    else if (!isMember(neighbour) && isPainted(level, neighbour)) {
      sum += seamCost(level, source, sourcePixelOf(level, neighbour), step)
    }
  }
  return sum
}

/** Give a member the source that the offset proposes. @returns its packed coordinate */
export function moveMember(level: Level, member: i32, offset: u32): u32 {
  const coord = memberCoord(member) + offset
  store<u32>(level.source + <usize>memberPixel(member) * 4, coord)
  return coord
}
