import { resizeMask, resizeSoftMask } from '../image/mask-file.js'
import { cropMask, filledMask, type KEEP, type Mask, PAINT, type SoftMask } from '../image/pixels.js'
import type { CanvasLayout } from './layout.js'

/** A mask of the source, cropped and scaled as the layout does with the source; of the size of `old`. */
export async function layOutMask(mask: Mask, { old, sourceCrop }: CanvasLayout): Promise<Mask> {
  return resizeMask(sourceCrop ? cropMask(mask, sourceCrop) : mask, old)
}

/** As {@link layOutMask}, with the greys. */
export async function layOutSoftMask(mask: SoftMask, { old, sourceCrop }: CanvasLayout): Promise<SoftMask> {
  return resizeSoftMask(sourceCrop ? cropMask(mask, sourceCrop) : mask, old)
}

/** A mask of the size of `old` on the canvas; everything around it is painted, or has the value `around`. */
export function placeMask(
  mask: SoftMask,
  { size, old }: CanvasLayout,
  around: typeof KEEP | typeof PAINT = PAINT,
): Mask {
  const placed = filledMask(size, around)
  for (let row = 0; row < old.height; row++) {
    const line = mask.data.subarray(row * old.width, (row + 1) * old.width)
    placed.data.set(line, (old.y + row) * size.width + old.x)
  }
  return placed
}
