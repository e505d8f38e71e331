import { ENCLOSURE_FRINGE, ENCLOSURE_MIN_RARITY, ENCLOSURE_START_SHARE } from '../../parameters'
import { allocateZeroed } from '../memory'
import { isBoundarySource } from '../pyramid/boundary'
import { pixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { isSalient, RARE, raisePenalty, rarePenaltyAt, spreadFromSources } from './copy-penalty'
import { quantile } from './quantile'
import { beginRarity, endRarity, rarityOf } from './rarity'

/**
 * Penalize patches that are enclosed and rare: a sun, an eye, a window. A patch is enclosed if every path from the
 * outermost patches crosses a high barrier (minimum barrier distance, Zhang et al. 2015, "Minimum barrier salient object
 * detection at 80 FPS"). Texture has barriers everywhere, so a barrier has to be far higher than most of the picture's.
 * A patch is rare if another detector penalizes it, or if it is far rarer than everything at the boundary.
 *
 * @param level with the penalties of the next coarser one, if there is one
 * @param factor of the penalty, by the square of how much higher the barrier is than what is free
 * @param freeBarriers barriers of up to the median times this are free
 * @param most the highest penalty
 */
export function penalizeEnclosed(level: Level, factor: f32, freeBarriers: f32, most: f32): void {
  const coords = beginRarity(level).coords
  const count = level.sourceCount
  findBarriers(level)
  const sorted = heap.alloc(<usize>count * 4)
  let boundaryRarity: f32 = 0
  for (let i = 0; i < count; i++) {
    const pixel = pixelOf(level, load<u32>(coords + <usize>i * 4))
    store<f32>(sorted + <usize>i * 4, load<f32>(barriers + <usize>pixel * 4))
    if (isBoundarySource(level, pixel)) boundaryRarity = max<f32>(boundaryRarity, rarityOf(level, i))
  }
  const free = freeBarriers * quantile(sorted, count, 0.5)
  const penalties = allocateZeroed(<usize>(level.stride * level.rows) * 4)
  for (let i = 0; i < count; i++) {
    const pixel = <usize>pixelOf(level, load<u32>(coords + <usize>i * 4))
    const excess = load<f32>(barriers + pixel * 4) - free
    if (excess <= 0) continue
    if (!isSalient(level, pixel) && rarityOf(level, i) <= ENCLOSURE_MIN_RARITY * boundaryRarity) continue
    store<f32>(penalties + pixel * 4, min<f32>(most, factor * excess * excess))
  }
  for (let i = 0; i < count; i++) {
    const pixel = pixelOf(level, load<u32>(coords + <usize>i * 4))
    for (let dy = -ENCLOSURE_FRINGE; dy <= ENCLOSURE_FRINGE; dy++) {
      for (let dx = -ENCLOSURE_FRINGE; dx <= ENCLOSURE_FRINGE; dx++) {
        const neighbour = <usize>(pixel + dy * level.stride + dx)
        raisePenalty(level, <usize>pixel, RARE, load<f32>(penalties + neighbour * 4))
      }
    }
  }
  spreadFromSources(level, RARE)
  heap.free(penalties)
  heap.free(sorted)
  heap.free(barriers)
  endRarity()
}

// The best path to each pixel so far: its barrier, the barrier that it started with, and the maximum and the minimum of
// the colours along it, by channel.
let barriers: usize = 0
let startBarriers: usize = 0
let pathMaxima: usize = 0
let pathMinima: usize = 0

/**
 * Find the minimum barrier distance of each source from the outermost ones, f32 by pixel, in grey levels; to be freed.
 */
function findBarriers(level: Level): void {
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  barriers = heap.alloc(size)
  startBarriers = heap.alloc(size)
  pathMaxima = heap.alloc(size)
  pathMinima = heap.alloc(size)
  memory.copy(pathMaxima, level.colour, size)
  memory.copy(pathMinima, level.colour, size)
  for (let pixel = 0; pixel < pixels; pixel++) {
    // An object that the boundary cuts is not outside of itself.
    const start = Mathf.sqrt(ENCLOSURE_START_SHARE * rarePenaltyAt(level, <usize>pixel))
    const isStart = load<u8>(level.valid + <usize>pixel) && isOutermost(level, pixel)
    store<f32>(startBarriers + <usize>pixel * 4, start)
    store<f32>(barriers + <usize>pixel * 4, isStart ? start : f32.MAX_VALUE)
  }
  // Raster scans in both directions, until no path improves.
  for (let isImproved = true; isImproved; ) {
    isImproved = false
    for (let pixel = level.stride; pixel < pixels - level.stride; pixel++) {
      if (extendPath(level, pixel, pixel - 1)) isImproved = true
      if (extendPath(level, pixel, pixel - level.stride)) isImproved = true
    }
    for (let pixel = pixels - level.stride - 1; pixel >= level.stride; pixel--) {
      if (extendPath(level, pixel, pixel + 1)) isImproved = true
      if (extendPath(level, pixel, pixel + level.stride)) isImproved = true
    }
  }
  heap.free(pathMinima)
  heap.free(pathMaxima)
  heap.free(startBarriers)
}

/** Whether one of a source's four neighbours is none. */
function isOutermost(level: Level, pixel: i32): bool {
  const valid = level.valid + <usize>pixel
  const row = <usize>level.stride
  return !(load<u8>(valid - 1) && load<u8>(valid, 1) && load<u8>(valid - row) && load<u8>(valid + row))
}

/** Extend the path to a neighbour by one pixel, if that lowers the pixel's barrier. @returns whether it does */
function extendPath(level: Level, pixel: i32, neighbour: i32): bool {
  if (!load<u8>(level.valid + <usize>pixel) || !load<u8>(level.valid + <usize>neighbour)) return false
  const own = load<f32>(barriers + <usize>pixel * 4)
  if (load<f32>(barriers + <usize>neighbour * 4) >= own) return false
  const colour = v128.load32_zero(level.colour + <usize>pixel * 4)
  const maximum = v128.max<u8>(colour, v128.load32_zero(pathMaxima + <usize>neighbour * 4))
  const minimum = v128.min<u8>(colour, v128.load32_zero(pathMinima + <usize>neighbour * 4))
  const range = v128.extend_low<u8>(v128.sub<u8>(maximum, minimum))
  const squares = v128.dot<i16>(range, range)
  const start = load<f32>(startBarriers + <usize>neighbour * 4)
  const barrier = start + Mathf.sqrt(<f32>(i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1)))
  if (barrier >= own) return false
  store<f32>(barriers + <usize>pixel * 4, barrier)
  store<f32>(startBarriers + <usize>pixel * 4, start)
  store<u32>(pathMaxima + <usize>pixel * 4, i32x4.extract_lane(maximum, 0))
  store<u32>(pathMinima + <usize>pixel * 4, i32x4.extract_lane(minimum, 0))
  return true
}
