import type { Box, Extent } from '../../image/geometry.js'
import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { createRandom } from '../../random.js'

/**
 * A transformation of the canvas before the model sees it. A removal model is deterministic: without one, all variations would be
 * the same. The canvas is mirrored, transposed, scaled down a little and moved off the centre.
 */
export type Augmentation = {
  /** One of the eight symmetries of a square, as three bits: 1 mirrors left and right, 2 top and bottom, 4 transposes. */
  readonly symmetry: number
  /** Position of the canvas on the model's input. */
  readonly innerBox: Box
}

/** The smallest scale of the canvas, as a share of the largest that fits. */
const MIN_SCALE = 0.85

/** @param size of the model's input */
export function randomAugmentation(seed: number, { width, height }: Extent, size: Extent): Augmentation {
  const random = createRandom(seed)
  const symmetry = Math.floor(random() * 8)
  const [across, down] = symmetry & 4 ? [height, width] : [width, height]
  const scale = Math.min(size.width / across, size.height / down) * (MIN_SCALE + (1 - MIN_SCALE) * random())
  const inner = { width: Math.max(1, Math.round(across * scale)), height: Math.max(1, Math.round(down * scale)) }
  const x = Math.floor(random() * (size.width - inner.width + 1))
  const y = Math.floor(random() * (size.height - inner.height + 1))
  return { symmetry, innerBox: { x, y, ...inner } }
}

export function applySymmetry({ pixels, mask, old }: Canvas, symmetry: number): Canvas {
  return { pixels: transform(pixels, 3, symmetry, false), mask: transform(mask, 1, symmetry, false), old }
}

/** The inverse of {@link applySymmetry}. */
export function undoSymmetry(pixels: Pixels, symmetry: number): Pixels {
  return transform(pixels, 3, symmetry, true)
}

function transform<T extends Extent & { readonly data: Uint8Array }>(
  from: T,
  channels: number,
  symmetry: number,
  isInverse: boolean,
): T {
  const [width, height] = symmetry & 4 ? [from.height, from.width] : [from.width, from.height]
  const data = new Uint8Array(from.data.length)
  // Mirrors work on the axes of the original, which are those of the result in the inverse.
  const original = isInverse ? { width, height } : from
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [column, row] = symmetry & 4 && !isInverse ? [y, x] : [x, y]
      if (symmetry & 1) column = original.width - 1 - column
      if (symmetry & 2) row = original.height - 1 - row
      if (symmetry & 4 && isInverse) [column, row] = [row, column]
      const at = (row * from.width + column) * channels
      data.set(from.data.subarray(at, at + channels), (y * width + x) * channels)
    }
  }
  return { ...from, width, height, data }
}
