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
  holes: Mask = filledMask(source, KEEP),
  mayCoverAll = false,
): Canvas {
  for (const layer of [source, holes]) {
    if (!isSameSize(layer, old)) {
      throw new RangeError(`${layer.width}×${layer.height} does not fill the place of ${old.width}×${old.height}`)
    }
  }
  const pixels = filledPixels(size)
  const mask = filledMask(size, PAINT)
  for (let y = 0; y < old.height; y++) {
    for (let x = 0; x < old.width; x++) {
      const from = y * old.width + x
      if (holes.data[from] === PAINT) continue
      const to = (old.y + y) * size.width + old.x + x
      mask.data[to] = KEEP
      pixels.data[to * 3] = source.data[from * 3]!
      pixels.data[to * 3 + 1] = source.data[from * 3 + 1]!
      pixels.data[to * 3 + 2] = source.data[from * 3 + 2]!
    }
  }
  const missing = countPainted(mask)
  if (missing === 0) throw new UserError({ code: 'mask-empty' })
  if (missing === mask.data.length && !mayCoverAll) throw new UserError({ code: 'mask-full' })
  return { pixels, mask, old }
}
