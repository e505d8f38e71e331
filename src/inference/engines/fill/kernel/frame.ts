import { BOUNDARY_COLOUR_SIGMA, BOUNDARY_LAYER_TOLERANCE, BOUNDARY_MAX_SAMPLES, PATCH_RADIUS } from '../parameters'
import { columnOf, finer, Level, placeOf, rowOf, SIDES, stepTo } from './level'

// Where at the frame each pixel goes on from. The nearest is what goes on straight outward; but things that the frame cuts end
// somewhere, and then what there is most of along the frame surrounds them.

// By pixel at the edge of what is known: where it lies, on which sides nothing is known, and the mean colour around it.
let edge: usize = 0
let sides: usize = 0
let means: usize = 0
let count: i32 = 0

/** Beside the bits of {@link SIDES}: there something is to be painted, rather than the end of the canvas. */
export const OPEN: i32 = 1 << SIDES

/**
 * Let pixels go on from what is common at the frame, rather than from what is rare there but nearer: the rarer, the sooner it ends
 * (a multiplicatively weighted Voronoi diagram, so that what is rare closes round).
 *
 * @param level a small one: each pixel is compared with each at the frame
 * @param usual what makes up this share of the frame, or more, is common, 0 to 1
 * @param closing how many times farther away the rarest seems, beyond once
 */
export function findFrame(level: Level, usual: f32, closing: f32): void {
  listEdge(level)
  const farness = heap.alloc(<usize>count * 4)
  for (let i = 0; i < count; i++) {
    store<f32>(farness + <usize>i * 4, 1 + closing * max<f32>(0, 1 - shareOf(level, i) / usual))
  }
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      let least = f32.MAX_VALUE
      for (let i = 0; i < count; i++) {
        if (!(load<u8>(sides + <usize>i) & OPEN)) continue
        const place = load<u32>(edge + <usize>i * 4)
        const dx = <f32>(columnOf(place) - x)
        const dy = <f32>(rowOf(place) - y)
        const far = load<f32>(farness + <usize>i * 4)
        const square = (dx * dx + dy * dy) * far * far
        if (square >= least) continue
        least = square
        store<u32>(level.frame + at * 4, place)
      }
    }
  }
  heap.free(farness)
  heap.free(means)
  heap.free(sides)
  heap.free(edge)
}

/** All that is known beside what is not, or every n-th of it. */
function listEdge(level: Level): void {
  const pixels = level.stride * level.rows
  let all = 0
  for (let at = 0; at < pixels; at++) if (sidesOf(level, at)) all++
  const step = (all + BOUNDARY_MAX_SAMPLES - 1) / BOUNDARY_MAX_SAMPLES
  edge = heap.alloc(<usize>all * 4)
  sides = heap.alloc(<usize>all)
  means = heap.alloc(<usize>all * 12)
  count = 0
  let seen = 0
  for (let at = 0; at < pixels; at++) {
    const open = sidesOf(level, at)
    if (!open || seen++ % step) continue
    store<u32>(edge + <usize>count * 4, placeOf(at % level.stride, at / level.stride))
    store<u8>(sides + <usize>count, <u8>open)
    meanAround(level, at, means + <usize>count * 12)
    count++
  }
}

/** On which sides of a known pixel nothing is known, by a bit each, and OPEN; 0 for all others. */
export function sidesOf(level: Level, at: i32): i32 {
  if (!load<u8>(level.known + <usize>at)) return 0
  let found = 0
  for (let side = 0; side < SIDES; side++) {
    const next = <usize>(at + stepTo(level, side))
    if (load<u8>(level.known + next)) continue
    found |= 1 << side
    if (load<u8>(level.target + next)) found |= OPEN
  }
  return found
}

/** Red, green and blue over the known ones of the nine pixels around. */
function meanAround(level: Level, at: i32, to: usize): void {
  for (let channel: usize = 0; channel < 3; channel++) {
    let known: f32 = 0
    let sum: f32 = 0
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const near = <usize>(at + dy * level.stride + dx)
        if (!load<u8>(level.known + near)) continue
        known++
        sum += <f32>load<u8>(level.colour + near * 4 + channel)
      }
    }
    store<f32>(to + channel * 4, sum / known)
  }
}

/** What share of the frame looks like one of its pixels; all of it where that goes on at the other side. */
function shareOf(level: Level, index: i32): f32 {
  const nearby = <i32>(BOUNDARY_LAYER_TOLERANCE * <f32>level.height)
  const row = rowOf(load<u32>(edge + <usize>index * 4))
  // Left and right are the lowest two bits, each the other's opposite.
  const own = load<u8>(sides + <usize>index) & 3
  const across = ((own & 1) << 1) | (own >> 1)
  let sum: f32 = 0
  let most: f32 = 0
  for (let i = 0; i < count; i++) {
    const alike = alikeness(means + <usize>index * 12, means + <usize>i * 12)
    sum += alike
    const isAcross = (load<u8>(sides + <usize>i) & across) !== 0
    if (isAcross && abs(rowOf(load<u32>(edge + <usize>i * 4)) - row) <= nearby) most = max<f32>(most, alike)
  }
  return max<f32>(sum / <f32>count, most)
}

/** 1 for the same colours, next to 0 for those that have nothing in common. */
function alikeness(a: usize, b: usize): f32 {
  let sum: f32 = 0
  for (let channel: usize = 0; channel < 3; channel++) {
    const difference = load<f32>(a + channel * 4) - load<f32>(b + channel * 4)
    sum += difference * difference
  }
  return Mathf.exp(-sum / (6 * BOUNDARY_COLOUR_SIGMA * BOUNDARY_COLOUR_SIGMA))
}

/** Let pixels go on from where those of the coarser level do. */
export function inheritFrame(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const from = <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS)
      const place = load<u32>(coarse.frame + from * 4)
      // The nearest there is the nearest here, which is known more exactly.
      if (place === load<u32>(coarse.anchor + from * 4)) continue
      const finerX = min(PATCH_RADIUS + level.width - 1, finer(columnOf(place), x))
      const finerY = min(PATCH_RADIUS + level.height - 1, finer(rowOf(place), y))
      const nearest = load<u32>(level.anchor + <usize>(finerY * level.stride + finerX) * 4)
      store<u32>(level.frame + <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS) * 4, nearest)
    }
  }
}
