import type { Box } from '../image/geometry.js'
import { srgbLevels, toLight } from '../image/linear-light.js'
import { cropPixels, type Pixels } from '../image/pixels.js'
import type { Rect } from './stages.js'

/** Lobes of the kernel. */
const LOBES = 3

/** Positions and sizes that differ by less are the same, in pixels: sums of fractions are not exact. */
const TOLERANCE = 1e-4

/** The samples that one position is mixed of. */
type Taps = { readonly start: Int32Array; readonly weights: readonly Float32Array[] }

/**
 * A part of a picture that is placed on a canvas, in the pixels of the canvas: Lanczos resampling (3 lobes) of its light, once, at any
 * scale and offset. Where each pixel of the picture is exactly one of the canvas, nothing is resampled.
 *
 * @param rect where the whole picture is on the canvas; beyond its edges they are repeated
 * @param box the part that is wanted, in pixels of the canvas
 */
export function resampleBox(picture: Pixels, rect: Rect, box: Box): Pixels {
  const exact = exactPart(picture, rect, box)
  if (exact)
    return exact.width === picture.width && exact.height === picture.height ? picture : cropPixels(picture, exact)
  const columns = tapsOf(picture.width, rect.x, rect.width, box.x, box.width)
  const rows = tapsOf(picture.height, rect.y, rect.height, box.y, box.height)
  const levels = srgbLevels()
  const data = new Uint8Array(box.width * box.height * 3)
  const lines = new Map<number, Float32Array>()
  const sums = new Float32Array(box.width * 3)
  for (let y = 0; y < box.height; y++) {
    const first = rows.start[y]!
    for (const row of lines.keys()) if (row < first) lines.delete(row)
    sums.fill(0.5)
    for (const [tap, weight] of rows.weights[y]!.entries()) {
      const row = Math.min(picture.height - 1, Math.max(0, first + tap))
      const line = lines.get(row) ?? resampleRow(picture, row, columns)
      lines.set(row, line)
      for (let at = 0; at < sums.length; at++) sums[at]! += line[at]! * weight
    }
    const to = y * sums.length
    for (let at = 0; at < sums.length; at++) data[to + at] = levels[Math.min(65535, Math.max(0, sums[at]!)) | 0]!
  }
  return { width: box.width, height: box.height, data }
}

/** The part of the picture that is at `box`, pixel by pixel; undefined where pixels would be mixed, or are outside the picture. */
function exactPart({ width, height }: Pixels, rect: Rect, box: Box): Box | undefined {
  const x = box.x - rect.x
  const y = box.y - rect.y
  const isNear = (one: number, other: number) => Math.abs(one - other) < TOLERANCE
  if (!isNear(rect.width, width) || !isNear(rect.height, height)) return undefined
  if (!isNear(x, Math.round(x)) || !isNear(y, Math.round(y))) return undefined
  const part = { x: Math.round(x), y: Math.round(y), width: box.width, height: box.height }
  const isWithin = part.x >= 0 && part.y >= 0 && part.x + part.width <= width && part.y + part.height <= height
  return isWithin ? part : undefined
}

/** The light of one row at all columns. */
function resampleRow({ width, data }: Pixels, row: number, { start, weights }: Taps): Float32Array {
  const light = toLight(data.subarray(row * width * 3, (row + 1) * width * 3))
  const line = new Float32Array(start.length * 3)
  for (let x = 0; x < start.length; x++) {
    const [first, taps] = [start[x]!, weights[x]!]
    let [red, green, blue] = [0, 0, 0]
    for (let tap = 0; tap < taps.length; tap++) {
      const from = Math.min(width - 1, Math.max(0, first + tap)) * 3
      const weight = taps[tap]!
      red += light[from]! * weight
      green += light[from + 1]! * weight
      blue += light[from + 2]! * weight
    }
    line[x * 3] = red
    line[x * 3 + 1] = green
    line[x * 3 + 2] = blue
  }
  return line
}

/** @param from where the picture of `length` samples begins, on an axis on which it is `extent` long */
function tapsOf(length: number, from: number, extent: number, start: number, count: number): Taps {
  const scale = length / extent
  const stretch = Math.max(1, scale)
  const first = new Int32Array(count)
  const weights = Array.from({ length: count }, (_, at) => {
    const centre = (start + at + 0.5 - from) * scale - 0.5
    first[at] = Math.ceil(centre - LOBES * stretch)
    const taps = Math.floor(centre + LOBES * stretch) - first[at]! + 1
    const values = Float32Array.from({ length: taps }, (_, tap) => lanczos((first[at]! + tap - centre) / stretch))
    const sum = values.reduce((total, value) => total + value, 0)
    return values.map(value => value / sum)
  })
  return { start: first, weights }
}

function lanczos(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const angle = Math.PI * x
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / angle ** 2
}
