import { KEEP, type Pixels } from '../image/pixels.js'
import type { Canvas } from './canvas.js'

/** What an engine painted where the mask asks for it, and the canvas byte for byte everywhere else. */
export function composite({ pixels, mask }: Canvas, paintedOver: Pixels): Pixels {
  if (paintedOver.width !== pixels.width || paintedOver.height !== pixels.height) {
    throw new RangeError(
      `an engine painted ${paintedOver.width}×${paintedOver.height} on ${pixels.width}×${pixels.height}`,
    )
  }
  const data = paintedOver.data.slice()
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] !== KEEP) continue
    data[at * 3] = pixels.data[at * 3]!
    data[at * 3 + 1] = pixels.data[at * 3 + 1]!
    data[at * 3 + 2] = pixels.data[at * 3 + 2]!
  }
  return { width: pixels.width, height: pixels.height, data }
}
