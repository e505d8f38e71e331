import type { Box, Extent } from '../../image/geometry.js'
import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { createRandom } from '../../random.js'

/**
 * How a piece of a canvas is shown to a network, which is the same for the same picture and so would paint the same each time:
 * mirrored, on its side, a little smaller and out of the middle.
 */
export type Augmentation = {
  /** Of three bits: left and right change places, top and bottom do, rows become columns. */
  readonly symmetry: number
  /** Where it lies at the size that the network paints at. */
  readonly innerBox: Box
}

/** The least of the size that a view takes. */
const SMALLEST = 0.85

/** @param size that the network paints at */
export function randomAugmentation(seed: number, { width, height }: Extent, size: Extent): Augmentation {
  const next = createRandom(seed)
  const symmetry = Math.floor(next() * 8)
  const [across, down] = symmetry & 4 ? [height, width] : [width, height]
  const scale = Math.min(size.width / across, size.height / down) * (SMALLEST + (1 - SMALLEST) * next())
  const inner = { width: Math.max(1, Math.round(across * scale)), height: Math.max(1, Math.round(down * scale)) }
  const x = Math.floor(next() * (size.width - inner.width + 1))
  const y = Math.floor(next() * (size.height - inner.height + 1))
  return { symmetry, innerBox: { x, y, ...inner } }
}

export function applySymmetry({ pixels, mask, old }: Canvas, turn: number): Canvas {
  return { pixels: mapped(pixels, 3, turn, false), mask: mapped(mask, 1, turn, false), old }
}

/** As it was before {@link applySymmetry}. */
export function undoSymmetry(pixels: Pixels, turn: number): Pixels {
  return mapped(pixels, 3, turn, true)
}

function mapped<T extends Extent & { readonly data: Uint8Array }>(
  from: T,
  channels: number,
  turn: number,
  isBack: boolean,
): T {
  const [width, height] = turn & 4 ? [from.height, from.width] : [from.width, from.height]
  const data = new Uint8Array(from.data.length)
  // Mirrors are seen in the picture's own axes, which are those of the result on the way back.
  const own = isBack ? { width, height } : from
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [column, row] = turn & 4 && !isBack ? [y, x] : [x, y]
      if (turn & 1) column = own.width - 1 - column
      if (turn & 2) row = own.height - 1 - row
      if (turn & 4 && isBack) [column, row] = [row, column]
      const at = (row * from.width + column) * channels
      data.set(from.data.subarray(at, at + channels), (y * width + x) * channels)
    }
  }
  return { ...from, width, height, data }
}
