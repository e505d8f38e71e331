import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { Mask, Pixels } from '../../src/inference/image/pixels.js'
import { type Rows, randomPatches } from './patches.js'
import { flagsOf, invert, planeOf } from './planes.js'

/** The number of patches of each side to choose from, and the number of those whose nearest neighbour is searched. */
const POOL = 24_000
const QUERIES = 2_500

/** Patches are compared by their first principal components. */
const COMPONENTS = 24
const PCA_SAMPLE = 6_000

const SEED = 12345

/**
 * Bidirectional similarity (Simakov et al. 2008) between the painted and the known part, as a root mean square
 * difference in grey levels; lower is better. Coherence: the mean distance of a painted patch to its nearest known one.
 * Completeness: the mean distance of a known patch to its nearest painted one. NaN if one part has no whole patch.
 *
 * @param share of the patches that are compared, above 0, to 1: fewer take less time and scatter more
 * @returns scores a picture of the truth's size
 */
export function bidirectionalSimilarity(
  truth: Pixels,
  mask: Mask,
  share = 1,
): (painted: Pixels) => { coherence: number; completeness: number } {
  const paintedFlags = flagsOf(mask)
  const known = randomPatches(planeOf(truth), invert(paintedFlags), POOL * share, SEED)
  const { mean, basis } = principalComponents(known)
  const knownPoints = project(known, mean, basis)
  const byValue = Math.sqrt(known.length)
  return painted => {
    const filled = randomPatches(planeOf(painted), paintedFlags, POOL * share, SEED)
    if (known.count === 0 || filled.count === 0) return { coherence: Number.NaN, completeness: Number.NaN }
    const filledPoints = project(filled, mean, basis)
    return {
      coherence: meanNearestDistance(filledPoints, knownPoints, QUERIES * share) / byValue,
      completeness: meanNearestDistance(knownPoints, filledPoints, QUERIES * share) / byValue,
    }
  }
}

/** The mean of all rows, and the directions of the largest variance of some of them, one after the other. */
function principalComponents({ count, length, data }: Rows): { mean: Float64Array; basis: Float32Array[] } {
  const mean = new Float64Array(length)
  for (let at = 0; at < count * length; at++) mean[at % length]! += data[at]! / count
  const covariance = Array.from({ length }, () => new Float64Array(length))
  const used = Math.min(count, PCA_SAMPLE)
  const centred = new Float64Array(length)
  for (let row = 0; row < used; row++) {
    for (let at = 0; at < length; at++) centred[at] = data[row * length + at]! - mean[at]!
    for (const [one, line] of covariance.entries()) {
      const value = centred[one]! / used
      for (let other = 0; other < length; other++) line[other]! += value * centred[other]!
    }
  }
  // Ascending by eigenvalue.
  const { eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(covariance.map(line => [...line])), {
    assumeSymmetric: true,
  })
  const basis = Array.from({ length: COMPONENTS }, (_, index) =>
    Float32Array.from(eigenvectorMatrix.getColumn(length - 1 - index)),
  )
  return { mean, basis }
}

function project({ count, length, data }: Rows, mean: Float64Array, basis: readonly Float32Array[]): Rows {
  const projected = new Float32Array(count * basis.length)
  for (let row = 0; row < count; row++) {
    for (const [index, direction] of basis.entries()) {
      let sum = 0
      for (let at = 0; at < length; at++) sum += (data[row * length + at]! - mean[at]!) * direction[at]!
      projected[row * basis.length + index] = sum
    }
  }
  return { count, length: basis.length, data: projected }
}

/** The mean Euclidean distance of the first rows to the nearest of the others. */
function meanNearestDistance(from: Rows, to: Rows, most: number): number {
  const count = Math.min(from.count, Math.ceil(most))
  let total = 0
  for (let row = 0; row < count; row++) {
    const query = from.data.subarray(row * from.length, (row + 1) * from.length)
    let nearest = Number.POSITIVE_INFINITY
    for (let other = 0; other < to.count; other++) {
      const start = other * to.length
      let sum = 0
      // The first components have most of the variance, so that most rows are ruled out early.
      for (let at = 0; at < to.length && sum < nearest; at++) {
        const difference = query[at]! - to.data[start + at]!
        sum += difference * difference
      }
      if (sum < nearest) nearest = sum
    }
    total += Math.sqrt(nearest)
  }
  return total / count
}
