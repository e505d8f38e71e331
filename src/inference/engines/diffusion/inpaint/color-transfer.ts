import { type Matrix3, multiply, type Oklab, type OklabTransform, transform } from '../../../image/oklab.js'

/** The mean color on both sides of a place on the border, and how much it counts. */
export type BorderPair = { readonly painted: Oklab; readonly known: Oklab; readonly weight: number }

/** Pairs farther from the common difference than this are another content, in Oklab. */
const MAX_RESIDUAL = 0.1

/** A larger common difference is another content, in Oklab: about 40 levels of grey. */
const MAX_TINT = 0.16

/** At least this share of the border has to have the tint: more of it for a large tint, which is rather another content. */
const MIN_CONSISTENT_SHARE = { smallTint: 0.35, largestTint: 0.65 } as const

/** A tint is more than chance from this many standard errors on, and seen from this difference on, in Oklab. These limits are tuned on 14 photos. */
const SIGNIFICANCE = { standardErrors: 4, least: 0.004 } as const

/** Differences smaller than this say nothing of the contrast, as a standard deviation in Oklab. */
const CONTRAST_NOISE = 0.03

/** How far the contrast may be changed, as a factor. */
const MAX_CONTRAST_CHANGE = 1.25

/**
 * The transform that gives the painted side of a border the mean and covariance of the known side (Pitié and Kokaram 2007,
 * "The linear Monge-Kantorovitch linear colour mapping"). Where the picture shows another thing on the two sides,
 * the pair does not count (Tukey's biweight).
 *
 * @returns undefined if there is no tint: the sides do not differ in common, or not more than chance
 */
export function borderTransform(pairs: readonly BorderPair[]): OklabTransform | undefined {
  const weights = consistentWeights(pairs)
  if (!weights) return undefined
  const [painted, known] = [
    moments(
      pairs.map(pair => pair.painted),
      weights,
    ),
    moments(
      pairs.map(pair => pair.known),
      weights,
    ),
  ]
  const matrix = limitContrast(mongeKantorovich(painted.covariance, known.covariance))
  const moved = transform(matrix, painted.mean)
  const offset: Oklab = [known.mean[0] - moved[0], known.mean[1] - moved[1], known.mean[2] - moved[2]]
  return { matrix, offset }
}

/** How much each pair counts; undefined where the pairs have no significant difference in common. */
function consistentWeights(pairs: readonly BorderPair[]): number[] | undefined {
  if (pairs.length < 4) return undefined
  const differences = pairs.map(({ painted, known }): Oklab => subtract(known, painted))
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0)
  const middle = (axis: 0 | 1 | 2) => median(differences.map(one => one[axis]))
  let tint: Oklab = [middle(0), middle(1), middle(2)]
  let weights: number[] = []
  for (let iteration = 0; iteration < 10; iteration++) {
    weights = differences.map((one, index) => {
      const residual = Math.hypot(...subtract(one, tint)) / MAX_RESIDUAL
      return residual < 1 ? pairs[index]!.weight * (1 - residual * residual) ** 2 : 0
    })
    const { smallTint, largestTint } = MIN_CONSISTENT_SHARE
    const needed = smallTint + (largestTint - smallTint) * Math.min(1, Math.hypot(...tint) / MAX_TINT)
    if (weights.reduce((sum, weight) => sum + weight, 0) < needed * total) return undefined
    tint = moments(differences, weights).mean
  }
  const { covariance } = moments(differences, weights)
  const variance = covariance[0][0] + covariance[1][1] + covariance[2][2]
  const sum = weights.reduce((one, weight) => one + weight, 0)
  const squares = weights.reduce((one, weight) => one + weight ** 2, 0)
  const standardError = Math.sqrt((variance * squares) / sum ** 2)
  const size = Math.hypot(...tint)
  const isSeen = size > Math.max(SIGNIFICANCE.least, SIGNIFICANCE.standardErrors * standardError)
  return isSeen && size <= MAX_TINT ? weights : undefined
}

type Moments = { readonly mean: Oklab; readonly covariance: Matrix3 }

function moments(colors: readonly Oklab[], weights: readonly number[]): Moments {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const average = (value: (color: Oklab) => number) =>
    colors.reduce((sum, color, index) => sum + (weights[index]! / total) * value(color), 0)
  const centre: Oklab = [average(color => color[0]), average(color => color[1]), average(color => color[2])]
  const covariance = mapCells(IDENTITY, (_, row, column) =>
    average(color => (color[row]! - centre[row]!) * (color[column]! - centre[column]!)),
  )
  return { mean: centre, covariance }
}

/** Σp^(−1/2) · (Σp^(1/2) · Σk · Σp^(1/2))^(1/2) · Σp^(−1/2): the symmetric matrix that turns one covariance into the other. */
function mongeKantorovich(painted: Matrix3, known: Matrix3): Matrix3 {
  const [from, to] = [painted, known].map(covariance => plusIdentity(covariance, CONTRAST_NOISE ** 2)) as [
    Matrix3,
    Matrix3,
  ]
  const { root, inverseRoot } = squareRoot(from)
  const inner = squareRoot(multiply(root, multiply(to, root))).root
  return multiply(inverseRoot, multiply(inner, inverseRoot))
}

/** The square root of a positive definite matrix and its inverse (Denman and Beavers 1976). */
function squareRoot(matrix: Matrix3): { root: Matrix3; inverseRoot: Matrix3 } {
  // Scaled to a trace of 3 it converges in a few iterations.
  const scale = 3 / (matrix[0][0] + matrix[1][1] + matrix[2][2])
  let root = scaled(matrix, scale)
  let inverseRoot = IDENTITY
  for (let iteration = 0; iteration < 20; iteration++) {
    const [rootInverse, inverseRootInverse] = [invert(root), invert(inverseRoot)]
    root = mean(root, inverseRootInverse)
    inverseRoot = mean(inverseRoot, rootInverse)
  }
  return { root: scaled(root, scale ** -0.5), inverseRoot: scaled(inverseRoot, scale ** 0.5) }
}

/** The matrix, nearer to the identity if it would change the contrast too much. */
function limitContrast(matrix: Matrix3): Matrix3 {
  const change = mapCells(matrix, (value, row, column) => value - (row === column ? 1 : 0))
  const size = Math.sqrt(change.flat().reduce((sum, value) => sum + value * value, 0))
  const limit = MAX_CONTRAST_CHANGE - 1
  return size <= limit ? matrix : plusIdentity(scaled(change, limit / size), 1)
}

const IDENTITY: Matrix3 = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

function mapCells(matrix: Matrix3, cell: (value: number, row: number, column: number) => number): Matrix3 {
  const [first, second, third] = matrix.map((row, index) => {
    const [x, y, z] = row
    return [cell(x, index, 0), cell(y, index, 1), cell(z, index, 2)] as const
  })
  return [first!, second!, third!]
}

const scaled = (matrix: Matrix3, factor: number) => mapCells(matrix, value => value * factor)
const plusIdentity = (matrix: Matrix3, factor: number) =>
  mapCells(matrix, (value, row, column) => value + (row === column ? factor : 0))
const mean = (one: Matrix3, other: Matrix3) => mapCells(one, (value, row, column) => (value + other[row]![column]!) / 2)

/** By cofactors. */
function invert(matrix: Matrix3): Matrix3 {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix
  const cofactors: Matrix3 = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ]
  const determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
  return scaled(cofactors, 1 / determinant)
}

function subtract(one: Oklab, other: Oklab): Oklab {
  return [one[0] - other[0], one[1] - other[1], one[2] - other[2]]
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1]!
}
