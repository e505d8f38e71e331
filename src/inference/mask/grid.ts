import type { Extent } from '../image/geometry.js'
import { filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'

/** The numbers of fields across and down that a grid can have. */
export const GRID_SIZES = [3, 4] as const

/** Chosen fields of a grid of `across` × `across` fields, counted from 1, row by row. */
export type GridSelection = { readonly across: number; readonly cells: readonly number[] }

/** The mask of the chosen fields of all grids. The fields of a grid tile a picture of any size without gaps. */
export function gridMask(size: Extent, selections: readonly GridSelection[]): Mask {
  const mask = filledMask(size, KEEP)
  for (const { across, cells } of selections) {
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
