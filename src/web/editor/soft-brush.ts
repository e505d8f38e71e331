import type { Box } from './box.js'
import type { Point } from './point.js'

/** A round brush. */
export type Brush = {
  /** Diameter, in pixels of the picture. */
  readonly size: number
  /** The part of the radius that covers fully, from 0 to 1. Beyond it the brush fades out to its edge. */
  readonly hardness: number
}

/** A fade that is narrower than this has stairs, in pixels. */
const MIN_FADE = 1

/** How much a pixel is covered, from 0 to 255. @param distance from the middle of the brush to the middle of the pixel, in pixels */
export function brushCoverage(distance: number, { size, hardness }: Brush): number {
  const radius = size / 2
  const fade = Math.max(MIN_FADE, radius * (1 - hardness))
  const part = Math.min(1, Math.max(0, (radius - distance) / fade))
  return Math.round(255 * part * part * (3 - 2 * part)) // smoothstep
}

/**
 * Add a straight piece to a stroke. Each pixel of the stroke keeps the most that any of its pieces covers, so that pieces that overlap
 * don't add up.
 *
 * @param stroke coverage of the pixels of the picture from 0 to 255, row by row, which is changed
 * @param width of the picture
 * @param box that holds the piece, inside the picture
 */
export function addToStroke(stroke: Uint8Array, width: number, box: Box, from: Point, to: Point, brush: Brush): void {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const squaredLength = dx * dx + dy * dy
  const squaredRadius = (brush.size / 2) ** 2
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const px = x + 0.5 - from.x
      const py = y + 0.5 - from.y
      const along = squaredLength > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / squaredLength)) : 0
      const squared = (px - along * dx) ** 2 + (py - along * dy) ** 2
      if (squared >= squaredRadius) continue
      const at = y * width + x
      stroke[at] = Math.max(stroke[at]!, brushCoverage(Math.sqrt(squared), brush))
    }
  }
}

/**
 * Draw a stroke over the mask before it, or erase with it.
 *
 * @param pixels RGBA of the mask in the box, row by row, which are changed
 * @param color of what is covered
 */
export function applyStroke(
  pixels: Uint8ClampedArray,
  stroke: Uint8Array,
  width: number,
  box: Box,
  color: readonly [number, number, number],
  isEraser: boolean,
): void {
  let at = 0
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++, at += 4) {
      const covered = stroke[y * width + x]!
      if (covered === 0) continue
      const alpha = pixels[at + 3]!
      pixels[at] = color[0]
      pixels[at + 1] = color[1]
      pixels[at + 2] = color[2]
      pixels[at + 3] = isEraser ? (alpha * (255 - covered)) / 255 : alpha + (covered * (255 - alpha)) / 255
    }
  }
}
