import type { Mask, Pixels } from '../../src/inference/image/pixels.js'
import { createRandom } from '../../src/inference/random.js'
import { type Rows, randomPatches } from './patches.js'
import { type Flags, flagsOf, halve, laplacian, type Plane, planeOf } from './planes.js'

const LEVELS = 3
const MOST_PATCHES = 6_000
const PROJECTIONS = 96
const SEED = 12345

/** Fewer patches say nothing about a distribution. */
const LEAST_PATCHES = 50

/**
 * The sliced Wasserstein distance between the patches of the painted part and those of the truth in the same place, as
 * Karras et al. 2018 judge generated pictures: by level of a Laplacian pyramid, normalized by the truth's mean and
 * contrast, averaged over the levels. 0 is best.
 *
 * @param share of the projections that are compared, above 0, to 1: fewer take less time and scatter more
 * @returns scores a picture of the truth's size
 */
export function slicedWassersteinDistance(truth: Pixels, mask: Mask, share = 1): (painted: Pixels) => number {
  const flags = flagsOf(mask)
  const reference = patchesByLevel(truth, flags).map(patches => {
    const contrast = contrastOf(patches)
    normalize(patches, contrast)
    return { contrast, projections: sortedProjections(patches, share) }
  })
  return painted => {
    const distances = patchesByLevel(painted, flags).map((patches, level) => {
      const { contrast, projections } = reference[level]!
      normalize(patches, contrast)
      return meanDifference(sortedProjections(patches, share), projections)
    })
    return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
  }
}

/** Patches of the masked part, on each level of the picture's Laplacian pyramid that has enough of them. */
function patchesByLevel(pixels: Pixels, flags: Flags): Rows[] {
  let [plane, allowed]: [Plane, Flags] = [planeOf(pixels), flags]
  const levels: Rows[] = []
  for (let level = 0; level < LEVELS; level++) {
    const half = halve(plane)
    const patches = randomPatches(level < LEVELS - 1 ? laplacian(plane, half) : plane, allowed, MOST_PATCHES, SEED)
    if (patches.count < LEAST_PATCHES) break
    levels.push(patches)
    plane = half
    allowed = halveFlags(allowed)
  }
  return levels
}

interface Contrast {
  readonly mean: number
  readonly deviation: number
}

/** The mean and the standard deviation by channel, the latter plus a grey level so that flat areas don't divide by 0. */
function contrastOf({ data }: Rows): Contrast[] {
  return [0, 1, 2].map(channel => {
    let [sum, squares] = [0, 0]
    for (let at = channel; at < data.length; at += 3) {
      sum += data[at]!
      squares += data[at]! ** 2
    }
    const mean = (sum * 3) / data.length
    return { mean, deviation: Math.sqrt(Math.max(0, (squares * 3) / data.length - mean * mean)) + 1 }
  })
}

function normalize({ data }: Rows, contrast: readonly Contrast[]): void {
  for (const [channel, { mean, deviation }] of contrast.entries()) {
    for (let at = channel; at < data.length; at += 3) data[at] = (data[at]! - mean) / deviation
  }
}

/** The lengths of all rows along random directions, ascending for each direction. */
function sortedProjections(rows: Rows, share: number): Float32Array[] {
  const random = createRandom(7)
  return Array.from({ length: Math.ceil(PROJECTIONS * share) }, () =>
    projected(rows, randomDirection(rows.length, random)),
  )
}

function meanDifference(one: readonly Float32Array[], other: readonly Float32Array[]): number {
  let total = 0
  for (const [projection, lengths] of one.entries()) {
    let sum = 0
    for (let at = 0; at < lengths.length; at++) sum += Math.abs(lengths[at]! - other[projection]![at]!)
    total += sum / lengths.length
  }
  return total / one.length
}

/** A unit vector, all directions equally likely: normal deviates by Box and Muller 1958. */
function randomDirection(length: number, random: () => number): Float32Array {
  const values = Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
  const norm = Math.hypot(...values)
  return Float32Array.from(values, value => value / norm)
}

/** The lengths of all rows along a direction, ascending. */
function projected({ count, length, data }: Rows, direction: Float32Array): Float32Array {
  const lengths = new Float32Array(count)
  for (let row = 0; row < count; row++) {
    let sum = 0
    for (let at = 0; at < length; at++) sum += data[row * length + at]! * direction[at]!
    lengths[row] = sum
  }
  return lengths.sort()
}

/** A pixel of the half is set if any of the pixels that it stands for is. */
function halveFlags({ width, height, data }: Flags): Flags {
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 }
  const flags = new Uint8Array(half.width * half.height)
  for (let at = 0; at < data.length; at++) {
    if (data[at]) flags[(Math.floor(at / width) >> 1) * half.width + ((at % width) >> 1)] = 1
  }
  return { ...half, data: flags }
}
