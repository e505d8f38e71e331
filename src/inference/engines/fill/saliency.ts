import type { Kernel } from './kernel.js'
import type { Style } from './level-plan.js'
import {
  ENCLOSURE_FREE_BARRIERS,
  ENCLOSURE_MAX_PENALTY,
  ENCLOSURE_PENALTY,
  OBJECT_FREE_SHARE,
  OBJECT_PENALTY,
  RARITY_FREE_SHARE,
  RARITY_PENALTY,
  RARITY_UNSUSPECTED_SHARE,
} from './parameters.js'
import { type PyramidLevel, searchedLevels } from './pyramid.js'

/**
 * Set the copy penalty on all levels that are searched: large objects are found on the coarsest one, and small ones
 * that are enclosed (a sun, an eye) on the next finer one.
 */
export function penalizeSalient(
  kernel: Kernel,
  levels: readonly PyramidLevel[],
  isLargeArea: boolean,
  { without }: Style,
): void {
  const searched = searchedLevels(levels)
  const showsSmallObjects = searched[1] ?? searched[0]
  for (const [index, level] of searched.entries()) {
    const { address } = level
    const coarser = searched[index - 1]
    if (coarser) kernel.upsamplePenalty(coarser.address, address)
    else {
      if (without !== 'rarity')
        kernel.penalizeRare(address, RARITY_PENALTY, RARITY_FREE_SHARE, RARITY_UNSUSPECTED_SHARE)
      if (isLargeArea && without !== 'salient-object')
        kernel.penalizeSalientObjects(address, OBJECT_PENALTY, OBJECT_FREE_SHARE)
    }
    if (!isLargeArea || level !== showsSmallObjects || without === 'enclosure') continue
    kernel.penalizeEnclosed(address, ENCLOSURE_PENALTY, ENCLOSURE_FREE_BARRIERS, ENCLOSURE_MAX_PENALTY)
    if (coarser) kernel.raiseCoarserPenalty(address, coarser.address)
  }
}
