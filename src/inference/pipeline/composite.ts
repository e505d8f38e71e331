import { KEEP, type Pixels } from '../image/pixels.js'
import type { Canvas } from './canvas.js'

/** What an engine painted under the mask, and the canvas byte for byte everywhere else. */
export function composite({ pixels, mask }: Canvas, painted: Pixels): Pixels {
  if (painted.width !== pixels.width || painted.height !== pixels.height) {
    throw new RangeError(`an engine painted ${painted.width}×${painted.height} on ${pixels.width}×${pixels.height}`)
  }
  const data = painted.data.slice()
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== KEEP) continue
    data[at * 3] = pixels.data[at * 3]!
    data[at * 3 + 1] = pixels.data[at * 3 + 1]!
    data[at * 3 + 2] = pixels.data[at * 3 + 2]!
  }
  return { width: pixels.width, height: pixels.height, data }
}
