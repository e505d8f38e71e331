import { PATCH_RADIUS } from '../../parameters'
import { Level } from './level'

// Pixels are given in two forms: by their index in a level's planes, or as a packed coordinate, which can be shifted
// and compared without a division: the row in the upper 16 bits, the column in the lower, both with the margin.

/** No pixel. */
export const NO_COORD: u32 = 0xffffffff

export function packCoord(x: i32, y: i32): u32 {
  return ((<u32>y) << 16) | <u32>x
}

export function columnOf(coord: u32): i32 {
  return <i32>(coord & 0xffff)
}

export function rowOf(coord: u32): i32 {
  return <i32>(coord >> 16)
}

/** The index of a packed coordinate. */
export function pixelOf(level: Level, coord: u32): i32 {
  return rowOf(coord) * level.stride + columnOf(coord)
}

/** The index of a pixel's source. */
export function sourcePixelOf(level: Level, pixel: i32): i32 {
  return pixelOf(level, load<u32>(level.source + <usize>pixel * 4))
}

/**
 * A column, or row, on the next finer level: the first or the second of the two that it stands for.
 *
 * @param own column, or row, of the finer pixel that takes the coordinate over: its parity decides
 */
export function finerCoordinate(coordinate: i32, own: i32): i32 {
  return (coordinate - PATCH_RADIUS) * 2 + (own & 1) + PATCH_RADIUS
}

/** Size of the 4-neighbourhood. Directions are 0 right, 1 left, 2 below, 3 above. */
export const NEIGHBOURS: i32 = 4

/** From a pixel's index to that of its neighbour. */
export function neighbourStep(level: Level, direction: i32): i32 {
  return direction === 0 ? 1 : direction === 1 ? -1 : direction === 2 ? level.stride : -level.stride
}

/** From a packed coordinate to that of its neighbour. */
export function neighbourCoordStep(direction: i32): u32 {
  return direction === 0
    ? packCoord(1, 0)
    : direction === 1
      ? -packCoord(1, 0)
      : direction === 2
        ? packCoord(0, 1)
        : -packCoord(0, 1)
}
