import { BOUNDARY_COLOUR_SIGMA, BOUNDARY_LAYER_TOLERANCE, BOUNDARY_MAX_SAMPLES, PATCH_RADIUS } from '../../parameters'
import { FACES_TARGET, unknownSides } from '../pyramid/boundary'
import { columnOf, finerCoordinate, packCoord, rowOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'

// Which boundary pixel each pixel continues. The nearest continues straight outward; but things that the boundary cuts
// end somewhere, and are then surrounded by what is most common along the boundary. So labels are a multiplicatively
// weighted Voronoi diagram, in which the regions of what is rare close round.

// The boundary pixels, or an evenly spread sample: packed coordinate, unknown sides, and mean colour as three f32.
let coords: usize = 0
let sides: usize = 0
let meanColours: usize = 0
let count: i32 = 0

/**
 * Set the boundary label of every pixel that is not known: of the boundary pixels the nearest, where rare ones are
 * farther.
 *
 * @param level a small one: each pixel is compared with each boundary pixel
 * @param commonShare of the boundary, 0 to 1: colours that make up as much, or more, are common
 * @param rarityFactor how many times farther away the rarest seems, beyond once
 */
export function labelByBoundary(level: Level, commonShare: f32, rarityFactor: f32): void {
  sampleBoundary(level)
  const distanceFactors = heap.alloc(<usize>count * 4)
  for (let i = 0; i < count; i++) {
    const rarity = max<f32>(0, 1 - boundaryShare(level, i) / commonShare)
    store<f32>(distanceFactors + <usize>i * 4, 1 + rarityFactor * rarity)
  }
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      let least = f32.MAX_VALUE
      for (let i = 0; i < count; i++) {
        if (!(load<u8>(sides + <usize>i) & FACES_TARGET)) continue
        const coord = load<u32>(coords + <usize>i * 4)
        const dx = <f32>(columnOf(coord) - x)
        const dy = <f32>(rowOf(coord) - y)
        const factor = load<f32>(distanceFactors + <usize>i * 4)
        const square = (dx * dx + dy * dy) * factor * factor
        if (square >= least) continue
        least = square
        store<u32>(level.boundaryLabel + pixel * 4, coord)
      }
    }
  }
  heap.free(distanceFactors)
  heap.free(meanColours)
  heap.free(sides)
  heap.free(coords)
}

function sampleBoundary(level: Level): void {
  const pixels = level.stride * level.rows
  let total = 0
  for (let pixel = 0; pixel < pixels; pixel++) if (unknownSides(level, pixel)) total++
  const step = (total + BOUNDARY_MAX_SAMPLES - 1) / BOUNDARY_MAX_SAMPLES
  coords = heap.alloc(<usize>total * 4)
  sides = heap.alloc(<usize>total)
  meanColours = heap.alloc(<usize>total * 12)
  count = 0
  let index = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    const unknown = unknownSides(level, pixel)
    if (!unknown || index++ % step) continue
    store<u32>(coords + <usize>count * 4, packCoord(pixel % level.stride, pixel / level.stride))
    store<u8>(sides + <usize>count, <u8>unknown)
    meanOfNeighbourhood(level, pixel, meanColours + <usize>count * 12)
    count++
  }
}

/** The mean of the known ones among a pixel and its 8 neighbours, as three f32. */
function meanOfNeighbourhood(level: Level, pixel: i32, mean: usize): void {
  for (let channel: usize = 0; channel < 3; channel++) {
    let known: f32 = 0
    let sum: f32 = 0
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const neighbour = <usize>(pixel + dy * level.stride + dx)
        if (!load<u8>(level.known + neighbour)) continue
        known++
        sum += <f32>load<u8>(level.colour + neighbour * 4 + channel)
      }
    }
    store<f32>(mean + channel * 4, sum / known)
  }
}

/**
 * The share of the boundary that looks like one of its pixels; 1 if that recurs on the opposite side, as a layer does.
 */
function boundaryShare(level: Level, index: i32): f32 {
  const tolerance = <i32>(BOUNDARY_LAYER_TOLERANCE * <f32>level.height)
  const row = rowOf(load<u32>(coords + <usize>index * 4))
  // Left and right are the lowest two bits, each the opposite of the other.
  const ownSides = load<u8>(sides + <usize>index) & 3
  const oppositeSides = ((ownSides & 1) << 1) | (ownSides >> 1)
  let sum: f32 = 0
  let mostOpposite: f32 = 0
  for (let i = 0; i < count; i++) {
    const similarity = colourSimilarity(meanColours + <usize>index * 12, meanColours + <usize>i * 12)
    sum += similarity
    const isOpposite = (load<u8>(sides + <usize>i) & oppositeSides) !== 0
    if (!isOpposite || abs(rowOf(load<u32>(coords + <usize>i * 4)) - row) > tolerance) continue
    mostOpposite = max<f32>(mostOpposite, similarity)
  }
  return max<f32>(sum / <f32>count, mostOpposite)
}

/** Gaussian of the root mean square difference over the channels: 1 for equal colours, near 0 for unlike ones. */
function colourSimilarity(a: usize, b: usize): f32 {
  let sum: f32 = 0
  for (let channel: usize = 0; channel < 3; channel++) {
    const difference = load<f32>(a + channel * 4) - load<f32>(b + channel * 4)
    sum += difference * difference
  }
  return Mathf.exp(-sum / (6 * BOUNDARY_COLOUR_SIGMA * BOUNDARY_COLOUR_SIGMA))
}

/** Take the labels over from the next coarser level. */
export function upsampleBoundaryLabels(coarse: Level, level: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const coarsePixel = <usize>(((y >> 1) + PATCH_RADIUS) * coarse.stride + (x >> 1) + PATCH_RADIUS)
      const label = load<u32>(coarse.boundaryLabel + coarsePixel * 4)
      // The nearest is known more exactly on this level.
      if (label === load<u32>(coarse.nearestKnown + coarsePixel * 4)) continue
      const finerX = min(PATCH_RADIUS + level.width - 1, finerCoordinate(columnOf(label), x))
      const finerY = min(PATCH_RADIUS + level.height - 1, finerCoordinate(rowOf(label), y))
      const nearest = load<u32>(level.nearestKnown + <usize>(finerY * level.stride + finerX) * 4)
      const pixel = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      store<u32>(level.boundaryLabel + pixel * 4, nearest)
    }
  }
}
