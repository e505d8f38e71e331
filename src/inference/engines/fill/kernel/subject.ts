import {
  MAX_PATCH_COMPARISONS,
  OBJECT_CONNECTIVITY_SIGMA,
  OBJECT_GEODESIC_CUTOFF,
  OBJECT_GEODESIC_SIGMA,
  OBJECT_MAX_PATHS,
  OBJECT_MEDIAN_LIMIT,
  OBJECT_MIN_PENALTY,
  OBJECT_NEIGHBOURS,
  OBJECT_PATCH_REACH,
  OBJECT_TEXTURE_STEP,
} from '../parameters'
import { isAtRim, listSources, quantile, spread, unlikeness } from './distinct'
import { compareIn } from './field'
import { OPEN, sidesOf } from './frame'
import { indexOf, Level, zeroed } from './level'
import { forgetQuarters, sumQuarters } from './quarters'

// The subject: what the frame hardly touches. Sky, ground and walls reach far along it; a cup, a phone or a dog lies within it or is cut
// off at one place, and what it is made of is not met at the frame.

/**
 * Charge the subject, beside all else: regions that touch the frame but little for their size (Zhu et al. 2014, "Saliency optimization
 * from robust background detection": boundary connectivity), by how much more unlike all at the frame they are than is usual there:
 * than a share of it is unlike the rest of it, and no more than OBJECT_MEDIAN_LIMIT.
 *
 * @param level a small one
 * @param price of copying it, by the mean squared difference from patches at the frame
 * @param share of the outermost patches that are like others there, 0 to 1
 */
export function chargeSubject(level: Level, price: f32, share: f32): void {
  compareIn(level)
  sumQuarters(level)
  const places = listSources(level)
  const rim = heap.alloc(<usize>level.sources * 4)
  let atRim = 0
  for (let i = 0; i < level.sources; i++) {
    const place = load<u32>(places + <usize>i * 4)
    if (!isAtRim(level, indexOf(level, place))) continue
    store<u32>(rim + <usize>atRim * 4, place)
    atRim++
  }
  if (atRim > 0) judge(level, places, rim, atRim, price, share)
  spread(level, level.subject)
  heap.free(rim)
  heap.free(places)
  forgetQuarters()
}

/** Charge each source by how likely it shows the subject, and by how unlike all at the rim it is. */
function judge(level: Level, places: usize, rim: usize, atRim: i32, price: f32, share: f32): void {
  const step = everyOf(<f64>level.sources * <f64>atRim, MAX_PATCH_COMPARISONS)
  const atFrame = heap.alloc(<usize>atRim * 4)
  for (let i = 0; i < atRim; i++) {
    const one = load<u32>(rim + <usize>i * 4)
    store<f32>(atFrame + <usize>i * 4, unlikeness(level, one, rim, i, atRim, step, OBJECT_NEIGHBOURS, 0))
  }
  const usual = min<f32>(quantile(atFrame, atRim, share), OBJECT_MEDIAN_LIMIT * quantile(atFrame, atRim, 0.5))
  const likelihoods = findLikelihoods(level)
  for (let i = 0; i < level.sources; i++) {
    const place = load<u32>(places + <usize>i * 4)
    const at = indexOf(level, place)
    const likely: f32 = 2 * mostAround(level, likelihoods, at) - 1
    if (likely <= 0) continue
    const unlike = unlikeness(level, place, rim, i % step, atRim, step, OBJECT_NEIGHBOURS, 0)
    const charge = price * likely * (unlike - usual)
    if (charge > OBJECT_MIN_PENALTY) store<f32>(level.subject + <usize>at * 4, charge)
  }
  heap.free(likelihoods)
  heap.free(atFrame)
}

/** Only every so many of something are needed, for no more than so many. */
function everyOf(all: f64, most: f64): i32 {
  return <i32>max<f64>(1, Math.ceil(all / most))
}

/** How likely what a patch shows is the subject's: the most of what is next to its middle. */
function mostAround(level: Level, likelihoods: usize, at: i32): f32 {
  let most: f32 = 0
  for (let dy = -OBJECT_PATCH_REACH; dy <= OBJECT_PATCH_REACH; dy++) {
    for (let dx = -OBJECT_PATCH_REACH; dx <= OBJECT_PATCH_REACH; dx++) {
      most = max<f32>(most, load<f32>(likelihoods + <usize>(at + dy * level.stride + dx) * 4))
    }
  }
  return most
}

// By pixel: how high the edge to the right is, that to below, and how high those on the way here are altogether.
let toRight: usize = 0
let toBelow: usize = 0
let ways: usize = 0

// The box around all that is known, and by row whether something has changed since it was last gone through forward, and back.
let left: i32 = 0
let right: i32 = 0
let top: i32 = 0
let bottom: i32 = 0
let forward: usize = 0
let back: usize = 0

/** Ways that are higher than this are not told apart. */
const FARTHEST: f32 = OBJECT_GEODESIC_CUTOFF * OBJECT_GEODESIC_SIGMA

/** By pixel: how likely it is the subject's, 0 to 1, and 0 where it is not known; the caller frees it. */
function findLikelihoods(level: Level): usize {
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  toRight = heap.alloc(size)
  toBelow = heap.alloc(size)
  ways = heap.alloc(size)
  for (let at = 0; at < pixels; at++) store<f32>(ways + <usize>at * 4, f32.MAX_VALUE)
  forward = zeroed(<usize>level.rows)
  back = zeroed(<usize>level.rows)
  const known = measureEdges(level)
  let atFrame = 0
  for (let at = 0; at < pixels; at++) if (sidesOf(level, at) & OPEN) atFrame++
  const frameStep = everyOf(<f64>known * <f64>atFrame, OBJECT_MAX_PATHS)
  const step = everyOf(<f64>known * <f64>known, OBJECT_MAX_PATHS)

  // By pixel: how large the region around it is, and how much of the frame is its.
  const area = zeroed(size)
  const touched = zeroed(size)
  let seen = 0
  let seenAtFrame = 0
  for (let at = 0; at < pixels; at++) {
    if (!load<u8>(level.known + <usize>at)) continue
    const isCounted = seen++ % step === 0
    const isFrame = (sidesOf(level, at) & OPEN) !== 0 && seenAtFrame++ % frameStep === 0
    if (!isCounted && !isFrame) continue
    findWays(level, at)
    if (isCounted) addRegion(level, area, <f32>step)
    if (isFrame) addRegion(level, touched, <f32>frameStep)
  }
  for (let at = 0; at < pixels; at++) {
    if (!load<u8>(level.known + <usize>at)) continue
    const along = load<f32>(touched + <usize>at * 4)
    const around = max<f32>(1, load<f32>(area + <usize>at * 4))
    store<f32>(
      touched + <usize>at * 4,
      Mathf.exp((-along * along) / (2 * OBJECT_CONNECTIVITY_SIGMA * OBJECT_CONNECTIVITY_SIGMA * around)),
    )
  }
  heap.free(area)
  heap.free(back)
  heap.free(forward)
  heap.free(ways)
  heap.free(toBelow)
  heap.free(toRight)
  return touched
}

/** And find the box around all that is known. @returns how many pixels are */
function measureEdges(level: Level): i32 {
  let known = 0
  left = level.stride
  right = 0
  top = level.rows
  bottom = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const at = y * level.stride + x
      store<f32>(toRight + <usize>at * 4, edgeTo(level, at, at + 1))
      store<f32>(toBelow + <usize>at * 4, edgeTo(level, at, at + level.stride))
      if (!load<u8>(level.known + <usize>at)) continue
      known++
      left = min(left, x)
      right = max(right, x)
      top = min(top, y)
      bottom = max(bottom, y)
    }
  }
  return known
}

/** How high the edge between two pixels is, in grey levels; no way leads to what is not known. */
function edgeTo(level: Level, at: i32, next: i32): f32 {
  if (next >= level.stride * level.rows) return f32.MAX_VALUE
  if (!load<u8>(level.known + <usize>at) || !load<u8>(level.known + <usize>next)) return f32.MAX_VALUE
  let sum: f32 = 0
  for (let channel: usize = 0; channel < 3; channel++) {
    const own = <f32>load<u8>(level.colour + <usize>at * 4 + channel)
    const other = <f32>load<u8>(level.colour + <usize>next * 4 + channel)
    sum += (own - other) * (own - other)
  }
  return max<f32>(0, Mathf.sqrt(sum / 3) - OBJECT_TEXTURE_STEP)
}

/** From one pixel the lowest ways to all others, as far as they are told apart. */
function findWays(level: Level, from: i32): void {
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) store<f32>(wayTo(level, x, y), f32.MAX_VALUE)
  }
  store<f32>(ways + <usize>from * 4, 0)
  const row = from / level.stride
  goAlong(level, row)
  tellRowsAround(row)
  // In both directions, until none gets lower.
  for (let lower = true; lower; ) {
    lower = false
    for (let y = top; y <= bottom; y++) {
      if (!load<u8>(forward + <usize>y)) continue
      store<u8>(forward + <usize>y, 0)
      if (goFrom(level, y, y - 1, y - 1)) lower = true
    }
    for (let y = bottom; y >= top; y--) {
      if (!load<u8>(back + <usize>y)) continue
      store<u8>(back + <usize>y, 0)
      if (goFrom(level, y, y + 1, y)) lower = true
    }
  }
}

/** What is lower in a row may be lower in those around. */
function tellRowsAround(y: i32): void {
  store<u8>(forward + <usize>y + 1, 1)
  store<u8>(back + <usize>y - 1, 1)
}

/** Ways into a row from that above or below, across edges that are kept with one of the two. @returns whether any got lower */
function goFrom(level: Level, y: i32, by: i32, edge: i32): bool {
  let lower = false
  for (let x = left; x <= right; x++) {
    const way = load<f32>(wayTo(level, x, by)) + load<f32>(toBelow + <usize>(edge * level.stride + x) * 4)
    if (way > FARTHEST || way >= load<f32>(wayTo(level, x, y))) continue
    store<f32>(wayTo(level, x, y), way)
    lower = true
  }
  if (!lower) return false
  goAlong(level, y)
  tellRowsAround(y)
  return true
}

/** Ways within a row, to the right and to the left. */
function goAlong(level: Level, y: i32): void {
  for (let x = left + 1; x <= right; x++) goAside(level, x, x - 1, x - 1, y)
  for (let x = right - 1; x >= left; x--) goAside(level, x, x + 1, x, y)
}

function goAside(level: Level, x: i32, by: i32, edge: i32, y: i32): void {
  const way = load<f32>(wayTo(level, by, y)) + load<f32>(toRight + <usize>(y * level.stride + edge) * 4)
  if (way <= FARTHEST && way < load<f32>(wayTo(level, x, y))) store<f32>(wayTo(level, x, y), way)
}

function wayTo(level: Level, x: i32, y: i32): usize {
  return ways + <usize>(y * level.stride + x) * 4
}

/** Add, to each pixel, how much it is of the region of the one that ways were found from, times how many that one stands for. */
function addRegion(level: Level, to: usize, times: f32): void {
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = wayTo(level, x, y)
      const way = load<f32>(at)
      if (way > FARTHEST) continue
      const sum = to + at - ways
      const alike: f32 = way === 0 ? 1 : Mathf.exp((-way * way) / (2 * OBJECT_GEODESIC_SIGMA * OBJECT_GEODESIC_SIGMA))
      store<f32>(sum, load<f32>(sum) + times * alike)
    }
  }
}
