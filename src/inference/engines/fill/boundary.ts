import type { Kernel } from './kernel.js'
import type { Style } from './level-plan.js'
import { BOUNDARY_COMMON_SHARE, BOUNDARY_RARITY_FACTOR, MEAN_COLOUR_WINDOW_SHARE } from './parameters.js'
import { type PyramidLevel, searchedLevels } from './pyramid.js'

/**
 * Measure the mean colours along the boundary, and let what is rare there end outside: on the coarsest level, from
 * where finer levels take it over.
 */
export function continueBoundary(kernel: Kernel, levels: readonly PyramidLevel[], { without }: Style): void {
  const searched = searchedLevels(levels)
  for (const [index, { address, width, height }] of searched.entries()) {
    kernel.measureMeanColour(address, Math.max(1, Math.round(Math.min(width, height) * MEAN_COLOUR_WINDOW_SHARE)))
    if (without === 'boundary-labels') continue
    const coarser = searched[index - 1]
    if (coarser) kernel.upsampleBoundaryLabels(coarser.address, address)
    else kernel.labelByBoundary(address, BOUNDARY_COMMON_SHARE, BOUNDARY_RARITY_FACTOR)
  }
}
