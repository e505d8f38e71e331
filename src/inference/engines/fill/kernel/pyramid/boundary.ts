import { NEIGHBOURS, neighbourStep } from './coordinates'
import { Level } from './level'

// The boundary between what is known and what is to be painted.

/** A bit next to those of the NEIGHBOURS directions: at least one of those neighbours is to be painted. */
export const FACES_TARGET: i32 = 1 << NEIGHBOURS

/**
 * In which directions the neighbours of a known pixel are not known, a bit for each direction, and FACES_TARGET if one
 * of them is to be painted rather than beyond the canvas. 0 for all other pixels.
 */
export function unknownSides(level: Level, pixel: i32): i32 {
  if (!load<u8>(level.known + <usize>pixel)) return 0
  let sides = 0
  for (let direction = 0; direction < NEIGHBOURS; direction++) {
    const neighbour = <usize>(pixel + neighbourStep(level, direction))
    if (load<u8>(level.known + neighbour)) continue
    sides |= 1 << direction
    if (load<u8>(level.target + neighbour)) sides |= FACES_TARGET
  }
  return sides
}

/** Whether a source is one of the outermost on the side of what is to be painted, rather than at the canvas's edge. */
export function isBoundarySource(level: Level, pixel: i32): bool {
  for (let direction = 0; direction < NEIGHBOURS; direction++) {
    const neighbour = <usize>(pixel + neighbourStep(level, direction))
    if (!load<u8>(level.valid + neighbour) && load<u8>(level.target + neighbour)) return true
  }
  return false
}
