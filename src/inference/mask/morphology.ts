import type { Box } from '../image/geometry.js'
import { countPainted, KEEP, type Mask, PAINT } from '../image/pixels.js'

const FAR = 1e12

/** What was to be painted is kept, and the other way round. */
export function invertMask(mask: Mask): Mask {
  return { ...mask, data: mask.data.map(value => (value === PAINT ? KEEP : PAINT)) }
}

/** What is marked, and all within `radius` pixels of it. */
export function dilate(mask: Mask, radius: number): Mask {
  const far = squaredDistanceTransform(mask, PAINT)
  return { ...mask, data: mask.data.map((_, at) => (far[at]! <= radius * radius ? PAINT : KEEP)) }
}

/** What is marked, without all that has something unmarked within `radius` pixels; the picture's edge is no border. */
export function erode(mask: Mask, radius: number): Mask {
  const far = squaredDistanceTransform(mask, KEEP)
  return { ...mask, data: mask.data.map((_, at) => (far[at]! > radius * radius ? PAINT : KEEP)) }
}

/** Gaps up to twice as wide as `radius` are closed. */
export function close(mask: Mask, radius: number): Mask {
  const wide = erode(dilate(mask, radius), radius)
  return { ...mask, data: wide.data.map((value, at) => (mask.data[at] === PAINT ? PAINT : value)) }
}

/** From 0 to 1. */
export function paintedShare(mask: Mask): number {
  return countPainted(mask) / mask.data.length
}

/** The smallest box around what is marked; undefined if nothing is. */
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

/** Without marked pieces, and holes in them, of fewer pixels than `least`; pieces hang together by their sides. */
export function removeSmallComponents(mask: Mask, least: number): Mask {
  return keepPieces(
    keepPieces(mask, PAINT, piece => piece.size >= least),
    KEEP,
    piece => piece.size >= least,
  )
}

/** What is enclosed by what is marked is marked as well, if it has at most `most` pixels: a lasso means what is inside. */
export function fillHoles(mask: Mask, most: number): Mask {
  return keepPieces(mask, KEEP, piece => piece.atEdge || piece.size > most)
}

type Piece = { readonly size: number; readonly atEdge: boolean }

/** Pieces of `value` that are not to be kept get the other value. */
function keepPieces(mask: Mask, value: typeof PAINT | typeof KEEP, keep: (piece: Piece) => boolean): Mask {
  const { width, height } = mask
  const data = mask.data.slice()
  const seen = new Uint8Array(data.length)
  const piece: number[] = []
  for (let start = 0; start < data.length; start++) {
    if (seen[start] || mask.data[start] !== value) continue
    piece.length = 0
    piece.push(start)
    seen[start] = 1
    let atEdge = false
    for (let next = 0; next < piece.length; next++) {
      const at = piece[next]!
      const x = at % width
      const y = (at - x) / width
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) atEdge = true
      const beside = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]
      for (const other of beside) {
        if (other < 0 || other >= data.length || seen[other] || mask.data[other] !== value) continue
        seen[other] = 1
        piece.push(other)
      }
    }
    if (keep({ size: piece.length, atEdge })) continue
    const instead = value === PAINT ? KEEP : PAINT
    for (const at of piece) data[at] = instead
  }
  return { ...mask, data }
}

/**
 * The square of each pixel's distance to the nearest pixel of `value`, in pixels; very large where there is none.
 * Felzenszwalb & Huttenlocher, Distance Transforms of Sampled Functions (2012).
 */
export function squaredDistanceTransform(
  { width, height, data }: Mask,
  value: typeof PAINT | typeof KEEP,
): Float64Array {
  const far = new Float64Array(data.length)
  for (let at = 0; at < data.length; at++) far[at] = data[at] === value ? 0 : FAR
  const longest = Math.max(width, height)
  const scratch = {
    from: new Float64Array(longest),
    at: new Int32Array(longest),
    border: new Float64Array(longest + 1),
  }
  for (let x = 0; x < width; x++) transform(far, x, width, height, scratch)
  for (let y = 0; y < height; y++) transform(far, y * width, 1, width, scratch)
  return far
}

/** One line: the lower envelope of a parabola over each of its values. */
function transform(
  values: Float64Array,
  start: number,
  step: number,
  length: number,
  { from, at, border }: { from: Float64Array; at: Int32Array; border: Float64Array },
): void {
  for (let i = 0; i < length; i++) from[i] = values[start + i * step]!
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
    values[start + i * step] = (i - nearest) ** 2 + from[nearest]!
  }
}
