import { SEAM_BASE_COST, SEAM_HALF_MASKING, SEAM_WEIGHT } from '../../parameters'
import { squaredDifference } from '../pyramid/colour'
import { NO_COORD } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'

// The cost of seams: where neighbouring pixels have sources that are not neighbours in the same way (Kwatra et al.
// 2003, "Graphcut textures"). Pixels and sources are indices.

/** Whether a pixel is not known and has a source; the margin has none. */
export function isPainted(level: Level, pixel: i32): bool {
  return !load<u8>(level.known + <usize>pixel) && load<u32>(level.source + <usize>pixel * 4) !== NO_COORD
}

/**
 * The cost of the seam between two painted pixels: the squared difference of each source from the neighbour of the
 * other, less where gradients hide it (Kwatra et al. 2003, equations 1 and 2). 0 if the sources are neighbours in the
 * same way.
 *
 * @param step from the first pixel to the second
 */
export function seamCost(level: Level, source: i32, otherSource: i32, step: i32): f32 {
  if (otherSource === source + step) return 0
  return maskedCost(
    squaredDifference(level, source, otherSource - step) + squaredDifference(level, otherSource, source + step),
    squaredDifference(level, source, source + step) + squaredDifference(level, otherSource, otherSource - step),
  )
}

/** The same between a painted pixel and a known one. */
export function knownSeamCost(level: Level, source: i32, known: i32, step: i32): f32 {
  return maskedCost(
    2 * squaredDifference(level, known, source + step),
    2 * squaredDifference(level, source, source + step),
  )
}

function maskedCost(difference: f32, gradient: f32): f32 {
  return SEAM_BASE_COST + (SEAM_WEIGHT * difference * SEAM_HALF_MASKING) / (SEAM_HALF_MASKING + gradient)
}
