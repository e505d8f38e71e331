import {
  OBJECT_CONNECTIVITY_SIGMA,
  OBJECT_GEODESIC_CUTOFF,
  OBJECT_GEODESIC_SIGMA,
  OBJECT_MAX_PATHS,
} from '../../parameters'
import { allocateZeroed } from '../memory'
import { FACES_TARGET, unknownSides } from '../pyramid/boundary'
import { Level } from '../pyramid/level'
import { distanceOf, findDistances, findFlatRegions, freeFlatRegions, regionAt, regionCount } from './flat-regions'

// Boundary connectivity (Zhu et al. 2014, "Saliency optimization from robust background detection"): how much of the
// boundary a region has, over the square root of its area. Sky, ground and walls reach far along the boundary; a cup, a
// phone or a dog is inside it, or cut off in one place. Regions are soft: how much a pixel belongs to another's region
// depends on the geodesic distance, the sum of the edges on the shortest path.

/** Longer distances are not followed. */
const MAX_DISTANCE: f32 = OBJECT_GEODESIC_CUTOFF * OBJECT_GEODESIC_SIGMA

/** @returns n, if of a total every n-th is used so that no more than `most` are */
export function everyNth(total: f64, most: f64): i32 {
  return <i32>max<f64>(1, Math.ceil(total / most))
}

/** How likely each pixel is foreground, f32 by pixel, 0 to 1, and 0 where it is not known; to be freed. */
export function foregroundProbabilities(level: Level): usize {
  findFlatRegions(level)
  const size = <usize>regionCount * 4
  // How many pixels, and how many of the boundary, are in each flat region; and in its soft region.
  const pixelCounts = allocateZeroed(size)
  const boundaryCounts = allocateZeroed(size)
  const areas = allocateZeroed(size)
  const boundaryLengths = allocateZeroed(size)
  countPixels(level, pixelCounts, boundaryCounts)
  for (let region = 0; region < regionCount; region++) {
    const pixels = load<f32>(pixelCounts + <usize>region * 4)
    const boundaryPixels = load<f32>(boundaryCounts + <usize>region * 4)
    if (pixels + boundaryPixels === 0) continue
    findDistances(region, MAX_DISTANCE)
    addMembers(areas, pixels, boundaryLengths, boundaryPixels)
  }
  const probabilities = probabilitiesByPixel(level, areas, boundaryLengths)
  heap.free(boundaryLengths)
  heap.free(areas)
  heap.free(boundaryCounts)
  heap.free(pixelCounts)
  freeFlatRegions()
  return probabilities
}

/** Count the pixels of each flat region, f32; of too many, every n-th stands for n. */
function countPixels(level: Level, pixelCounts: usize, boundaryCounts: usize): void {
  const pixels = level.stride * level.rows
  let known = 0
  let boundaryPixels = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (load<u8>(level.known + <usize>pixel)) known++
    if (unknownSides(level, pixel) & FACES_TARGET) boundaryPixels++
  }
  const step = everyNth(<f64>known * <f64>known, OBJECT_MAX_PATHS)
  const boundaryStep = everyNth(<f64>known * <f64>boundaryPixels, OBJECT_MAX_PATHS)
  let index = 0
  let boundaryIndex = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel)) continue
    const region = <usize>regionAt(pixel) * 4
    if (index++ % step === 0) add(pixelCounts + region, <f32>step)
    if (!(unknownSides(level, pixel) & FACES_TARGET)) continue
    if (boundaryIndex++ % boundaryStep === 0) add(boundaryCounts + region, <f32>boundaryStep)
  }
}

/** Add how much the start's pixels belong to the soft region of each flat region. */
function addMembers(areas: usize, pixels: f32, boundaryLengths: usize, boundaryPixels: f32): void {
  const variance: f32 = 2 * OBJECT_GEODESIC_SIGMA * OBJECT_GEODESIC_SIGMA
  for (let region = 0; region < regionCount; region++) {
    const distance = distanceOf(region)
    if (distance > MAX_DISTANCE) continue
    const membership: f32 = distance === 0 ? 1 : Mathf.exp((-distance * distance) / variance)
    add(areas + <usize>region * 4, pixels * membership)
    add(boundaryLengths + <usize>region * 4, boundaryPixels * membership)
  }
}

function probabilitiesByPixel(level: Level, areas: usize, boundaryLengths: usize): usize {
  const variance: f32 = 2 * OBJECT_CONNECTIVITY_SIGMA * OBJECT_CONNECTIVITY_SIGMA
  const pixels = level.stride * level.rows
  const probabilities = allocateZeroed(<usize>pixels * 4)
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel)) continue
    const region = <usize>regionAt(pixel) * 4
    const length = load<f32>(boundaryLengths + region)
    const area = max<f32>(1, load<f32>(areas + region))
    store<f32>(probabilities + <usize>pixel * 4, Mathf.exp((-length * length) / (variance * area)))
  }
  return probabilities
}

function add(sum: usize, value: f32): void {
  store<f32>(sum, load<f32>(sum) + value)
}
