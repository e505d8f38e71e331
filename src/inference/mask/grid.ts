import type { Extent } from '../image/geometry.js'
import { filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'

/** How many fields across and down a grid may have. */
export const GRID_SIZES = [3, 4] as const

/** Fields of a grid of `across` × `across`, counted from 1, row by row. */
export type GridSelection = { readonly across: number; readonly cells: readonly number[] }

/** The fields that were chosen, marked. The fields of a grid tile the picture without gaps, whatever its size. */
export function gridMask(size: Extent, chosen: readonly GridSelection[]): Mask {
  const mask = filledMask(size, KEEP)
  for (const { across, cells } of chosen) {
    const edge = (index: number, length: number) => Math.round((index * length) / across)
    for (const cell of cells) {
      const [row, column] = [Math.floor((cell - 1) / across), (cell - 1) % across]
      for (let y = edge(row, size.height); y < edge(row + 1, size.height); y++) {
        mask.data.fill(PAINT, y * size.width + edge(column, size.width), y * size.width + edge(column + 1, size.width))
      }
    }
  }
  return mask
}
