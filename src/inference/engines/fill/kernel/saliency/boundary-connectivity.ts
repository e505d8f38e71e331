import {
  OBJECT_CONNECTIVITY_SIGMA,
  OBJECT_GEODESIC_CUTOFF,
  OBJECT_GEODESIC_SIGMA,
  OBJECT_MAX_PATHS,
  OBJECT_TEXTURE_STEP,
} from '../../parameters'
import { allocateZeroed } from '../memory'
import { FACES_TARGET, unknownSides } from '../pyramid/boundary'
import { Level } from '../pyramid/level'

// Boundary connectivity (Zhu et al. 2014, "Saliency optimization from robust background detection"): how much of the
// boundary a region has, over the square root of its area. Sky, ground and walls reach far along the boundary; a cup, a
// phone or a dog is inside it, or cut off in one place. Regions are soft: how much a pixel belongs to another's region
// depends on the geodesic distance, the sum of the edges on the shortest path.

// By pixel, f32, in grey levels: the edge to the right, the edge to below, and the geodesic distance from the start.
let edgesRight: usize = 0
let edgesBelow: usize = 0
let distances: usize = 0

// The bounding box of what is known, inclusive.
let left: i32 = 0
let right: i32 = 0
let top: i32 = 0
let bottom: i32 = 0

// By row: 1 if it has to be updated from the row above, or from that below.
let isPendingDown: usize = 0
let isPendingUp: usize = 0

/** Longer distances are not followed. */
const MAX_DISTANCE: f32 = OBJECT_GEODESIC_CUTOFF * OBJECT_GEODESIC_SIGMA

/** @returns n, if of a total every n-th is used so that no more than `most` are */
export function everyNth(total: f64, most: f64): i32 {
  return <i32>max<f64>(1, Math.ceil(total / most))
}

/** How likely each pixel is foreground, f32 by pixel, 0 to 1, and 0 where it is not known; to be freed. */
export function foregroundProbabilities(level: Level): usize {
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  edgesRight = heap.alloc(size)
  edgesBelow = heap.alloc(size)
  distances = heap.alloc(size)
  for (let pixel = 0; pixel < pixels; pixel++) store<f32>(distances + <usize>pixel * 4, f32.MAX_VALUE)
  isPendingDown = allocateZeroed(<usize>level.rows)
  isPendingUp = allocateZeroed(<usize>level.rows)
  const known = measureEdges(level)
  let boundaryPixels = 0
  for (let pixel = 0; pixel < pixels; pixel++) if (unknownSides(level, pixel) & FACES_TARGET) boundaryPixels++
  const boundaryStep = everyNth(<f64>known * <f64>boundaryPixels, OBJECT_MAX_PATHS)
  const areaStep = everyNth(<f64>known * <f64>known, OBJECT_MAX_PATHS)

  // The area of each pixel's region, and how much of the boundary it has.
  const areas = allocateZeroed(size)
  const boundaryLengths = allocateZeroed(size)
  let knownIndex = 0
  let boundaryIndex = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel)) continue
    const countsForArea = knownIndex++ % areaStep === 0
    const isBoundary = (unknownSides(level, pixel) & FACES_TARGET) !== 0
    const countsForBoundary = isBoundary && boundaryIndex++ % boundaryStep === 0
    if (!countsForArea && !countsForBoundary) continue
    findDistances(level, pixel)
    if (countsForArea) addMembership(level, areas, <f32>areaStep)
    if (countsForBoundary) addMembership(level, boundaryLengths, <f32>boundaryStep)
  }
  const probabilities = boundaryLengths
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel)) continue
    const length = load<f32>(boundaryLengths + <usize>pixel * 4)
    const area = max<f32>(1, load<f32>(areas + <usize>pixel * 4))
    const variance: f32 = 2 * OBJECT_CONNECTIVITY_SIGMA * OBJECT_CONNECTIVITY_SIGMA
    store<f32>(probabilities + <usize>pixel * 4, Mathf.exp((-length * length) / (variance * area)))
  }
  heap.free(areas)
  heap.free(isPendingUp)
  heap.free(isPendingDown)
  heap.free(distances)
  heap.free(edgesBelow)
  heap.free(edgesRight)
  return probabilities
}

/** Measure all edges, and find the bounding box of what is known. @returns how many pixels are known */
function measureEdges(level: Level): i32 {
  let known = 0
  left = level.stride
  right = 0
  top = level.rows
  bottom = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const pixel = y * level.stride + x
      store<f32>(edgesRight + <usize>pixel * 4, edgeBetween(level, pixel, pixel + 1))
      store<f32>(edgesBelow + <usize>pixel * 4, edgeBetween(level, pixel, pixel + level.stride))
      if (!load<u8>(level.known + <usize>pixel)) continue
      known++
      left = min(left, x)
      right = max(right, x)
      top = min(top, y)
      bottom = max(bottom, y)
    }
  }
  return known
}

/**
 * The root mean square difference of two pixels over the channels, beyond what is texture; no path leads to the
 * unknown.
 */
function edgeBetween(level: Level, pixel: i32, neighbour: i32): f32 {
  if (neighbour >= level.stride * level.rows) return f32.MAX_VALUE
  if (!load<u8>(level.known + <usize>pixel) || !load<u8>(level.known + <usize>neighbour)) return f32.MAX_VALUE
  let sum: f32 = 0
  for (let channel: usize = 0; channel < 3; channel++) {
    const one = <f32>load<u8>(level.colour + <usize>pixel * 4 + channel)
    const other = <f32>load<u8>(level.colour + <usize>neighbour * 4 + channel)
    sum += (one - other) * (one - other)
  }
  return max<f32>(0, Mathf.sqrt(sum / 3) - OBJECT_TEXTURE_STEP)
}

/** Find the geodesic distances of all pixels from one, up to MAX_DISTANCE. */
function findDistances(level: Level, start: i32): void {
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) store<f32>(distanceAddress(level, x, y), f32.MAX_VALUE)
  }
  store<f32>(distances + <usize>start * 4, 0)
  const row = start / level.stride
  relaxRow(level, row)
  markNextRows(row)
  // Downward and upward in turns, until no distance becomes shorter.
  for (let isImproved = true; isImproved; ) {
    isImproved = false
    for (let y = top; y <= bottom; y++) {
      if (!load<u8>(isPendingDown + <usize>y)) continue
      store<u8>(isPendingDown + <usize>y, 0)
      if (relaxFromRow(level, y, y - 1, y - 1)) isImproved = true
    }
    for (let y = bottom; y >= top; y--) {
      if (!load<u8>(isPendingUp + <usize>y)) continue
      store<u8>(isPendingUp + <usize>y, 0)
      if (relaxFromRow(level, y, y + 1, y)) isImproved = true
    }
  }
}

/** Shorter distances in a row may shorten those in the rows below and above. */
function markNextRows(y: i32): void {
  store<u8>(isPendingDown + <usize>y + 1, 1)
  store<u8>(isPendingUp + <usize>y - 1, 1)
}

/**
 * Shorten the distances in a row by paths from the row above or below.
 *
 * @param edgeRow the upper of the two rows, which holds the edges between them
 * @returns whether any became shorter
 */
function relaxFromRow(level: Level, y: i32, fromY: i32, edgeRow: i32): bool {
  let isImproved = false
  for (let x = left; x <= right; x++) {
    const edge = load<f32>(edgesBelow + <usize>(edgeRow * level.stride + x) * 4)
    const distance = load<f32>(distanceAddress(level, x, fromY)) + edge
    if (distance > MAX_DISTANCE || distance >= load<f32>(distanceAddress(level, x, y))) continue
    store<f32>(distanceAddress(level, x, y), distance)
    isImproved = true
  }
  if (!isImproved) return false
  relaxRow(level, y)
  markNextRows(y)
  return true
}

/** Shorten the distances in a row by paths within it, to the right and to the left. */
function relaxRow(level: Level, y: i32): void {
  for (let x = left + 1; x <= right; x++) relaxFromColumn(level, x, x - 1, x - 1, y)
  for (let x = right - 1; x >= left; x--) relaxFromColumn(level, x, x + 1, x, y)
}

function relaxFromColumn(level: Level, x: i32, fromX: i32, edgeColumn: i32, y: i32): void {
  const edge = load<f32>(edgesRight + <usize>(y * level.stride + edgeColumn) * 4)
  const distance = load<f32>(distanceAddress(level, fromX, y)) + edge
  if (distance > MAX_DISTANCE || distance >= load<f32>(distanceAddress(level, x, y))) return
  store<f32>(distanceAddress(level, x, y), distance)
}

function distanceAddress(level: Level, x: i32, y: i32): usize {
  return distances + <usize>(y * level.stride + x) * 4
}

/** Add to each pixel how much it belongs to the region of the start, times how many pixels the start stands for. */
function addMembership(level: Level, sums: usize, times: f32): void {
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const address = distanceAddress(level, x, y)
      const distance = load<f32>(address)
      if (distance > MAX_DISTANCE) continue
      const sum = sums + address - distances
      const variance: f32 = 2 * OBJECT_GEODESIC_SIGMA * OBJECT_GEODESIC_SIGMA
      const membership: f32 = distance === 0 ? 1 : Mathf.exp((-distance * distance) / variance)
      store<f32>(sum, load<f32>(sum) + times * membership)
    }
  }
}
