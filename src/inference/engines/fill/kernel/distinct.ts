import {
  LOWER_BOUND_ROUNDING,
  MAX_PATCH_COMPARISONS,
  PATCH_RADIUS,
  RARITY_MAX_DISTANCE,
  RARITY_NEIGHBOURS,
  RARITY_POSITION_WEIGHT,
  SUSPECT_PENALTY,
  WHOLE_PATCH_REACH,
} from '../parameters'
import { compareIn, countOf, difference } from './field'
import { columnOf, indexOf, Level, placeOf, rowOf } from './level'
import { forgetQuarters, leastDifference, sumQuarters } from './quarters'

/**
 * Charge what stands out: patches where those that look most like them are still unlike, or lie near (Goferman, Zelnik-Manor
 * and Tal 2010, "Context-aware saliency detection", equations 1 and 2). What stands out is likely a thing, of which there
 * should not be two.
 *
 * What lies at the frame is mostly not the subject: only what stands out more than most of it costs anything.
 *
 * @param level a small one: each patch is compared with each
 * @param price of copying it, by the mean squared difference from those most like it
 * @param share of the outermost patches that cost nothing, 0 to 1
 * @param unsuspected the share of them that is not even SUSPECT_PENALTY
 */
export function chargeDistinct(level: Level, price: f32, share: f32, unsuspected: f32): void {
  compareIn(level)
  sumQuarters(level)
  const places = listSources(level)
  const atRim = heap.alloc(<usize>level.sources * 4)
  let rim = 0
  for (let i = 0; i < level.sources; i++) {
    const at = indexOf(level, load<u32>(places + <usize>i * 4))
    const distinct = distinctness(level, places, i)
    store<f32>(level.toll + <usize>at * 4, distinct)
    if (!isAtRim(level, at)) continue
    store<f32>(atRim + <usize>rim * 4, distinct)
    rim++
  }
  const usual = quantile(atRim, rim, share)
  const suspicious = quantile(atRim, rim, unsuspected)
  for (let i = 0; i < level.sources; i++) {
    const toll = level.toll + <usize>indexOf(level, load<u32>(places + <usize>i * 4)) * 4
    const distinct = load<f32>(toll)
    store<f32>(toll, distinct > suspicious ? max<f32>(SUSPECT_PENALTY, price * (distinct - usual)) : 0)
  }
  spread(level, level.toll)
  heap.free(atRim)
  heap.free(places)
  forgetQuarters()
}

/** Whether it costs something to copy a thing from there. */
export function isCharged(level: Level, at: usize): bool {
  return load<f32>(level.toll + at * 4) + load<f32>(level.subject + at * 4) > SUSPECT_PENALTY
}

/** Whether what is there stands out, be it that it is only suspected, or is likely the subject's. */
export function isThing(level: Level, at: usize): bool {
  return load<f32>(level.toll + at * 4) > 0 || load<f32>(level.subject + at * 4) > 0
}

/** Every place that a patch may be copied from; the caller frees it. */
export function listSources(level: Level): usize {
  const places = heap.alloc(<usize>level.sources * 4)
  let count = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      if (!load<u8>(level.valid + <usize>(y * level.stride + x))) continue
      store<u32>(places + <usize>count * 4, placeOf(x, y))
      count++
    }
  }
  return places
}

/** Patches that are not wholly known cost as much as the next one that is. */
export function spread(level: Level, costs: usize): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.valid + at)) continue
      const from = inward(level, x, y)
      if (from >= 0) store<f32>(costs + at * 4, load<f32>(costs + <usize>from * 4))
    }
  }
}

/** The RARITY_NEIGHBOURS smallest differences met so far, in order. */
const best = memory.data(RARITY_NEIGHBOURS * 4)

/**
 * The mean difference, by pixel, from the patches most like one, those far away counting as more like it.
 *
 * @param level that comparing was set up for, and quarters summed up
 * @param places of all patches
 * @param index of the one among them
 */
export function distinctness(level: Level, places: usize, index: i32): f32 {
  const count = level.sources
  // Of very many, every n-th is enough.
  const step = <i32>max<f64>(1, (<f64>count * <f64>count) / MAX_PATCH_COMPARISONS)
  const one = load<u32>(places + <usize>index * 4)
  return unlikeness(level, one, places, index, count, step, RARITY_NEIGHBOURS, RARITY_POSITION_WEIGHT)
}

/**
 * The mean difference, by pixel, from those of a list that are most like a patch.
 *
 * @param level that comparing was set up for, and quarters summed up
 * @param one the patch's place
 * @param places of the list's patches
 * @param first of them that it is compared with: best one that lies near it, since less is compared to the end then
 * @param count how many they are
 * @param step to the next one, from the last on to the first again
 * @param alike how many are most like it, 16 at most
 * @param apart how much less one counts that lies a whole picture away
 */
export function unlikeness(
  level: Level,
  one: u32,
  places: usize,
  first: i32,
  count: i32,
  step: i32,
  alike: i32,
  apart: f32,
): f32 {
  const own = indexOf(level, one)
  const longest = <f32>max(level.width, level.height)
  const pixels = <f32>countOf(level.radius)
  const last = <usize>(alike - 1) * 4
  for (let k = 0; k < alike; k++) store<f32>(best + <usize>k * 4, RARITY_MAX_DISTANCE)
  const start = first % step
  const compared = (count - start + step - 1) / step
  let j = first
  for (let i = 0; i < compared; i++, j += step) {
    if (j >= count) j = start
    const place = load<u32>(places + <usize>j * 4)
    const dx = columnOf(one) - columnOf(place)
    const dy = rowOf(one) - rowOf(place)
    // Patches that overlap are alike anyway.
    if (abs(dx) <= PATCH_RADIUS && abs(dy) <= PATCH_RADIUS) continue
    const nearness: f32 = 1 + (apart * Mathf.sqrt(<f32>(dx * dx + dy * dy))) / longest
    const worst = load<f32>(best + last)
    const limit = worst * nearness * pixels
    const other = indexOf(level, place)
    if (leastDifference(own, other) > limit * (1 + LOWER_BOUND_ROUNDING)) continue
    const colour = level.colour + <usize>other * 4
    const found = <f32>difference(level, level.colour + <usize>own * 4, colour, <i32>limit) / (pixels * nearness)
    if (found >= worst) continue
    let k = alike - 1
    for (; k > 0 && load<f32>(best + <usize>(k - 1) * 4) > found; k--) {
      store<f32>(best + <usize>k * 4, load<f32>(best + <usize>(k - 1) * 4))
    }
    store<f32>(best + <usize>k * 4, found)
  }
  let sum: f32 = 0
  for (let k = 0; k < alike; k++) sum += load<f32>(best + <usize>k * 4)
  return sum / <f32>alike
}

/** Charge, on the coarser level as well, the most of what each of its pixels stands for. */
export function gatherToll(level: Level, coarse: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const at = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      if (!load<u8>(level.known + at)) continue
      const to = coarse.toll + <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS) * 4
      store<f32>(to, max<f32>(load<f32>(to), load<f32>(level.toll + at * 4)))
    }
  }
}

/** Charge what the coarser level charges, the subject too. */
export function inheritToll(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      // A source near the rim has no counterpart on the coarser level: the next one farther in does.
      const from = inward(coarse, (x >> 1) + PATCH_RADIUS, (y >> 1) + PATCH_RADIUS)
      const at = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      if (from < 0) continue
      store<f32>(level.toll + at * 4, load<f32>(coarse.toll + <usize>from * 4))
      store<f32>(level.subject + at * 4, load<f32>(coarse.subject + <usize>from * 4))
    }
  }
}

function inward(level: Level, x: i32, y: i32): i32 {
  for (let reach = 0; reach <= WHOLE_PATCH_REACH; reach++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const nearX = x + dx * reach
        const nearY = y + dy * reach
        if (nearX < 0 || nearY < 0 || nearX >= level.stride || nearY >= level.rows) continue
        if (load<u8>(level.valid + <usize>(nearY * level.stride + nearX))) return nearY * level.stride + nearX
      }
    }
  }
  return -1
}

/** Whether it is among the outermost patches towards what is to be painted. */
export function isAtRim(level: Level, at: i32): bool {
  for (let side = 0; side < 4; side++) {
    const step = side === 0 ? 1 : side === 1 ? -1 : side === 2 ? level.stride : -level.stride
    if (load<u8>(level.valid + <usize>(at + step))) continue
    // Not the rim of the canvas.
    if (load<u8>(level.target + <usize>(at + step))) return true
  }
  return false
}

/** The value that a share of them does not exceed, 0 if there are none; sorts them (Shell sort). */
export function quantile(values: usize, count: i32, share: f32): f32 {
  for (let gap = count >> 1; gap > 0; gap >>= 1) {
    for (let i = gap; i < count; i++) {
      const value = load<f32>(values + <usize>i * 4)
      let at = i
      for (; at >= gap && load<f32>(values + <usize>(at - gap) * 4) > value; at -= gap) {
        store<f32>(values + <usize>at * 4, load<f32>(values + <usize>(at - gap) * 4))
      }
      store<f32>(values + <usize>at * 4, value)
    }
  }
  return count ? load<f32>(values + <usize>(<f32>(count - 1) * share) * 4) : 0
}
