import { ENCLOSURE_FRINGE, ENCLOSURE_MIN_RARITY, ENCLOSURE_START_SHARE } from '../parameters'
import { distinctness, isAtRim, isThing, listSources, quantile, spread } from './distinct'
import { compareIn } from './field'
import { indexOf, Level, zeroed } from './level'
import { forgetQuarters, sumQuarters } from './quarters'

/**
 * Charge what is enclosed and unlike all else: a sun, an eye, a window. Enclosed is what can be reached from the picture's rim
 * only across a barrier (Zhang et al. 2015, "Minimum barrier salient object detection at 80 FPS"); texture has barriers
 * everywhere, so only what lies behind far higher ones than most of the picture counts. Unlike all else is what the coarser
 * level charges or takes for the subject, and what stands out far more than anything at the frame does.
 *
 * @param level with what the coarser one charges, if there is one
 * @param price of copying it, by the square of how much higher its barrier is
 * @param times the median barrier, which costs nothing
 * @param most that is charged
 */
export function chargeEnclosed(level: Level, price: f32, times: f32, most: f32): void {
  compareIn(level)
  sumQuarters(level)
  const places = listSources(level)
  const count = level.sources
  findBarriers(level)
  const sorted = heap.alloc(<usize>count * 4)
  let rarest: f32 = 0
  for (let i = 0; i < count; i++) {
    const at = indexOf(level, load<u32>(places + <usize>i * 4))
    store<f32>(sorted + <usize>i * 4, load<f32>(barriers + <usize>at * 4))
    if (isAtRim(level, at)) rarest = max<f32>(rarest, distinctness(level, places, i))
  }
  const usual = times * quantile(sorted, count, 0.5)
  const charges = zeroed(<usize>(level.stride * level.rows) * 4)
  for (let i = 0; i < count; i++) {
    const at = <usize>indexOf(level, load<u32>(places + <usize>i * 4))
    const over = load<f32>(barriers + at * 4) - usual
    if (over <= 0) continue
    if (!isThing(level, at) && distinctness(level, places, i) <= ENCLOSURE_MIN_RARITY * rarest) continue
    store<f32>(charges + at * 4, min<f32>(most, price * over * over))
  }
  for (let i = 0; i < count; i++) {
    const at = indexOf(level, load<u32>(places + <usize>i * 4))
    const toll = level.toll + <usize>at * 4
    for (let dy = -ENCLOSURE_FRINGE; dy <= ENCLOSURE_FRINGE; dy++) {
      for (let dx = -ENCLOSURE_FRINGE; dx <= ENCLOSURE_FRINGE; dx++) {
        const near = <usize>(at + dy * level.stride + dx)
        store<f32>(toll, max<f32>(load<f32>(toll), load<f32>(charges + near * 4)))
      }
    }
  }
  spread(level, level.toll)
  heap.free(charges)
  heap.free(sorted)
  heap.free(barriers)
  heap.free(places)
  forgetQuarters()
}

/** Paths from the rim: by pixel the height of the barrier, what it started with, and the largest and least of its colours. */
let barriers: usize = 0
let starts: usize = 0
let highs: usize = 0
let lows: usize = 0

/** Find, by pixel, how far the colours along the path to it from the rim differ at least, in grey levels; the caller frees them. */
function findBarriers(level: Level): void {
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  barriers = heap.alloc(size)
  starts = heap.alloc(size)
  highs = heap.alloc(size)
  lows = heap.alloc(size)
  memory.copy(highs, level.colour, size)
  memory.copy(lows, level.colour, size)
  for (let at = 0; at < pixels; at++) {
    const start = Mathf.sqrt(ENCLOSURE_START_SHARE * load<f32>(level.toll + <usize>at * 4))
    store<f32>(starts + <usize>at * 4, start)
    store<f32>(
      barriers + <usize>at * 4,
      load<u8>(level.valid + <usize>at) && isOutermost(level, at) ? start : f32.MAX_VALUE,
    )
  }
  // In both directions, until nothing gets lower.
  for (let lower = true; lower; ) {
    lower = false
    for (let at = level.stride; at < pixels - level.stride; at++) {
      if (pass(level, at, at - 1)) lower = true
      if (pass(level, at, at - level.stride)) lower = true
    }
    for (let at = pixels - level.stride - 1; at >= level.stride; at--) {
      if (pass(level, at, at + 1)) lower = true
      if (pass(level, at, at + level.stride)) lower = true
    }
  }
  heap.free(lows)
  heap.free(highs)
  heap.free(starts)
}

/** Whether one of the four patches around is not wholly within the picture, or not known. */
function isOutermost(level: Level, at: i32): bool {
  const valid = level.valid + <usize>at
  const row = <usize>level.stride
  return !(load<u8>(valid - 1) && load<u8>(valid, 1) && load<u8>(valid - row) && load<u8>(valid + row))
}

/** The path to a pixel by way of the one beside it, if its barrier is lower. @returns whether it is */
function pass(level: Level, at: i32, by: i32): bool {
  if (!load<u8>(level.valid + <usize>at) || !load<u8>(level.valid + <usize>by)) return false
  const now = load<f32>(barriers + <usize>at * 4)
  if (load<f32>(barriers + <usize>by * 4) >= now) return false
  const own = v128.load32_zero(level.colour + <usize>at * 4)
  const high = v128.max<u8>(own, v128.load32_zero(highs + <usize>by * 4))
  const low = v128.min<u8>(own, v128.load32_zero(lows + <usize>by * 4))
  const range = v128.extend_low<u8>(v128.sub<u8>(high, low))
  const squares = v128.dot<i16>(range, range)
  const start = load<f32>(starts + <usize>by * 4)
  const barrier = start + Mathf.sqrt(<f32>(i32x4.extract_lane(squares, 0) + i32x4.extract_lane(squares, 1)))
  if (barrier >= now) return false
  store<f32>(barriers + <usize>at * 4, barrier)
  store<f32>(starts + <usize>at * 4, start)
  store<u32>(highs + <usize>at * 4, i32x4.extract_lane(high, 0))
  store<u32>(lows + <usize>at * 4, i32x4.extract_lane(low, 0))
  return true
}
