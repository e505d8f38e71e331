import { SEAM_BASE_COST, SEAM_HALF_MASKING, SEAM_WEIGHT } from '../parameters'
import { squared } from './colour'
import { Level, NOWHERE } from './level'

// Seams: where pixels beside each other are copied from places that do not lie beside each other. Pixels are given by their index
// in the level, and so are places.

/** Not known, and not in the margin, which has no sources. */
export function isPainted(level: Level, at: i32): bool {
  return !load<u8>(level.known + <usize>at) && load<u32>(level.source + <usize>at * 4) !== NOWHERE
}

/**
 * What the seam between two painted pixels costs: the difference, squared, of each to what lies beside the other's source, over what
 * gradients are there (Kwatra et al. 2003, "Graphcut textures", equations 1 and 2).
 *
 * @param step from the first to the second
 */
export function seam(level: Level, own: i32, theirs: i32, step: i32): f32 {
  if (theirs === own + step) return 0
  return shown(
    squared(level, own, theirs - step) + squared(level, theirs, own + step),
    squared(level, own, own + step) + squared(level, theirs, theirs - step),
  )
}

/** The same between a painted pixel and a known one beside it. */
export function seamToKnown(level: Level, own: i32, known: i32, step: i32): f32 {
  return shown(2 * squared(level, known, own + step), 2 * squared(level, own, own + step))
}

function shown(difference: f32, gradient: f32): f32 {
  return SEAM_BASE_COST + (SEAM_WEIGHT * difference * SEAM_HALF_MASKING) / (SEAM_HALF_MASKING + gradient)
}
