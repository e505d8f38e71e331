import { BLOCK_KNOWN_SEAM_WEIGHT, BLOCK_OFFSET_REACH, PATCH_RADIUS } from '../../parameters'
import { allocateZeroed } from '../memory'
import { columnOf, NEIGHBOURS, neighbourStep, packCoord, pixelOf, rowOf, sourcePixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { randomAround, randomBelow } from '../random'
import { isSalient } from '../saliency/copy-penalty'
import { priorCost } from '../search/source-cost'
import {
  addMember,
  addSeamCosts,
  beginMove,
  beginMoves,
  endMoves,
  isMember,
  memberCoord,
  memberCount,
  memberPixel,
  moveMember,
} from './move'
import { isPainted, knownSeamCost, seamCost } from './seams'

// Block moves: random rectangles take over the offset of some other pixel, whatever their own offsets are. The search
// finds patches like those that are there, which were painted from what it found before, so that it never leaves the
// regions that it began with. Here only seams and priors count, as in shift maps (Pritch et al. 2009, "Shift-map image
// editing").

/** By pixel, f32: its energy, the prior of its source and its seams, half of each seam between two painted pixels. */
let energies: usize = 0
/** By pixel, f32: the costs of the seams to the right and to below, since few blocks move but many are tried. */
let seamsRight: usize = 0
let seamsBelow: usize = 0
/** By pixel: 1 if blocks may copy from it. */
let isCopyable: usize = 0

/**
 * Move random blocks wherever that lowers the energy. No block copies what is salient.
 *
 * @param level that the search was prepared for, with a source for all that is to be painted
 * @param triesPerPixel for each pixel to be painted
 * @param largestReach of a block from its middle, in pixels, 1 or more
 */
export function moveBlocks(level: Level, triesPerPixel: f32, largestReach: i32): void {
  // Patches of a single pixel have no neighbours to be coherent with.
  if (level.radius === 0) return
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  const painted = heap.alloc(size)
  energies = allocateZeroed(size)
  seamsRight = allocateZeroed(size)
  seamsBelow = allocateZeroed(size)
  isCopyable = allocateZeroed(<usize>pixels)
  beginMoves(level)
  let paintedCount = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (load<u8>(level.valid + <usize>pixel) && !isSalient(level, <usize>pixel)) {
      store<u8>(isCopyable + <usize>pixel, 1)
    }
    if (!isPainted(level, pixel)) continue
    store<i32>(painted + <usize>paintedCount * 4, pixel)
    updateEnergy(level, pixel)
    paintedCount++
  }
  const tries = <i32>(triesPerPixel * <f32>paintedCount)
  for (let i = 0; i < tries; i++) {
    const middle = load<i32>(painted + <usize>randomBelow(paintedCount) * 4)
    // The offset is that of any pixel, and of one nearby, in turns.
    const model =
      i & 1
        ? load<i32>(painted + <usize>randomBelow(paintedCount) * 4)
        : randomPixelNear(level, middle, BLOCK_OFFSET_REACH * largestReach)
    if (!isPainted(level, model)) continue
    const source = load<u32>(level.source + <usize>model * 4)
    const offsetX = columnOf(source) - (model % level.stride)
    const offsetY = rowOf(source) - model / level.stride
    moveBlock(level, middle, 1 + randomBelow(largestReach), 1 + randomBelow(largestReach), offsetX, offsetY)
  }
  endMoves()
  heap.free(isCopyable)
  heap.free(seamsBelow)
  heap.free(seamsRight)
  heap.free(energies)
  heap.free(painted)
}

/** A random pixel of the picture within a square. */
function randomPixelNear(level: Level, pixel: i32, reach: i32): i32 {
  const x = (pixel % level.stride) + randomAround(reach)
  const y = pixel / level.stride + randomAround(reach)
  const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
  const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
  return innerY * level.stride + innerX
}

/** Give the block around a pixel an offset, if that lowers the energy. */
function moveBlock(level: Level, middle: i32, reachX: i32, reachY: i32, offsetX: i32, offsetY: i32): void {
  const x = middle % level.stride
  const y = middle / level.stride
  // Both the block and its sources have to be inside the level.
  const left = max(max(PATCH_RADIUS, x - reachX), -offsetX)
  const right = min(min(PATCH_RADIUS + level.width, x + reachX + 1), level.stride - offsetX)
  const top = max(max(PATCH_RADIUS, y - reachY), -offsetY)
  const bottom = min(min(PATCH_RADIUS + level.height, y + reachY + 1), level.rows - offsetY)
  const offset = ((<u32>offsetY) << 16) + <u32>offsetX
  const indexOffset = offsetY * level.stride + offsetX
  beginMove()
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const pixel = row * level.stride + column
      if (load<u8>(level.known + <usize>pixel) || !load<u8>(isCopyable + <usize>(pixel + indexOffset))) continue
      const coord = packCoord(column, row)
      if (load<u32>(level.source + <usize>pixel * 4) !== coord + offset) addMember(pixel, coord)
    }
  }
  if (!isEnergyLower(level, offset, indexOffset)) return
  for (let i = 0; i < memberCount(); i++) moveMember(level, i, offset)
  for (let i = 0; i < memberCount(); i++) {
    const pixel = memberPixel(i)
    updateEnergy(level, pixel)
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = pixel + neighbourStep(level, direction)
      if (!isMember(neighbour) && isPainted(level, neighbour)) updateEnergy(level, neighbour)
    }
  }
}

/** Whether the offset lowers the energy. @param indexOffset the same offset, from index to index */
function isEnergyLower(level: Level, offset: u32, indexOffset: i32): bool {
  let before: f32 = 0
  for (let i = 0; i < memberCount(); i++) before += load<f32>(energies + <usize>memberPixel(i) * 4)
  for (let i = 0; i < memberCount(); i++) {
    const pixel = memberPixel(i)
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = pixel + neighbourStep(level, direction)
      if (isMember(neighbour) || !isPainted(level, neighbour)) continue
      before += load<f32>(seamAddress(level, pixel, direction)) / 2
    }
  }
  // Mostly the new seams alone cost too much.
  if (addProposedSeams(level, indexOffset, 0, before) >= before) return false
  let after: f32 = 0
  for (let i = 0; i < memberCount(); i++) {
    const coord = memberCoord(i) + offset
    after += priorCost(level, <usize>memberPixel(i), columnOf(coord), rowOf(coord))
  }
  return addProposedSeams(level, indexOffset, after, before) < before
}

/** Add to a sum what the seams around the block would cost, until it reaches a limit. */
function addProposedSeams(level: Level, indexOffset: i32, sum: f32, limit: f32): f32 {
  for (let i = 0; i < memberCount() && sum < limit; i++) {
    const pixel = memberPixel(i)
    sum = addSeamCosts(level, pixel, pixel + indexOffset, BLOCK_KNOWN_SEAM_WEIGHT, sum)
  }
  return sum
}

/** Where the cost of the seam between a pixel and its neighbour is kept. */
function seamAddress(level: Level, pixel: i32, direction: i32): usize {
  const isAcross = direction < 2
  // Directions 0 and 2 are to the right and to below.
  const first = <usize>(direction === 0 || direction === 2 ? pixel : pixel + neighbourStep(level, direction))
  return (isAcross ? seamsRight : seamsBelow) + first * 4
}

/** Compute the energy of a painted pixel, and the costs of its seams. */
function updateEnergy(level: Level, pixel: i32): void {
  const coord = load<u32>(level.source + <usize>pixel * 4)
  const source = pixelOf(level, coord)
  let sum = priorCost(level, <usize>pixel, columnOf(coord), rowOf(coord))
  for (let direction = 0; direction < NEIGHBOURS; direction++) {
    const step = neighbourStep(level, direction)
    const neighbour = pixel + step
    if (load<u8>(level.known + <usize>neighbour)) {
      sum += BLOCK_KNOWN_SEAM_WEIGHT * knownSeamCost(level, source, neighbour, step)
    } else if (isPainted(level, neighbour)) {
      const cost = seamCost(level, source, sourcePixelOf(level, neighbour), step)
      store<f32>(seamAddress(level, pixel, direction), cost)
      sum += cost / 2
    }
  }
  store<f32>(energies + <usize>pixel * 4, sum)
}
