import { MAX_PATCH_COMPARISONS, RARITY_NEIGHBOURS, RARITY_POSITION_WEIGHT, SUSPECT_PENALTY } from '../../parameters'
import { isBoundarySource } from '../pyramid/boundary'
import { pixelOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { listSources } from '../pyramid/patches'
import { RARE, raisePenalty, spreadFromSources } from './copy-penalty'
import { beginComparisons, endComparisons, meanNearestDistance, PatchSet } from './nearest-patches'
import { quantile } from './quantile'

/** All sources of a level. */
const sources = changetype<PatchSet>(memory.data(offsetof<PatchSet>()))

/** To be called before {@link rarityOf}; {@link endRarity} frees the memory. @returns all sources of the level */
export function beginRarity(level: Level): PatchSet {
  beginComparisons(level)
  sources.coords = listSources(level)
  sources.count = level.sourceCount
  sources.step = <i32>max<f64>(1, (<f64>level.sourceCount * <f64>level.sourceCount) / MAX_PATCH_COMPARISONS)
  sources.neighbours = RARITY_NEIGHBOURS
  sources.positionWeight = RARITY_POSITION_WEIGHT
  return sources
}

export function endRarity(): void {
  heap.free(sources.coords)
  endComparisons()
}

/** The mean distance of a source to its most similar sources; near ones count more. @param index in the set */
export function rarityOf(level: Level, index: i32): f32 {
  return meanNearestDistance(level, load<u32>(sources.coords + <usize>index * 4), sources, index)
}

/**
 * Penalize rare patches: even their most similar patches differ from them, or are close to them (context-aware saliency,
 * Goferman et al. 2010). A rare patch is likely part of an object, of which there should not be two. Patches at the
 * boundary are mostly not the subject, so only patches that are rarer than most of those are penalized.
 *
 * @param level a small one: each patch is compared with each
 * @param factor of the penalty, by how much rarer a patch is than what is free
 * @param freeShare share of the patches at the boundary that cost nothing, 0 to 1
 * @param unsuspectedShare share of them that cannot be salient at all, 0 to `freeShare`
 */
export function penalizeRare(level: Level, factor: f32, freeShare: f32, unsuspectedShare: f32): void {
  const coords = beginRarity(level).coords
  const rarities = heap.alloc(<usize>level.sourceCount * 4)
  const boundaryRarities = heap.alloc(<usize>level.sourceCount * 4)
  let boundaryCount = 0
  for (let i = 0; i < level.sourceCount; i++) {
    const rarity = rarityOf(level, i)
    store<f32>(rarities + <usize>i * 4, rarity)
    if (!isBoundarySource(level, pixelOf(level, load<u32>(coords + <usize>i * 4)))) continue
    store<f32>(boundaryRarities + <usize>boundaryCount * 4, rarity)
    boundaryCount++
  }
  const free = quantile(boundaryRarities, boundaryCount, freeShare)
  const unsuspected = quantile(boundaryRarities, boundaryCount, unsuspectedShare)
  for (let i = 0; i < level.sourceCount; i++) {
    const rarity = load<f32>(rarities + <usize>i * 4)
    if (rarity <= unsuspected) continue
    const pixel = <usize>pixelOf(level, load<u32>(coords + <usize>i * 4))
    raisePenalty(level, pixel, RARE, max<f32>(SUSPECT_PENALTY, factor * (rarity - free)))
  }
  spreadFromSources(level, RARE)
  heap.free(boundaryRarities)
  heap.free(rarities)
  endRarity()
}
