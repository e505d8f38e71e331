import type { LogitMap } from './candidate.js'

/** Which cells of a grid belong to a mask, 32 in a number, row by row; and how many. */
export type CellSet = { readonly bits: Uint32Array; readonly count: number }

/** The cells above 0 that the picture covers. */
export function cellSet({ width, height, data, content }: LogitMap): CellSet {
  const bits = new Uint32Array(Math.ceil((width * height) / 32))
  const [columns, rows] = [Math.min(width, Math.ceil(content.width)), Math.min(height, Math.ceil(content.height))]
  let count = 0
  for (let y = 0; y < rows; y++) {
    for (let at = y * width; at < y * width + columns; at++) {
      if (data[at]! <= 0) continue
      bits[at >> 5]! |= 1 << (at & 31)
      count++
    }
  }
  return { bits, count }
}

/** The intersection over the union of two sets of one grid, from 0 to 1. */
export function overlapOf(one: CellSet, other: CellSet): number {
  let shared = 0
  for (let at = 0; at < one.bits.length; at++) {
    const both = one.bits[at]! & other.bits[at]!
    if (both !== 0) shared += bitCount(both)
  }
  return shared / (one.count + other.count - shared)
}

/** How many of 32 bits are set. */
function bitCount(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
