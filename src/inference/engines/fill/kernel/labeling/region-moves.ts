import {
  PATCH_RADIUS,
  REGION_MAX_NEIGHBOURS,
  REGION_MAX_SIZE,
  REGION_MAX_TRIES,
  REGION_MIN_SIZE,
  REGION_SIZE_FACTOR,
} from '../../parameters'
import {
  columnOf,
  NEIGHBOURS,
  neighbourCoordStep,
  neighbourStep,
  packCoord,
  pixelOf,
  rowOf,
} from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { isSource } from '../pyramid/patches'
import { sourceCost } from '../search/source-cost'
import {
  addMember,
  addSeamCosts,
  beginMove,
  beginMoves,
  endMoves,
  forgetMoves,
  isMember,
  memberCoord,
  memberCount,
  memberPixel,
  moveMember,
  offsetOf,
  wasMember,
} from './move'
import { isPainted } from './seams'

// Region moves: whole regions, connected pixels of one offset, take over the offset of a region next to them.
// Propagation moves one pixel at a time, so that a field falls into thousands of regions of a few pixels, each with
// seams around it.

// The offsets of the neighbouring regions: the offset, and how many pixels of common border they have.
const neighbours = memory.data(REGION_MAX_NEIGHBOURS * 8)

/**
 * Merge small regions into neighbouring ones, wherever that lowers the energy: first the smallest, then larger ones.
 *
 * @param level that the search was prepared for, with an evaluated field
 */
export function moveRegions(level: Level): void {
  // Patches of a single pixel have no neighbours to be coherent with.
  if (level.radius === 0) return
  beginMoves(level)
  for (let maxSize = REGION_MIN_SIZE; maxSize <= REGION_MAX_SIZE; maxSize *= REGION_SIZE_FACTOR) {
    forgetMoves(level)
    for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const pixel = y * level.stride + x
        if (!isPainted(level, pixel) || wasMember(pixel)) continue
        collectRegion(level, pixel, packCoord(x, y))
        if (memberCount() <= maxSize) moveRegion(level)
      }
    }
  }
  endMoves()
}

/** Begin a move of the region that contains a pixel. */
function collectRegion(level: Level, pixel: i32, coord: u32): void {
  const offset = offsetOf(level, pixel, coord)
  beginMove()
  addMember(pixel, coord)
  for (let i = 0; i < memberCount(); i++) {
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = memberPixel(i) + neighbourStep(level, direction)
      if (!isPainted(level, neighbour) || wasMember(neighbour)) continue
      const neighbourCoord = memberCoord(i) + neighbourCoordStep(direction)
      if (offsetOf(level, neighbour, neighbourCoord) === offset) addMember(neighbour, neighbourCoord)
    }
  }
}

/** Give the region the best offset of its neighbours, if that is better than its own. */
function moveRegion(level: Level): void {
  const found = collectNeighbours(level)
  if (found === 0) return
  let best = regionEnergy(level)
  let bestOffset: u32 = 0
  let isBetter = false
  for (let tries = 0; tries < min(REGION_MAX_TRIES, found); tries++) {
    let longest = neighbours
    for (let k = 1; k < found; k++) {
      const neighbour = neighbours + <usize>k * 8
      if (load<u32>(neighbour, 4) > load<u32>(longest, 4)) longest = neighbour
    }
    store<u32>(longest, 0, 4)
    const offset = load<u32>(longest)
    const energy = proposedEnergy(level, offset, best)
    if (energy >= best) continue
    best = energy
    bestOffset = offset
    isBetter = true
  }
  if (!isBetter) return
  for (let i = 0; i < memberCount(); i++) {
    const coord = moveMember(level, i, bestOffset)
    const pixel = <usize>memberPixel(i)
    store<f32>(level.cost + pixel * 4, sourceCost(level, pixel, columnOf(coord), rowOf(coord)))
  }
}

/** List the offsets of the neighbouring regions, with the lengths of the common borders. @returns how many there are */
function collectNeighbours(level: Level): i32 {
  let found = 0
  for (let i = 0; i < memberCount(); i++) {
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = memberPixel(i) + neighbourStep(level, direction)
      if (!isPainted(level, neighbour) || isMember(neighbour)) continue
      const offset = offsetOf(level, neighbour, memberCoord(i) + neighbourCoordStep(direction))
      let k = 0
      while (k < found && load<u32>(neighbours + <usize>k * 8) !== offset) k++
      const entry = neighbours + <usize>k * 8
      if (k === REGION_MAX_NEIGHBOURS) continue
      if (k === found) {
        store<u32>(entry, offset)
        store<u32>(entry, 0, 4)
        found++
      }
      store<u32>(entry, load<u32>(entry, 4) + 1, 4)
    }
  }
  return found
}

function regionEnergy(level: Level): f32 {
  let sum: f32 = 0
  for (let i = 0; i < memberCount(); i++) {
    const pixel = memberPixel(i)
    const source = pixelOf(level, load<u32>(level.source + <usize>pixel * 4))
    sum += load<f32>(level.cost + <usize>pixel * 4) + addSeamCosts(level, pixel, source, 1, 0)
  }
  return sum
}

/** The region's energy with another offset; `limit` if it is not less, or if some of the sources would not be whole. */
function proposedEnergy(level: Level, offset: u32, limit: f32): f32 {
  let sum: f32 = 0
  for (let i = 0; i < memberCount(); i++) {
    const pixel = memberPixel(i)
    const coord = memberCoord(i) + offset
    if (!isSource(level, coord)) return limit
    const seams = addSeamCosts(level, pixel, pixelOf(level, coord), 1, 0)
    sum += sourceCost(level, <usize>pixel, columnOf(coord), rowOf(coord)) + seams
    if (sum >= limit) return limit
  }
  return sum
}
