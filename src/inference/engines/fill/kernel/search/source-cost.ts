import { lineDistance, SALIENT_LINE } from '../prior/straight-lines'
import { NO_COORD, packCoord, pixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { meanColourDifference } from '../pyramid/mean-colour'
import { comparedPixels, patchDistance, setPatchRadius } from '../pyramid/patch-distance'
import { ANY_TEXTURE, textureDifference } from '../pyramid/texture'
import { copyPenaltyAt } from '../saliency/copy-penalty'

// What a source costs a target, in squared grey levels by pixel of a patch: the distance of the patches, a prior (where
// and what the source should be), and a penalty for copying what stands out. Sources that do not adjoin those of the
// target's neighbours make the first two dearer.

/** What each term counts for. The host writes it, by the order of its fields: see kernel.ts. */
@unmanaged
export class SearchWeights {
  /** Of a whole picture's width to the left or right of the preferred source. */
  preferenceAcross: f32
  /** Of a whole picture's height above or below it. */
  preferenceDown: f32
  /** Of a whole picture's height across a straight line that continues. */
  linePreference: f32
  /** Of the squared difference from the expected texture, 0 to 1. */
  texture: f32
  /** Of the squared difference from the expected mean colour. */
  meanColour: f32
  /** Share by which a source is dearer for each of the four neighbours that it does not adjoin. */
  incoherence: f32
}

const weights = changetype<SearchWeights>(memory.data(offsetof<SearchWeights>()))

// The preferences by the square of a pixel, on the level that is searched.
let acrossByPixel: f32 = 0
let downByPixel: f32 = 0
let lineByPixel: f32 = 0

/** Where the host writes the weights. */
export function searchWeights(): usize {
  return changetype<usize>(weights)
}

/** To be called after the weights were written, before a level is searched. */
export function prepareSearch(level: Level): void {
  setPatchRadius(level)
  acrossByPixel = weights.preferenceAcross / <f32>(level.width * level.width)
  downByPixel = weights.preferenceDown / <f32>(level.height * level.height)
  lineByPixel = weights.linePreference / <f32>(level.height * level.height)
}

/**
 * What speaks against a source whatever it looks like: its distance from the preferred one, its texture, its mean
 * colour.
 */
export function priorCost(level: Level, target: usize, x: i32, y: i32): f32 {
  const source = <usize>(y * level.stride + x)
  const dx = <f32>x - load<f32>(level.preferredSource + target * 8)
  const dy = <f32>y - load<f32>(level.preferredSource + target * 8, 4)
  const line = <i32>load<u8>(level.line + target)
  const off: f32 = line ? lineDistance(line, dx, dy) : 0
  let sum: f32 = line
    ? lineByPixel * off * off + acrossByPixel * (dx * dx + dy * dy)
    : acrossByPixel * dx * dx + downByPixel * dy * dy
  if (weights.meanColour > 0) sum += weights.meanColour * meanColourDifference(level, target, source)
  const expected = load<u16>(level.texture + target * 2)
  if (expected === ANY_TEXTURE) return sum
  return sum + weights.texture * textureDifference(expected, load<u16>(level.texture + source * 2))
}

/** The penalty of copying a source. Along a line of a salient object, which the boundary cuts off, copying is free. */
function copyPenaltyOf(level: Level, target: usize, coord: u32): f32 {
  if (!level.preferredSource || <i32>load<u8>(level.line + target) & SALIENT_LINE) return 0
  return copyPenaltyAt(level, <usize>pixelOf(level, coord))
}

/** How many of a target's four neighbours have a source that this one does not adjoin as the target adjoins them. */
function incoherentNeighbours(level: Level, target: usize, coord: u32): f32 {
  const own = level.source + target * 4
  const row = <usize>level.stride * 4
  const left = load<u32>(own - 4)
  const right = load<u32>(own + 4)
  const above = load<u32>(own - row)
  const below = load<u32>(own + row)
  return <f32>(
    (i32(left !== NO_COORD && left + packCoord(1, 0) !== coord) +
      i32(right !== NO_COORD && right - packCoord(1, 0) !== coord) +
      i32(above !== NO_COORD && above + packCoord(0, 1) !== coord) +
      i32(below !== NO_COORD && below - packCoord(0, 1) !== coord))
  )
}

/** The whole cost of a source, but for incoherence. */
export function sourceCost(level: Level, target: usize, x: i32, y: i32): f32 {
  const colour = level.colour + <usize>(y * level.stride + x) * 4
  const sum = patchDistance(level, level.colour + target * 4, colour, i32.MAX_VALUE)
  const prior: f32 = level.preferredSource ? priorCost(level, target, x, y) : 0
  return <f32>sum / <f32>comparedPixels(level.radius) + prior + copyPenaltyOf(level, target, packCoord(x, y))
}

/** The cost of the current target's source, with incoherence. */
let currentCost: f32 = 0

/** Make a target the current one, for {@link tryCandidate}. */
export function beginTarget(level: Level, target: usize): void {
  const source = load<u32>(level.source + target * 4)
  const penalty = copyPenaltyOf(level, target, source)
  const factor: f32 = 1 + weights.incoherence * incoherentNeighbours(level, target, source)
  currentCost = (load<f32>(level.cost + target * 4) - penalty) * factor + penalty
}

/**
 * Make a candidate the source of the current target if it costs less. Penalties are not raised by incoherence:
 * otherwise a region that holds together would be worth copying a salient object for.
 */
export function tryCandidate(level: Level, target: usize, x: i32, y: i32): void {
  const coord = packCoord(x, y)
  const factor: f32 = 1 + weights.incoherence * incoherentNeighbours(level, target, coord)
  const penalty = copyPenaltyOf(level, target, coord)
  const best = (currentCost - penalty) / factor
  const prior: f32 = level.preferredSource ? priorCost(level, target, x, y) : 0
  if (prior >= best) return
  const count = <f32>comparedPixels(level.radius)
  // 10⁹ is more than any distance, and fits 32 bits.
  const limit = <i32>min<f32>(1e9, (best - prior) * count)
  const colour = level.colour + <usize>(y * level.stride + x) * 4
  const cost = <f32>patchDistance(level, level.colour + target * 4, colour, limit) / count + prior
  if (cost >= best) return
  store<f32>(level.cost + target * 4, cost + penalty)
  store<u32>(level.source + target * 4, coord)
  currentCost = cost * factor + penalty
}
