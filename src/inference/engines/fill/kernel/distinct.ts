import { colourAt } from './colour'
import { compareIn, countOf, difference } from './field'
import { Level, RADIUS } from './level'

/** A patch is judged by so many others that look like it. */
const ALIKE: i32 = 16

/** How much less patches that look alike count if they lie a whole picture apart. */
const APART: f32 = 3

/** So many comparisons are made at most. */
const COMPARED: f64 = 4e6

/**
 * How much a patch stands out: where those that look most like it are still unlike, or lie near (Goferman, Zelnik-Manor
 * and Tal 2010, "Context-aware saliency detection", equations 1 and 2). What stands out is likely a thing, of which there
 * should not be two.
 *
 * What lies at the frame is mostly not the subject: only what stands out more than it does costs anything, and what is
 * enclosed by an edge.
 *
 * @param level a small one: each patch is compared with each
 * @param price of copying it, by the mean squared difference from those most like it
 * @param share of the outermost patches that cost nothing, 0 to 1
 * @param most that a single difference counts
 */
export function chargeDistinct(level: Level, price: f32, share: f32, most: f32): void {
  if (price <= 0) return
  compareIn(level)
  const places = heap.alloc(<usize>level.sources * 4)
  let count = 0
  for (let at = 0; at < level.stride * level.rows; at++) {
    if (!load<u8>(level.valid + <usize>at)) continue
    store<i32>(places + <usize>count * 4, at)
    count++
  }
  // Of very many, every n-th is enough.
  const step = <i32>max<f64>(1, (<f64>count * <f64>count) / COMPARED)
  const atRim = heap.alloc(<usize>level.sources * 4)
  let rim = 0
  for (let i = 0; i < count; i++) {
    const at = load<i32>(places + <usize>i * 4)
    const distinct = distinctness(level, at, places, i % step, count, step, most)
    store<f32>(level.toll + <usize>at * 4, distinct)
    if (!isAtRim(level, at)) continue
    store<f32>(atRim + <usize>rim * 4, distinct)
    rim++
  }
  sort(atRim, rim)
  const usual = rim ? load<f32>(atRim + <usize>(<f32>(rim - 1) * share) * 4) : 0
  for (let i = 0; i < count; i++) {
    const toll = level.toll + <usize>load<i32>(places + <usize>i * 4) * 4
    store<f32>(toll, price * max<f32>(0, load<f32>(toll) - usual))
  }
  enclose(level, price, most)
  // Patches that are not wholly known stand out as the next one does that is.
  for (let y = RADIUS; y < RADIUS + level.height; y++) {
    for (let x = RADIUS; x < RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.valid + at)) continue
      const from = inward(level, x, y)
      if (from >= 0) store<f32>(level.toll + at * 4, load<f32>(level.toll + <usize>from * 4))
    }
  }
  heap.free(atRim)
  heap.free(places)
}

/** The ALIKE smallest differences met so far, in order. */
const best = memory.data(ALIKE * 4)

/**
 * The mean difference, by pixel, from the patches most like one, those far away counting as more like it.
 *
 * @param places of the patches that it is compared with: every `step`-th from `first` up to `count`
 */
function distinctness(level: Level, one: i32, places: usize, first: i32, count: i32, step: i32, most: f32): f32 {
  const x = one % level.stride
  const y = one / level.stride
  const longest = <f32>max(level.width, level.height)
  const pixels = <f32>countOf(level.radius)
  for (let k = 0; k < ALIKE; k++) store<f32>(best + <usize>k * 4, most)
  for (let j = first; j < count; j += step) {
    const other = load<i32>(places + <usize>j * 4)
    const dx = x - (other % level.stride)
    const dy = y - other / level.stride
    // Patches that overlap are alike anyway.
    if (abs(dx) <= RADIUS && abs(dy) <= RADIUS) continue
    const nearness: f32 = 1 + (APART * Mathf.sqrt(<f32>(dx * dx + dy * dy))) / longest
    const worst = load<f32>(best + <usize>(ALIKE - 1) * 4)
    const limit = <i32>(worst * nearness * pixels)
    const colour = level.colour + <usize>other * 4
    const found = <f32>difference(level, level.colour + <usize>one * 4, colour, limit) / (pixels * nearness)
    if (found >= worst) continue
    let k = ALIKE - 1
    for (; k > 0 && load<f32>(best + <usize>(k - 1) * 4) > found; k--) {
      store<f32>(best + <usize>k * 4, load<f32>(best + <usize>(k - 1) * 4))
    }
    store<f32>(best + <usize>k * 4, found)
  }
  let sum: f32 = 0
  for (let k = 0; k < ALIKE; k++) sum += load<f32>(best + <usize>k * 4)
  return sum / <f32>ALIKE
}

/** Steps in colour between two pixels count as far as they are more than so many times the mean. */
const USUAL_STEP: f32 = 2

/**
 * Charge what can be reached from the frame only across an edge: the inside of a thing (Wei et al. 2012, "Geodesic saliency
 * using background priors"). A path costs the steps in colour along it, and what its start at the frame stands out.
 */
function enclose(level: Level, price: f32, most: f32): void {
  const pixels = level.stride * level.rows
  const paths = heap.alloc(<usize>pixels * 4)
  let sum: f64 = 0
  let count = 0
  for (let at = 0; at < pixels; at++) {
    store<f32>(paths + <usize>at * 4, f32.MAX_VALUE)
    if (!load<u8>(level.valid + <usize>at)) continue
    if (isAtRim(level, at)) {
      store<f32>(paths + <usize>at * 4, Mathf.sqrt(load<f32>(level.toll + <usize>at * 4) / price))
    }
    if (load<u8>(level.valid + <usize>(at + 1))) {
      sum += stepBetween(level, at, at + 1)
      count++
    }
    if (load<u8>(level.valid + <usize>(at + level.stride))) {
      sum += stepBetween(level, at, at + level.stride)
      count++
    }
  }
  const usual: f32 = USUAL_STEP * <f32>(sum / <f64>max(1, count))
  // In both directions, until nothing gets shorter.
  for (let shorter = true; shorter; ) {
    shorter = false
    for (let at = level.stride; at < pixels - level.stride; at++) {
      if (shorten(level, paths, at, at - 1, usual)) shorter = true
      if (shorten(level, paths, at, at - level.stride, usual)) shorter = true
    }
    for (let at = pixels - level.stride - 1; at >= level.stride; at--) {
      if (shorten(level, paths, at, at + 1, usual)) shorter = true
      if (shorten(level, paths, at, at + level.stride, usual)) shorter = true
    }
  }
  for (let at: usize = 0; at < <usize>pixels; at++) {
    const path = load<f32>(paths + at * 4)
    if (path === f32.MAX_VALUE) continue
    const toll = price * min<f32>(most, path * path)
    store<f32>(level.toll + at * 4, max<f32>(load<f32>(level.toll + at * 4), toll))
  }
  heap.free(paths)
}

/** The path to a pixel by way of the one beside it, if that is shorter. @returns whether it is */
function shorten(level: Level, paths: usize, at: i32, by: i32, usual: f32): bool {
  if (!load<u8>(level.valid + <usize>at) || !load<u8>(level.valid + <usize>by)) return false
  const before = load<f32>(paths + <usize>by * 4)
  if (before === f32.MAX_VALUE) return false
  const path = before + max<f32>(0, stepBetween(level, at, by) - usual)
  if (path >= load<f32>(paths + <usize>at * 4)) return false
  store<f32>(paths + <usize>at * 4, path)
  return true
}

/** How far two colours are apart, in grey levels. */
function stepBetween(level: Level, one: i32, other: i32): f32 {
  const gap = f32x4.sub(colourAt(level, one), colourAt(level, other))
  const square = f32x4.mul(gap, gap)
  return Mathf.sqrt(f32x4.extract_lane(square, 0) + f32x4.extract_lane(square, 1) + f32x4.extract_lane(square, 2))
}

/** What the coarser level charges. */
export function inheritToll(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      // A source near the rim has no counterpart on the coarser level: the next one farther in does.
      const from = inward(coarse, (x >> 1) + RADIUS, (y >> 1) + RADIUS)
      const at = <usize>((y + RADIUS) * level.stride + x + RADIUS)
      if (from >= 0) store<f32>(level.toll + at * 4, load<f32>(coarse.toll + <usize>from * 4))
    }
  }
}

function inward(level: Level, x: i32, y: i32): i32 {
  for (let reach = 0; reach <= 4; reach++) {
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
function isAtRim(level: Level, at: i32): bool {
  for (let side = 0; side < 4; side++) {
    const step = side === 0 ? 1 : side === 1 ? -1 : side === 2 ? level.stride : -level.stride
    if (load<u8>(level.valid + <usize>(at + step))) continue
    // Not the rim of the canvas.
    if (load<u8>(level.target + <usize>(at + step))) return true
  }
  return false
}

/** Shell sort. */
function sort(values: usize, count: i32): void {
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
}
