import type { Box } from '../image/geometry.js'
import { countPainted, KEEP, type Mask, PAINT, type SoftMask } from '../image/pixels.js'

/** The squared distance where no pixel has the value. */
const INFINITE = 1e12

/** Painted pixels are kept, and kept ones painted. */
export function invertMask(mask: SoftMask): SoftMask {
  return { ...mask, data: mask.data.map(value => PAINT - value) }
}

/** The painted pixels, and all within `radius` pixels of one (Euclidean). */
export function dilate(mask: Mask, radius: number): Mask {
  const squared = squaredDistanceTransform(mask, PAINT)
  return { ...mask, data: mask.data.map((_, at) => (squared[at]! <= radius * radius ? PAINT : KEEP)) }
}

/** The painted pixels with no kept pixel within `radius` pixels (Euclidean). The picture's edge does not erode. */
export function erode(mask: Mask, radius: number): Mask {
  const squared = squaredDistanceTransform(mask, KEEP)
  return { ...mask, data: mask.data.map((_, at) => (squared[at]! > radius * radius ? PAINT : KEEP)) }
}

/** Morphological closing: gaps up to twice as wide as `radius` are painted. No painted pixel is lost. */
export function close(mask: Mask, radius: number): Mask {
  const closed = erode(dilate(mask, radius), radius)
  return { ...mask, data: closed.data.map((value, at) => (mask.data[at] === PAINT ? PAINT : value)) }
}

/** The share of painted pixels, from 0 to 1. */
export function paintedShare(mask: Mask): number {
  return countPainted(mask) / mask.data.length
}

/** The bounding box of the painted pixels; undefined if there are none. */
export function maskBounds({ width, height, data }: Mask): Box | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width)
    const first = row.indexOf(PAINT)
    if (first < 0) continue
    left = Math.min(left, first)
    right = Math.max(right, row.lastIndexOf(PAINT))
    top = Math.min(top, y)
    bottom = y
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

/** Without painted components, and holes in them, of fewer than `minPixels` pixels (4-connectivity). */
export function removeSmallComponents(mask: Mask, minPixels: number): Mask {
  const isLarge = ({ size }: Component) => size >= minPixels
  return filterComponents(filterComponents(mask, PAINT, isLarge), KEEP, isLarge)
}

/** Enclosed areas of at most `maxPixels` pixels are painted: a lasso means its inside. */
export function fillHoles(mask: Mask, maxPixels: number): Mask {
  return filterComponents(mask, KEEP, ({ size, touchesEdge }) => touchesEdge || size > maxPixels)
}

/** A 4-connected component: its pixels, and whether it touches the picture's edge. */
type Component = { readonly size: number; readonly touchesEdge: boolean }

/** Components of `value` that do not pass the test get the other value. */
function filterComponents(
  mask: Mask,
  value: typeof PAINT | typeof KEEP,
  passes: (component: Component) => boolean,
): Mask {
  const { width, height } = mask
  const instead = value === PAINT ? KEEP : PAINT
  const { starts, ends, components } = connectedRuns(mask, value, instead)
  const found = new Map<number, { size: number; touchesEdge: boolean }>()
  for (const [run, component] of components.entries()) {
    const [start, end] = [starts[run]!, ends[run]!]
    const isAtEdge = start < width || end > width * (height - 1) || start % width === 0 || end % width === 0
    const { size, touchesEdge } = found.get(component) ?? { size: 0, touchesEdge: false }
    found.set(component, { size: size + end - start, touchesEdge: touchesEdge || isAtEdge })
  }
  const kept = new Set([...found].flatMap(([component, one]) => (passes(one) ? [component] : [])))
  const data = mask.data.slice()
  for (const [run, component] of components.entries()) {
    if (!kept.has(component)) data.fill(instead, starts[run], ends[run])
  }
  return { ...mask, data }
}

/** Horizontal runs of pixels: the indices of the first pixel and of the one after the last, and a number for each run's component. */
type Runs = {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly components: readonly number[]
}

/** The runs of `value`, joined where they touch in neighbouring rows: a union-find over runs instead of pixels. */
function connectedRuns({ width, height, data }: Mask, value: number, other: number): Runs {
  const starts: number[] = []
  const ends: number[] = []
  /** A run of the same component; roots have themselves. */
  const parents: number[] = []
  const rootOf = (run: number): number => {
    let root = run
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!
    return root
  }
  /** The first run of the row above that may touch the next one. */
  let above = 0
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width)
    const first = starts.length
    for (let from = row.indexOf(value); from >= 0; ) {
      const next = row.indexOf(other, from)
      const to = next < 0 ? width : next
      const run = starts.length
      starts.push(y * width + from)
      ends.push(y * width + to)
      parents.push(run)
      while (above < first && ends[above]! + width <= starts[run]!) above++
      for (let one = above; one < first && starts[one]! + width < ends[run]!; one++) parents[rootOf(one)] = rootOf(run)
      from = next < 0 ? -1 : row.indexOf(value, to)
    }
    above = first
  }
  return { starts, ends, components: parents.map((_, run) => rootOf(run)) }
}

/**
 * The square of each pixel's distance to the nearest pixel of `value`, in pixels²; 1e12 where there is none.
 * Felzenszwalb & Huttenlocher, Distance Transforms of Sampled Functions (2012).
 */
export function squaredDistanceTransform(mask: Mask, value: typeof PAINT | typeof KEEP): Float64Array {
  const { width, height } = mask
  const squared = squaredDistancesInColumns(mask, value)
  const scratch = { from: new Float64Array(width), at: new Int32Array(width), border: new Float64Array(width + 1) }
  for (let y = 0; y < height; y++) transformRow(squared, y * width, width, scratch)
  return squared
}

/** As {@link squaredDistanceTransform}, within each column. Row by row: the values of a column are far apart in memory. */
function squaredDistancesInColumns({ width, height, data }: Mask, value: typeof PAINT | typeof KEEP): Float64Array {
  const squared = new Float64Array(data.length)
  const distances = new Float64Array(width).fill(Number.POSITIVE_INFINITY)
  for (let at = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      distances[x] = data[at] === value ? 0 : distances[x]! + 1
      squared[at] = distances[x]!
    }
  }
  distances.fill(Number.POSITIVE_INFINITY)
  for (let y = height - 1; y >= 0; y--) {
    for (let at = y * width, x = 0; x < width; x++, at++) {
      const distance = Math.min(squared[at]!, distances[x]! + 1)
      distances[x] = distance
      squared[at] = Math.min(INFINITE, distance * distance)
    }
  }
  return squared
}

/** One row, in place: the lower envelope of a parabola over each of its values. */
function transformRow(
  values: Float64Array,
  start: number,
  length: number,
  { from, at, border }: { from: Float64Array; at: Int32Array; border: Float64Array },
): void {
  from.set(values.subarray(start, start + length))
  let last = 0
  at[0] = 0
  border[0] = Number.NEGATIVE_INFINITY
  border[1] = Number.POSITIVE_INFINITY
  const meets = (one: number, other: number) =>
    (from[one]! + one * one - (from[other]! + other * other)) / (2 * one - 2 * other)
  for (let i = 1; i < length; i++) {
    let crossing = meets(i, at[last]!)
    while (crossing <= border[last]!) {
      last--
      crossing = meets(i, at[last]!)
    }
    last++
    at[last] = i
    border[last] = crossing
    border[last + 1] = Number.POSITIVE_INFINITY
  }
  for (let i = 0, k = 0; i < length; i++) {
    while (border[k + 1]! < i) k++
    const nearest = at[k]!
    values[start + i] = (i - nearest) ** 2 + from[nearest]!
  }
}
