import { HALVED_KNOWN_ONE_IN, HALVED_KNOWN_ONE_IN_FALLBACK, PATCH_RADIUS } from '../parameters'

/** A place in the atlas: the row in the upper 16 bits, the column in the lower; NOWHERE if there is none. */
export const NOWHERE: u32 = 0xffffffff

/** A texture that nothing is expected of. */
export const ANY_TEXTURE: u16 = 0xffff

/**
 * One resolution of the picture that is being completed, with a margin of PATCH_RADIUS pixels all around, so that every patch
 * lies on it whole. All that is said by pixel is row-major, `stride` pixels to a row. Some levels are only refined, not searched: they
 * have none of what is marked with *, and 0 instead of its address.
 */
@unmanaged
export class Level {
  // The host reads these by their order: see kernel.ts.

  /** The picture without its margin, in pixels. */
  width: i32
  height: i32
  /** With its margin. */
  stride: i32
  rows: i32
  /** Of the patches that are copied from, in pixels. */
  radius: i32
  /** How many places there are to copy from. */
  sources: i32
  /** By pixel: four bytes, red, green, blue and nothing. Where it is not known, the present estimate. */
  colour: usize
  /** By pixel: 1 if the picture is known there. */
  known: usize
  /** By pixel: 1 if a patch may be copied from there, since it is wholly known. */
  valid: usize
  /** By pixel: 1 if its patch holds something that is to be painted. */
  target: usize
  /** By pixel: the place that its patch is copied from. */
  source: usize
  /** By pixel: how unlike the two patches are, and what else speaks against the source. */
  cost: usize
  /** * By pixel: two bytes, how rough the neighbourhood is across and down; what is expected where it is not known. */
  texture: usize
  /** * By pixel: four bytes, the mean colour around; what is expected where it is not known. */
  tint: usize
  /** * By pixel: what copying from there costs. */
  toll: usize
  /** * By pixel: what copying from there costs beside, since it is likely the subject's. */
  subject: usize
  /** * By pixel: a known one that is among the nearest, as a place. */
  anchor: usize
  /** * By pixel: how far that is, in pixels, 255 at most. */
  distance: usize
  /** * By pixel: the known one at the frame that it goes on from, as a place. */
  frame: usize
  /** * By pixel: how much its patch counts when votes are taken. */
  weight: usize
  /** * By pixel: where it would rather copy from, x and y as two floats. */
  lean: usize
  /** * By pixel: which straight line it continues, from 1, and whether that is CUT; 0 for none. */
  line: usize
  /** * By pixel: two bytes, how many targets copy from there. */
  uses: usize
}

export function placeOf(x: i32, y: i32): u32 {
  return ((<u32>y) << 16) | <u32>x
}

export function columnOf(place: u32): i32 {
  return <i32>(place & 0xffff)
}

export function rowOf(place: u32): i32 {
  return <i32>(place >> 16)
}

/**
 * The column, or row, of a place on the next finer level: the first or the second of two, as `own` is.
 *
 * @param own that of the pixel there which takes the place over
 */
export function finer(coordinate: i32, own: i32): i32 {
  return (coordinate - PATCH_RADIUS) * 2 + (own & 1) + PATCH_RADIUS
}

/** Whether a patch may be copied from a place. */
export function isSource(level: Level, place: u32): bool {
  const x = columnOf(place)
  const y = rowOf(place)
  return x < level.stride && y < level.rows && load<u8>(level.valid + <usize>(y * level.stride + x)) !== 0
}

/** Where a place lies in all that is said by pixel. */
export function indexOf(level: Level, place: u32): i32 {
  return rowOf(place) * level.stride + columnOf(place)
}

/** The index of the place that a pixel is copied from. */
export function sourceOf(level: Level, at: i32): i32 {
  return indexOf(level, load<u32>(level.source + <usize>at * 4))
}

/** Of the four pixels around one. */
export const SIDES: i32 = 4

/** From a pixel to the one on a side. */
export function stepTo(level: Level, side: i32): i32 {
  return side === 0 ? 1 : side === 1 ? -1 : side === 2 ? level.stride : -level.stride
}

/** A level with nothing known yet. */
export function newLevel(width: i32, height: i32, isRefined: bool): Level {
  const level = changetype<Level>(zeroed(offsetof<Level>()))
  level.width = width
  level.height = height
  level.stride = width + 2 * PATCH_RADIUS
  level.rows = height + 2 * PATCH_RADIUS
  level.radius = PATCH_RADIUS
  const pixels = <usize>(level.stride * level.rows)
  level.colour = zeroed(pixels * 4)
  level.known = zeroed(pixels)
  level.valid = zeroed(pixels)
  level.target = zeroed(pixels)
  level.source = zeroed(pixels * 4)
  level.cost = zeroed(pixels * 4)
  if (isRefined) return level
  level.texture = zeroed(pixels * 2)
  level.tint = zeroed(pixels * 4)
  level.toll = zeroed(pixels * 4)
  level.subject = zeroed(pixels * 4)
  level.anchor = zeroed(pixels * 4)
  level.distance = zeroed(pixels)
  level.frame = zeroed(pixels * 4)
  level.weight = zeroed(pixels * 4)
  level.lean = zeroed(pixels * 8)
  level.line = zeroed(pixels)
  level.uses = zeroed(pixels * 2)
  return level
}

export function zeroed(bytes: usize): usize {
  const at = heap.alloc(bytes)
  memory.fill(at, 0, bytes)
  return at
}

/**
 * Half the size; a pixel is known if at least half of what it stands for is, and is the mean of that. Where that leaves
 * nothing, any of it is enough.
 */
export function halved(from: Level, isRefined: bool): Level {
  const to = newLevel((from.width + 1) >> 1, (from.height + 1) >> 1, isRefined)
  if (!halve(from, to, HALVED_KNOWN_ONE_IN)) halve(from, to, HALVED_KNOWN_ONE_IN_FALLBACK)
  return to
}

/** @param parts of what a pixel stands for one has to be known @returns whether anything is */
function halve(from: Level, to: Level, parts: i32): bool {
  let any = false
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++) {
      let whole = 0
      let count = 0
      let red = 0
      let green = 0
      let blue = 0
      let across = 0
      let down = 0
      for (let dy = 0; dy < 2 && y * 2 + dy < from.height; dy++) {
        for (let dx = 0; dx < 2 && x * 2 + dx < from.width; dx++) {
          whole++
          const at = <usize>((y * 2 + dy + PATCH_RADIUS) * from.stride + x * 2 + dx + PATCH_RADIUS)
          if (!load<u8>(from.known + at)) continue
          count++
          red += load<u8>(from.colour + at * 4)
          green += load<u8>(from.colour + at * 4, 1)
          blue += load<u8>(from.colour + at * 4, 2)
          if (!from.texture) continue
          across += load<u8>(from.texture + at * 2)
          down += load<u8>(from.texture + at * 2, 1)
        }
      }
      if (count * parts < whole) continue
      any = true
      const half = count >> 1
      const at = <usize>((y + PATCH_RADIUS) * to.stride + x + PATCH_RADIUS)
      store<u8>(to.known + at, 1)
      store<u8>(to.colour + at * 4, (red + half) / count)
      store<u8>(to.colour + at * 4, (green + half) / count, 1)
      store<u8>(to.colour + at * 4, (blue + half) / count, 2)
      if (!from.texture) continue
      store<u8>(to.texture + at * 2, (across + half) / count)
      store<u8>(to.texture + at * 2, (down + half) / count, 1)
    }
  }
  return any
}

/**
 * Find the patches that are wholly known, of the largest radius that has at least `enough` of them; fewer give no choice.
 *
 * @returns how many there are; 0 if nothing is known at all
 */
export function findSources(level: Level, enough: i32): i32 {
  for (let radius = PATCH_RADIUS; radius >= 0; radius--) {
    memory.fill(level.valid, 0, <usize>(level.stride * level.rows))
    level.radius = radius
    level.sources = findWhole(level, radius)
    if (level.sources >= enough || radius === 0) break
  }
  return level.sources
}

function findWhole(level: Level, radius: i32): i32 {
  const side = 2 * radius + 1
  // How many known pixels in a row end here; then in how many rows above each other that is a whole patch's width.
  const down = zeroed(<usize>level.stride * 4)
  let count = 0
  for (let y = 0; y < level.rows; y++) {
    let across = 0
    for (let x = 0; x < level.stride; x++) {
      across = load<u8>(level.known + y * level.stride + x) ? across + 1 : 0
      const rows = across >= side ? load<i32>(down + x * 4) + 1 : 0
      store<i32>(down + x * 4, rows)
      if (rows < side) continue
      store<u8>(level.valid + (y - radius) * level.stride + x - radius, 1)
      count++
    }
  }
  heap.free(down)
  return count
}

/** Mark the pixels whose patch reaches something that is to be painted. */
export function findTargets(level: Level): void {
  const lastX = PATCH_RADIUS + level.width - 1
  const lastY = PATCH_RADIUS + level.height - 1
  for (let y = PATCH_RADIUS; y <= lastY; y++) {
    for (let x = PATCH_RADIUS; x <= lastX; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      store<u8>(level.target + at, 1)
      // Only the rim of the hole reaches what is known.
      if (!touchesKnown(level, at)) continue
      const left = max(PATCH_RADIUS, x - level.radius)
      const count = <usize>(min(lastX, x + level.radius) - left + 1)
      for (let near = max(PATCH_RADIUS, y - level.radius); near <= min(lastY, y + level.radius); near++) {
        memory.fill(level.target + <usize>(near * level.stride + left), 1, count)
      }
    }
  }
}

/** Whether one of the eight pixels around is known. */
function touchesKnown(level: Level, at: usize): bool {
  const above = level.known + at - level.stride
  const below = level.known + at + level.stride
  return (
    load<u8>(above - 1) +
      load<u8>(above) +
      load<u8>(above, 1) +
      load<u8>(level.known + at - 1) +
      load<u8>(level.known + at, 1) +
      load<u8>(below - 1) +
      load<u8>(below) +
      load<u8>(below, 1) >
    0
  )
}
