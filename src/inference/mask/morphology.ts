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
  const data = mask.data.slice()
  const visited = new Uint8Array(data.length)
  const pixels = new Int32Array(data.length)
  let size = 0
  const visit = (at: number) => {
    if (visited[at] || mask.data[at] !== value) return
    visited[at] = 1
    pixels[size++] = at
  }
  for (let start = 0; start < data.length; start++) {
    size = 0
    visit(start)
    if (size === 0) continue
    let touchesEdge = false
    for (let next = 0; next < size; next++) {
      const at = pixels[next]!
      const x = at % width
      const y = (at - x) / width
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) touchesEdge = true
      if (x > 0) visit(at - 1)
      if (x < width - 1) visit(at + 1)
      if (y > 0) visit(at - width)
      if (y < height - 1) visit(at + width)
    }
    if (passes({ size, touchesEdge })) continue
    const instead = value === PAINT ? KEEP : PAINT
    for (let index = 0; index < size; index++) data[pixels[index]!] = instead
  }
  return { ...mask, data }
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
