import type { Box, Extent } from '../../../image/geometry.js'
import { type Mask, PAINT, type Pixels } from '../../../image/pixels.js'

/** Overlap of neighbouring tiles as a share of their side; one fades into the next over it. */
const TILE_OVERLAP = 0.125

/** Most tiles across and down, to bound the time: on larger canvases tiles are larger than the model's sample size. */
const MAX_TILES_PER_AXIS = 12

/**
 * Tiles that together cover everything under the mask, row by row. Tiles without masked pixels are left out.
 *
 * @param side smallest side of a tile, in pixels
 */
export function refineTiles(mask: Mask, side: number): Box[] {
  const [across, down] = [tileSpans(mask.width, side), tileSpans(mask.height, side)]
  const boxes = down.flatMap(row => {
    return across.map(column => ({ x: column.start, y: row.start, width: column.length, height: row.length }))
  })
  return boxes.filter(box => containsPainted(mask, box))
}

function tileSpans(whole: number, side: number): Span[] {
  const length = Math.min(whole, Math.max(side, Math.ceil(whole / (1 + (MAX_TILES_PER_AXIS - 1) * (1 - TILE_OVERLAP)))))
  return overlappingSpans(whole, length, TILE_OVERLAP)
}

type Span = { readonly start: number; readonly length: number }

/**
 * Evenly spaced spans of one length that together cover a whole.
 *
 * @param overlap smallest overlap, as a share of the length
 */
export function overlappingSpans(whole: number, length: number, overlap: number): Span[] {
  const count = Math.ceil((whole - length) / (length * (1 - overlap))) + 1
  return Array.from({ length: count }, (_, index) => {
    return { start: count === 1 ? 0 : Math.round((index * (whole - length)) / (count - 1)), length }
  })
}

function containsPainted(mask: Mask, box: Box): boolean {
  for (let y = box.y; y < box.y + box.height; y++) {
    const row = mask.data.subarray(y * mask.width + box.x, y * mask.width + box.x + box.width)
    if (row.includes(PAINT)) return true
  }
  return false
}

/**
 * A copy of the picture with a tile pasted into the box. The tile fades in from its left and upper side, where earlier
 * tiles are, except at the edges of the picture.
 */
export function pasteTile(pixels: Pixels, tile: Pixels, box: Box): Pixels {
  const data = pixels.data.slice()
  const [right, below] = [Math.round(box.width * TILE_OVERLAP), Math.round(box.height * TILE_OVERLAP)]
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const [across, down] = [ramp(x, box.x, right), ramp(y, box.y, below)]
      const share = across * down
      const to = ((box.y + y) * pixels.width + box.x + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        const old = data[to + channel]!
        data[to + channel] = Math.round(old + share * (tile.data[(y * box.width + x) * 3 + channel]! - old))
      }
    }
  }
  return { ...pixels, data }
}

function ramp(at: number, start: number, fadeLength: number): number {
  return start === 0 ? 1 : Math.min(1, (at + 0.5) / fadeLength)
}

/** Largest upscale, of a side, that still looks sharp. */
const MAX_UPSCALE = 1.25

/** Whether the upscale of a canvas that was painted smaller is visible. */
export function isUpscaled(canvas: Extent, painted: Extent): boolean {
  return Math.sqrt((canvas.width * canvas.height) / (painted.width * painted.height)) > MAX_UPSCALE
}
