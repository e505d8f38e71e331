import { FALLBACK_SOURCES, NEARBY_TRIES, PATCH_RADIUS } from '../../parameters'
import { columnOf, finerCoordinate, NO_COORD, packCoord, rowOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { isSourceAt, nearestSource } from '../pyramid/patches'
import { randomAround } from '../random'
import { beginTarget, tryCandidate } from './source-cost'

// The nearest-neighbour field: for each target the source that costs least (Barnes et al. 2009, "PatchMatch").

/** Forget all sources, and all painted pixels: they become black. */
export function clearField(level: Level): void {
  memory.fill(level.source, 0xff, <usize>(level.stride * level.rows) * 4)
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.known + pixel)) store<u32>(level.colour + pixel * 4, 0)
  }
}

/** A sample of all sources, for targets that find none nearby: packed coordinates. */
const sample = memory.data(FALLBACK_SOURCES * 4)

/** Give every target without a source a random one near its preferred source. */
export function fillFieldFromPreferred(level: Level): void {
  const sampleSize = sampleSources(level)
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (!load<u8>(level.target + pixel) || load<u32>(level.source + pixel * 4) !== NO_COORD) continue
      const preferred = level.preferredSource + pixel * 8
      const nearX = level.preferredSource ? <i32>Mathf.round(load<f32>(preferred)) : x
      const nearY = level.preferredSource ? <i32>Mathf.round(load<f32>(preferred, 4)) : y
      store<u32>(level.source + pixel * 4, randomSourceNear(level, nearX, nearY, sampleSize))
    }
  }
}

/** Give every target without a source a random one from anywhere. */
export function fillFieldAtRandom(level: Level): void {
  const sampleSize = sampleSources(level)
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.target + pixel) || load<u32>(level.source + pixel * 4) !== NO_COORD) continue
    store<u32>(level.source + pixel * 4, randomFromSample(sampleSize))
  }
}

function randomFromSample(size: i32): u32 {
  return load<u32>(sample + <usize>((randomAround(size) + size) % size) * 4)
}

/** Take an evenly spread sample of all sources. @returns its size */
function sampleSources(level: Level): i32 {
  const step = max(1, level.sourceCount / FALLBACK_SOURCES)
  let index = 0
  let size = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      if (!load<u8>(level.valid + <usize>(y * level.stride + x))) continue
      if (index % step === 0 && size < FALLBACK_SOURCES) {
        store<u32>(sample + <usize>size * 4, packCoord(x, y))
        size++
      }
      index++
    }
  }
  return size
}

/** A random source from within a distance that grows by half until one is found. */
function randomSourceNear(level: Level, nearX: i32, nearY: i32, sampleSize: i32): u32 {
  const longest = max(level.stride, level.rows)
  for (let reach = 1; reach < longest; reach += 1 + (reach >> 1)) {
    for (let tries = 0; tries < NEARBY_TRIES; tries++) {
      const x = nearX + randomAround(reach)
      const y = nearY + randomAround(reach)
      if (isSourceAt(level, x, y)) return packCoord(x, y)
    }
  }
  return randomFromSample(sampleSize)
}

/** Take the field over from the next coarser level: each source moves along with its target. */
export function upsampleField(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const pixel = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      if (!load<u8>(level.target + pixel)) continue
      const coarsePixel = <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS)
      const coord = load<u32>(coarse.source + coarsePixel * 4)
      if (coord === NO_COORD) continue
      // At the boundary the finer patch may not be wholly known.
      const source = nearestSource(level, finerCoordinate(columnOf(coord), x), finerCoordinate(rowOf(coord), y))
      store<u32>(level.source + pixel * 4, source)
    }
  }
}

/** Compute the costs of all sources: the estimate has changed since they were found. */
export function evaluateField(level: Level): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (!load<u8>(level.target + pixel)) continue
      const source = load<u32>(level.source + pixel * 4)
      store<f32>(level.cost + pixel * 4, f32.MAX_VALUE)
      beginTarget(level, pixel)
      tryCandidate(level, pixel, columnOf(source), rowOf(source))
    }
  }
}

/**
 * Improve the field once: propagation from each target's neighbours, then a random search that narrows by halves.
 *
 * @param isForward from the first to the last pixel; otherwise back
 * @param reach of the random search, in pixels; 0 for none
 */
export function improveField(level: Level, isForward: bool, reach: i32): void {
  const step = isForward ? 1 : -1
  const count = level.width * level.height
  let x = isForward ? PATCH_RADIUS : PATCH_RADIUS + level.width - 1
  let y = isForward ? PATCH_RADIUS : PATCH_RADIUS + level.height - 1
  for (let i = 0; i < count; i++) {
    const pixel = <usize>(y * level.stride + x)
    if (load<u8>(level.target + pixel)) {
      const fromLeft = load<u32>(level.source + <usize>(y * level.stride + x - step) * 4)
      const fromAbove = load<u32>(level.source + <usize>((y - step) * level.stride + x) * 4)
      const own = load<u32>(level.source + pixel * 4)
      beginTarget(level, pixel)
      if (fromLeft !== NO_COORD && fromLeft + step !== own) {
        const sourceX = columnOf(fromLeft) + step
        if (isSourceAt(level, sourceX, rowOf(fromLeft))) tryCandidate(level, pixel, sourceX, rowOf(fromLeft))
      }
      if (fromAbove !== NO_COORD && fromAbove + (step << 16) !== own) {
        const sourceY = rowOf(fromAbove) + step
        if (isSourceAt(level, columnOf(fromAbove), sourceY)) tryCandidate(level, pixel, columnOf(fromAbove), sourceY)
      }
      for (let range = reach; range >= 1; range >>= 1) {
        const best = load<u32>(level.source + pixel * 4)
        const sourceX = columnOf(best) + randomAround(range)
        const sourceY = rowOf(best) + randomAround(range)
        if (isSourceAt(level, sourceX, sourceY)) tryCandidate(level, pixel, sourceX, sourceY)
      }
    }
    x += step
    if (x < PATCH_RADIUS || x >= PATCH_RADIUS + level.width) {
      x = isForward ? PATCH_RADIUS : PATCH_RADIUS + level.width - 1
      y += step
    }
  }
}
