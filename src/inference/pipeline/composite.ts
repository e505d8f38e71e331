import { KEEP, PAINT, type Pixels } from '../image/pixels.js'
import type { Canvas } from './canvas.js'

/** What an engine painted under the mask, and the canvas byte for byte everywhere else. */
export function composite({ pixels, mask }: Canvas, painted: Pixels): Pixels {
  if (painted.width !== pixels.width || painted.height !== pixels.height) {
    throw new RangeError(`an engine painted ${painted.width}×${painted.height} on ${pixels.width}×${pixels.height}`)
  }
  const data = painted.data.slice()
  // Kept pixels are copied in runs: most of them are next to each other.
  for (let start = mask.data.indexOf(KEEP); start >= 0; ) {
    const next = mask.data.indexOf(PAINT, start)
    const end = next < 0 ? mask.data.length : next
    data.set(pixels.data.subarray(start * 3, end * 3), start * 3)
    start = mask.data.indexOf(KEEP, end)
  }
  return { width: pixels.width, height: pixels.height, data }
}
