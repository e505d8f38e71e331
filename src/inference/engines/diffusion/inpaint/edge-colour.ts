import { KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'

/** Where nothing is known. */
const MIDDLE_GREY = 128

/**
 * Fill the masked area with one colour: the median of the known pixels along its border, as A1111's "resize and fill" does for
 * ControlNets.
 */
export function edgeColourFill({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>): Pixels {
  const edge = edgePixels(mask)
  const data = pixels.data.slice()
  for (let channel = 0; channel < 3; channel++) {
    const colour = median(edge.map(at => pixels.data[at * 3 + channel]!)) ?? MIDDLE_GREY
    for (const [at, value] of mask.data.entries()) if (value === PAINT) data[at * 3 + channel] = colour
  }
  return { ...pixels, data }
}

/** Known pixels with a masked one next to them. */
function edgePixels({ data, width, height }: Mask): number[] {
  const isPainted = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === PAINT
  const found: number[] = []
  for (let at = 0; at < data.length; at++) {
    if (data[at] !== KEEP) continue
    const [x, y] = [at % width, Math.floor(at / width)]
    if (isPainted(x - 1, y) || isPainted(x + 1, y) || isPainted(x, y - 1) || isPainted(x, y + 1)) found.push(at)
  }
  return found
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[values.length >> 1]
}
