import type { Extent } from '../../../image/geometry.js'
import type { Pixels } from '../../../image/pixels.js'

/** Levels of 8 bits as −1 to 1. */
const LEVELS = Float32Array.from({ length: 256 }, (_, level) => level / 127.5 - 1)

/** Pixels as planes of shape [3, height, width], −1 to 1. */
export function pixelsToPlanes({ width, height, data }: Pixels): Float32Array {
  const area = width * height
  const planes = new Float32Array(area * 3)
  for (let at = 0; at < area; at++) {
    planes[at] = LEVELS[data[at * 3]!]!
    planes[area + at] = LEVELS[data[at * 3 + 1]!]!
    planes[2 * area + at] = LEVELS[data[at * 3 + 2]!]!
  }
  return planes
}

/** Planes of shape [3, height, width], −1 to 1, as pixels. Values beyond are clamped. */
export function planesToPixels(planes: Float32Array, { width, height }: Extent): Pixels {
  const area = width * height
  const data = new Uint8Array(area * 3)
  for (let at = 0; at < area; at++) {
    data[at * 3] = toLevel(planes[at]!)
    data[at * 3 + 1] = toLevel(planes[area + at]!)
    data[at * 3 + 2] = toLevel(planes[2 * area + at]!)
  }
  return { width, height, data }
}

/** The array rounds towards 0. */
function toLevel(value: number): number {
  const level = (value + 1) * 127.5
  return level < 0 ? 0 : level > 255 ? 255 : level + 0.5
}

/** Whether all values are numbers. A plain loop: pictures have millions of values. */
export function areFinite(planes: Float32Array): boolean {
  let sum = 0
  // Infinity − Infinity is not a number.
  for (let at = 0; at < planes.length; at++) sum += planes[at]! - planes[at]!
  return sum === 0
}
