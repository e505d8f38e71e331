import { UserError } from '../../user-error.js'
import { type Box, isSameSize } from '../image/geometry.js'
import { countPainted, filledMask, filledPixels, KEEP, type Mask, PAINT, type Pixels } from '../image/pixels.js'
import type { CanvasLayout } from './layout.js'

/** The known part of the new picture, the mask of what is to be painted, and the place of the old picture. */
export type Canvas = { readonly pixels: Pixels; readonly mask: Mask; readonly old: Box }

/** The place of the old picture on one that was made without it. */
export const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 }

/** A canvas that is painted all over. */
export function wholeCanvas(pixels: Pixels): Canvas {
  return { pixels, mask: filledMask(pixels, PAINT), old: NOWHERE }
}

/**
 * Put the old picture on the new one and mark what is missing.
 *
 * @param source the old picture, at the size of `old`
 * @param holes pixels of the old picture that are to be painted as well (transparent ones, or a mask), of the size of `source`
 * @param mayCoverAll the masked pixels are repainted by part, so that something of the old picture is left in any case
 * @returns a canvas whose masked pixels are black
 * @throws UserError `mask-empty` if nothing is to be painted, `mask-full` if nothing would be left of the old picture
 */
export function createCanvas(
  { size, old }: Pick<CanvasLayout, 'size' | 'old'>,
  source: Pixels,
  holes?: Mask,
  mayCoverAll = false,
): Canvas {
  for (const layer of [source, holes]) {
    if (layer && !isSameSize(layer, old)) {
      throw new RangeError(`${layer.width}×${layer.height} does not fill the place of ${old.width}×${old.height}`)
    }
  }
  const pixels = filledPixels(size)
  const mask = filledMask(size, PAINT)
  for (let y = 0; y < old.height; y++) {
    const start = (old.y + y) * size.width + old.x
    pixels.data.set(source.data.subarray(y * old.width * 3, (y + 1) * old.width * 3), start * 3)
    mask.data.fill(KEEP, start, start + old.width)
    if (!holes) continue
    for (let x = 0; x < old.width; x++) {
      if (holes.data[y * old.width + x] !== PAINT) continue
      mask.data[start + x] = PAINT
      pixels.data.fill(0, (start + x) * 3, (start + x + 1) * 3)
    }
  }
  const missing = countPainted(mask)
  if (missing === 0) throw new UserError({ code: 'mask-empty' })
  if (missing === mask.data.length && !mayCoverAll) throw new UserError({ code: 'mask-full' })
  return { pixels, mask, old }
}
