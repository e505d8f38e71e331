import { maskBounds } from '../mask/morphology.js'
import type { Canvas } from '../pipeline/canvas.js'
import type { Box } from './geometry.js'
import { cropMask, cropPixels, type Mask, type Pixels } from './pixels.js'

/** The bounding box of the painted pixels with `padding` pixels on each side, as far as the picture goes; undefined if none is painted. */
export function paddedBounds(mask: Mask, padding: number): Box | undefined {
  const box = maskBounds(mask)
  if (!box) return undefined
  const x = Math.max(0, box.x - padding)
  const y = Math.max(0, box.y - padding)
  const right = Math.min(mask.width, box.x + box.width + padding)
  const bottom = Math.min(mask.height, box.y + box.height + padding)
  return { x, y, width: right - x, height: bottom - y }
}

/** The part of a canvas in `box`, as a separate canvas; all of it counts as the old picture. */
export function cropCanvas({ pixels, mask }: Canvas, box: Box): Canvas {
  const { width, height } = box
  return { pixels: cropPixels(pixels, box), mask: cropMask(mask, box), old: { x: 0, y: 0, width, height } }
}

/** A copy of `pixels` with `patch` in the place of `box`. */
export function paste(pixels: Pixels, patch: Pixels, box: Box): Pixels {
  const data = pixels.data.slice()
  for (let row = 0; row < box.height; row++) {
    const line = patch.data.subarray(row * box.width * 3, (row + 1) * box.width * 3)
    data.set(line, ((box.y + row) * pixels.width + box.x) * 3)
  }
  return { ...pixels, data }
}
