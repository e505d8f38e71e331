import { FALLBACK_SOURCES, NEARBY_TRIES, PATCH_RADIUS, WHOLE_PATCH_REACH } from '../parameters'
import { ANY_TEXTURE, columnOf, finer, indexOf, Level, NOWHERE, placeOf, rowOf } from './level'
import { CUT, offLine } from './lines'
import { around } from './random'
import { tintDifference } from './tint'

// A nearest-neighbour field: for each target pixel the place whose patch looks most like its own (Barnes et al. 2009,
// "PatchMatch").

// Which of a row's pixels belong to the patch: the four from the left, and the four up to the right. The one in the
// middle counts twice.
let firstFour: v128 = i32x4.splat(-1)
let lastFour: v128 = i32x4.splat(-1)

/** What leaning costs by the square of a pixel, across and down. */
let across: f32 = 0
let down: f32 = 0

/** The same across a straight line that is to go on. */
let straight: f32 = 0

/** How much it counts that a texture is not the expected one, from 0 to 1. */
let textureWeight: f32 = 1

/** How much it counts that the mean colour around is not the expected one. */
let tintWeight: f32 = 0

/** What a source costs more, as a share, for each of the four pixels around a target that do not go on from it: pieces become larger. */
let parting: f32 = 0

/** What copying a thing that stands out costs more for each other target that copies it. */
let repeat: f32 = 0

/**
 * Set up for a level; costs of leaning are for the whole width, and height; textures count by a weight from 0 to 1, tints by another.
 *
 * @param repeated what copying a thing that stands out costs more for each other target that copies it
 */
export function searchIn(
  level: Level,
  leanAcross: f32,
  leanDown: f32,
  leanOff: f32,
  weight: f32,
  tint: f32,
  part: f32,
  repeated: f32,
): void {
  compareIn(level)
  repeat = repeated
  textureWeight = weight
  tintWeight = tint
  parting = part
  across = leanAcross / <f32>(level.width * level.width)
  down = leanDown / <f32>(level.height * level.height)
  straight = leanOff / <f32>(level.height * level.height)
}

/** Set up for comparing patches of a level. */
export function compareIn(level: Level): void {
  const radius = level.radius
  firstFour = i32x4(radius >= 3 ? -1 : 0, radius >= 2 ? -1 : 0, radius >= 1 ? -1 : 0, -1)
  lastFour = i32x4(-1, radius >= 1 ? -1 : 0, radius >= 2 ? -1 : 0, radius >= 3 ? -1 : 0)
}

/** Sum of squared differences of two rows of a patch, four partial sums. */
function ofRow(a: usize, b: usize): v128 {
  let p = v128.load(a)
  let q = v128.load(b)
  let d = v128.and(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)), firstFour)
  let low = v128.extend_low<u8>(d)
  let high = v128.extend_high<u8>(d)
  const first = i32x4.add(v128.dot<i16>(low, low), v128.dot<i16>(high, high))
  p = v128.load(a, 12)
  q = v128.load(b, 12)
  d = v128.and(v128.or(v128.sub_sat<u8>(p, q), v128.sub_sat<u8>(q, p)), lastFour)
  low = v128.extend_low<u8>(d)
  high = v128.extend_high<u8>(d)
  return i32x4.add(first, i32x4.add(v128.dot<i16>(low, low), v128.dot<i16>(high, high)))
}

function total(sums: v128): i32 {
  const pairs = i32x4.add(sums, i8x16.shuffle(sums, sums, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)
}

/**
 * Sum of squared differences of two patches, of {@link countOf} pixels.
 *
 * @param a address of the colour of one's middle
 * @param limit if it is certain to be more, anything above that is returned
 */
export function difference(level: Level, a: usize, b: usize, limit: i32): i32 {
  const step = <usize>level.stride * 4
  const radius = level.radius
  const corner = <usize>radius * step + <usize>PATCH_RADIUS * 4
  a -= corner
  b -= corner
  let sums = i32x4.splat(0)
  for (let row = 0; row < radius; row++) {
    sums = i32x4.add(sums, ofRow(a, b))
    a += step
    b += step
  }
  const half = total(sums)
  if (half > limit) return half
  sums = i32x4.splat(0)
  for (let row = 0; row <= radius; row++) {
    sums = i32x4.add(sums, ofRow(a, b))
    a += step
    b += step
  }
  return half + total(sums)
}

/** How many pixels a patch compares, the middle column counted twice. */
export function countOf(radius: i32): i32 {
  return (2 * radius + 1) * (2 * radius + 2)
}

/** How far a place lies from where a target leans to, and how unlike its texture and its tint are to what is expected there. */
export function unlikelinessOf(level: Level, target: usize, x: i32, y: i32): f32 {
  const at = <usize>(y * level.stride + x)
  const dx = <f32>x - load<f32>(level.lean + target * 8)
  const dy = <f32>y - load<f32>(level.lean + target * 8, 4)
  const line = <i32>load<u8>(level.line + target)
  const off: f32 = line ? offLine(line, dx, dy) : 0
  let sum: f32 = line ? straight * off * off + across * (dx * dx + dy * dy) : across * dx * dx + down * dy * dy
  if (tintWeight > 0) sum += tintWeight * tintDifference(level, target, at)
  const expected = load<u16>(level.texture + target * 2)
  if (expected === ANY_TEXTURE) return sum
  const found = load<u16>(level.texture + at * 2)
  const rough = (<i32>expected & 0xff) - (<i32>found & 0xff)
  const steep = (<i32>expected >> 8) - (<i32>found >> 8)
  return sum + textureWeight * <f32>(rough * rough + steep * steep)
}

/**
 * What a target pays for copying from there, unless it continues what is CUT there: the subject's price; and what stands out by itself, be
 * it that it is only suspected, costs more for each other that does.
 */
function tollOf(level: Level, target: usize, place: u32): f32 {
  if (!level.lean || <i32>load<u8>(level.line + target) & CUT) return 0
  const at = <usize>indexOf(level, place)
  const toll = load<f32>(level.toll + at * 4)
  const subject = load<f32>(level.subject + at * 4)
  if (toll <= 0) return subject
  const isOwn = load<u32>(level.source + target * 4) === place
  return toll + subject + repeat * <f32>(<i32>load<u16>(level.uses + at * 2) - i32(isOwn))
}

/** How many of the four pixels around a target have a source that does not lie as far from this place as they from the target. */
function partedFrom(level: Level, target: usize, place: u32): f32 {
  const at = level.source + target * 4
  const row = <usize>level.stride * 4
  const left = load<u32>(at - 4)
  const right = load<u32>(at + 4)
  const above = load<u32>(at - row)
  const below = load<u32>(at + row)
  return <f32>(
    (i32(left !== NOWHERE && left + placeOf(1, 0) !== place) +
      i32(right !== NOWHERE && right - placeOf(1, 0) !== place) +
      i32(above !== NOWHERE && above + placeOf(0, 1) !== place) +
      i32(below !== NOWHERE && below - placeOf(0, 1) !== place))
  )
}

/** What the source of the target that is looked at costs, with what it costs more where others do not go on from it. */
let standing: f32 = 0

/** Look at a target: {@link consider} whether other sources are better for it. */
function lookAt(level: Level, target: usize): void {
  const own = load<u32>(level.source + target * 4)
  const toll = tollOf(level, target, own)
  const now: f32 = 1 + parting * partedFrom(level, target, own)
  standing = (load<f32>(level.cost + target * 4) - toll) * now + toll
}

/**
 * Take a place as the source of the target that is looked at if it is better than what it has. Tolls are paid whole, however well
 * pieces hold together.
 */
function consider(level: Level, target: usize, x: i32, y: i32): void {
  const place = placeOf(x, y)
  const then: f32 = 1 + parting * partedFrom(level, target, place)
  const toll = tollOf(level, target, place)
  const best = (standing - toll) / then
  const unlikely: f32 = level.lean ? unlikelinessOf(level, target, x, y) : 0
  if (unlikely >= best) return
  const count = <f32>countOf(level.radius)
  const limit = <i32>min<f32>(1e9, (best - unlikely) * count)
  const from = level.colour + <usize>(y * level.stride + x) * 4
  const found = <f32>difference(level, level.colour + target * 4, from, limit) / count + unlikely
  if (found >= best) return
  store<f32>(level.cost + target * 4, found + toll)
  copyFrom(level, target, place)
  standing = (found + toll - toll) * then + toll
}

/** Make a place the target's source. */
export function copyFrom(level: Level, target: usize, place: u32): void {
  const before = load<u32>(level.source + target * 4)
  if (before === place) return
  if (level.uses) {
    if (before !== NOWHERE) countUse(level, before, -1)
    countUse(level, place, 1)
  }
  store<u32>(level.source + target * 4, place)
}

function countUse(level: Level, place: u32, by: i32): void {
  const at = level.uses + <usize>indexOf(level, place) * 2
  store<u16>(at, <u16>(<i32>load<u16>(at) + by))
}

/** Count how many targets copy from each place. */
function countUses(level: Level): void {
  const pixels = <usize>(level.stride * level.rows)
  memory.fill(level.uses, 0, pixels * 2)
  for (let at: usize = 0; at < pixels; at++) {
    const place = load<u32>(level.source + at * 4)
    if (load<u8>(level.target + at) && place !== NOWHERE) countUse(level, place, 1)
  }
}

/** What a place costs as the source of a target: how unlike the patches are, a pixel, and what speaks against it by itself. */
export function costOf(level: Level, target: usize, x: i32, y: i32): f32 {
  const from = level.colour + <usize>(y * level.stride + x) * 4
  const sum = difference(level, level.colour + target * 4, from, i32.MAX_VALUE)
  const unlikely: f32 = level.lean ? unlikelinessOf(level, target, x, y) : 0
  return <f32>sum / <f32>countOf(level.radius) + unlikely + tollOf(level, target, placeOf(x, y))
}

function isValid(level: Level, x: i32, y: i32): bool {
  if (x < 0 || y < 0 || x >= level.stride || y >= level.rows) return false
  return load<u8>(level.valid + y * level.stride + x) !== 0
}

/** Forget what was found and painted: no target has a source, and what is not known is black. */
export function clearField(level: Level): void {
  memory.fill(level.source, 0xff, <usize>(level.stride * level.rows) * 4)
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    if (!load<u8>(level.known + at)) store<u32>(level.colour + at * 4, 0)
  }
}

const some = memory.data(FALLBACK_SOURCES * 4)

/** Give every target without a source one near to where it leans. */
export function fillField(level: Level): void {
  const count = collectSome(level)
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (!load<u8>(level.target + at) || load<u32>(level.source + at * 4) !== NOWHERE) continue
      const leanX = level.lean ? <i32>Mathf.round(load<f32>(level.lean + at * 8)) : x
      const leanY = level.lean ? <i32>Mathf.round(load<f32>(level.lean + at * 8, 4)) : y
      store<u32>(level.source + at * 4, nearby(level, leanX, leanY, count))
    }
  }
}

/** Give every target without a source one from anywhere. */
export function scatterField(level: Level): void {
  const count = collectSome(level)
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    if (!load<u8>(level.target + at) || load<u32>(level.source + at * 4) !== NOWHERE) continue
    store<u32>(level.source + at * 4, anyOf(count))
  }
}

function anyOf(count: i32): u32 {
  return load<u32>(some + <usize>((around(count) + count) % count) * 4)
}

/** Evenly from all over the level. @returns how many */
function collectSome(level: Level): i32 {
  const step = max(1, level.sources / FALLBACK_SOURCES)
  let seen = 0
  let count = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      if (!load<u8>(level.valid + <usize>(y * level.stride + x))) continue
      if (seen % step === 0 && count < FALLBACK_SOURCES) {
        store<u32>(some + <usize>count * 4, placeOf(x, y))
        count++
      }
      seen++
    }
  }
  return count
}

function nearby(level: Level, leanX: i32, leanY: i32, count: i32): u32 {
  const all = max(level.stride, level.rows)
  for (let reach = 1; reach < all; reach += 1 + (reach >> 1)) {
    for (let tries = 0; tries < NEARBY_TRIES; tries++) {
      const x = leanX + around(reach)
      const y = leanY + around(reach)
      if (isValid(level, x, y)) return placeOf(x, y)
    }
  }
  return anyOf(count)
}

/** The field of a level from that of the next coarser one: each source moves along with its target. */
export function upsampleField(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const at = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      if (!load<u8>(level.target + at)) continue
      const from = load<u32>(
        coarse.source + <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS) * 4,
      )
      if (from === NOWHERE) continue
      store<u32>(level.source + at * 4, nearestValid(level, finer(columnOf(from), x), finer(rowOf(from), y)))
    }
  }
}

/** At the rim of what is known the finer patch may not be whole: then the next one that is, if it is near. */
function nearestValid(level: Level, x: i32, y: i32): u32 {
  if (isValid(level, x, y)) return placeOf(x, y)
  for (let reach = 1; reach <= WHOLE_PATCH_REACH; reach++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (isValid(level, x + dx * reach, y + dy * reach)) return placeOf(x + dx * reach, y + dy * reach)
      }
    }
  }
  return NOWHERE
}

/** Measure anew: the estimate has changed since. */
export function measureField(level: Level): void {
  if (level.uses) countUses(level)
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (!load<u8>(level.target + at)) continue
      const source = load<u32>(level.source + at * 4)
      store<f32>(level.cost + at * 4, f32.MAX_VALUE)
      lookAt(level, at)
      consider(level, at, columnOf(source), rowOf(source))
    }
  }
}

/**
 * Improve a field: from each target's neighbours (propagation), then at random, ever nearer to what it has.
 *
 * @param forward from the first to the last pixel, or back
 * @param reach of the random search, in pixels; 0 for none
 */
export function improveField(level: Level, forward: bool, reach: i32): void {
  const step = forward ? 1 : -1
  const count = level.width * level.height
  let x = forward ? PATCH_RADIUS : PATCH_RADIUS + level.width - 1
  let y = forward ? PATCH_RADIUS : PATCH_RADIUS + level.height - 1
  for (let i = 0; i < count; i++) {
    const at = <usize>(y * level.stride + x)
    if (load<u8>(level.target + at)) {
      const before = load<u32>(level.source + <usize>(y * level.stride + x - step) * 4)
      const above = load<u32>(level.source + <usize>((y - step) * level.stride + x) * 4)
      const own = load<u32>(level.source + at * 4)
      lookAt(level, at)
      if (before !== NOWHERE && before + step !== own && isValid(level, columnOf(before) + step, rowOf(before))) {
        consider(level, at, columnOf(before) + step, rowOf(before))
      }
      if (above !== NOWHERE && above + (step << 16) !== own && isValid(level, columnOf(above), rowOf(above) + step)) {
        consider(level, at, columnOf(above), rowOf(above) + step)
      }
      for (let range = reach; range >= 1; range >>= 1) {
        const from = load<u32>(level.source + at * 4)
        const sourceX = columnOf(from) + around(range)
        const sourceY = rowOf(from) + around(range)
        if (isValid(level, sourceX, sourceY)) consider(level, at, sourceX, sourceY)
      }
    }
    x += step
    if (x < PATCH_RADIUS || x >= PATCH_RADIUS + level.width) {
      x = forward ? PATCH_RADIUS : PATCH_RADIUS + level.width - 1
      y += step
    }
  }
}
