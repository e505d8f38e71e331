import { type Mask, PAINT } from '../image/pixels.js'
import { readPngTexts, setPngTexts } from '../image/png-texts.js'

/**
 * The widest stroke of a scratch: a share of the picture's longer side. 13 pixels of 800, the widest scratches of docs/fill-quality.md.
 * Wider, and marks of a thin pen around objects count as scratches.
 */
const MAX_WIDTH = 1 / 64

/** Keyword of the PNG text that says so. */
const KEYWORD = 'overscan-mask'
const SCRATCH = 'scratch'

/** Whether a mask has only thin strokes and specks, like scratches and dust: no larger square is painted. */
export function isScratch({ width, height, data }: Mask): boolean {
  const limit = Math.max(1, Math.floor(Math.max(width, height) * MAX_WIDTH))
  // The side of the largest painted square that ends at each pixel of the row above.
  let above = new Uint16Array(width + 1)
  for (let y = 0; y < height; y++) {
    const row = new Uint16Array(width + 1)
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] !== PAINT) continue
      const side = 1 + Math.min(row[x]!, above[x]!, above[x + 1]!)
      if (side > limit) return false
      row[x + 1] = side
    }
    above = row
  }
  return true
}

/** A canonical mask with the note that it is a scratch. The bot reads the note without a decoder. */
export function noteScratch(file: Uint8Array, mask: Mask): Uint8Array {
  return isScratch(mask) ? setPngTexts(file, { [KEYWORD]: SCRATCH }) : file
}

/** Whether {@link noteScratch} has noted it. */
export function isNotedScratch(file: Uint8Array): boolean {
  return readPngTexts(file)[KEYWORD] === SCRATCH
}
