import type { SearchWeights } from './kernel.js'
import {
  BLOCK_LEVELS,
  BLOCK_REACH_SHARE,
  BLOCK_TRIES_PER_PIXEL,
  DRAFT_SEARCH_ROUNDS,
  EVEN_VOTE_SHARE,
  EVEN_VOTE_SHARPNESS,
  INCOHERENCE_PENALTY,
  LINE_PREFERENCE,
  MEAN_COLOUR_WEIGHT,
  POISSON_DRIFT_MIN,
  POISSON_DRIFT_SHARE,
  PREFERENCE_ACROSS,
  PREFERENCE_DOWN,
  SEARCH_REACH,
  SEARCH_ROUNDS,
  VOTE_SHARPNESS,
} from './parameters.js'
import type { PyramidLevel } from './pyramid.js'
import type { TunedPart } from './tuned-parts.js'

/** Which parts of the method are used. */
export type Style = {
  /** Priors: sources near the boundary are preferred, and their texture and mean colour are expected. */
  readonly usesPriors: boolean
  /** What is salient is not copied again. */
  readonly penalizesSalient: boolean
  /** Seams are removed. */
  readonly blends: boolean
  /** Starts from random patches of the whole picture, rather than from those at the boundary. */
  readonly startsAtRandom: boolean
  /** Less is searched: for a picture that noise will hide. */
  readonly isDraft?: boolean
  /** One part that is left out, to measure what it is worth. */
  readonly without?: TunedPart
}

/** What is done on one level. */
export type LevelPlan = {
  readonly weights: SearchWeights
  /** How often it is searched and repainted. */
  readonly rounds: number
  /** In how many of the last rounds regions move. */
  readonly regionRounds: number
  /** Radius of the random search, in pixels. */
  readonly searchReach: number
  /** By round. */
  readonly voteSharpness: readonly number[]
  /** Block moves by pixel; 0 for none. */
  readonly blockTries: number
  /** In pixels. */
  readonly blockReach: number
  /** How it is blended at the end: whole, from the blended coarser level, or not yet. */
  readonly blending: 'whole' | 'refined' | 'none'
  /** How far colours may drift from the copied ones, in pixels. */
  readonly drift: number
}

/** @param index of the level, 0 for the finest */
export function planLevel(
  levels: readonly PyramidLevel[],
  index: number,
  style: Style,
  isLargeArea: boolean,
): LevelPlan {
  const { width, height, isRefined } = levels[index]!
  const { without, isDraft = false } = style
  const depth = levels.length - 1 - index
  const isFinest = index === 0
  const isFinestSearched = !isRefined && (isFinest || levels[index - 1]!.isRefined)
  const searchRounds = isDraft ? DRAFT_SEARCH_ROUNDS : SEARCH_ROUNDS
  const rounds = isRefined ? 1 : (searchRounds[depth] ?? searchRounds.at(-1)!)
  const movesBlocks = !isRefined && !isDraft && depth < BLOCK_LEVELS && without !== 'block-moves'
  return {
    weights: searchWeights(levels, index, style, isLargeArea),
    rounds,
    regionRounds: isRefined ? 0 : isDraft ? 1 : rounds,
    searchReach: isRefined ? 1 : depth > 0 ? SEARCH_REACH : Math.max(width, height),
    voteSharpness: Array.from({ length: rounds }, (_, round) =>
      depth === 0 && round < EVEN_VOTE_SHARE * rounds ? EVEN_VOTE_SHARPNESS : VOTE_SHARPNESS,
    ),
    blockTries: movesBlocks ? BLOCK_TRIES_PER_PIXEL : 0,
    blockReach: Math.max(1, Math.round(Math.min(width, height) * BLOCK_REACH_SHARE)),
    blending: !style.blends ? 'none' : isFinestSearched ? 'whole' : isFinest ? 'refined' : 'none',
    drift:
      without === 'drift'
        ? Number.POSITIVE_INFINITY
        : Math.max(POISSON_DRIFT_MIN, Math.min(width, height) * POISSON_DRIFT_SHARE),
  }
}

function searchWeights(
  levels: readonly PyramidLevel[],
  index: number,
  style: Style,
  isLargeArea: boolean,
): SearchWeights {
  const { isRefined } = levels[index]!
  const { without } = style
  // On the last level that is searched, before those that are only refined, everything is in place: priors would only
  // cut regions up.
  const isSettled = style.usesPriors && index < levels.length - 1 && levels[index - 1]?.isRefined === true
  const usesPriors = style.usesPriors && !isSettled
  return {
    preferenceAcross: usesPriors ? PREFERENCE_ACROSS : 0,
    preferenceDown: usesPriors ? PREFERENCE_DOWN : 0,
    linePreference: style.usesPriors ? LINE_PREFERENCE : 0,
    texture: isSettled ? 0 : 1,
    meanColour: usesPriors && isLargeArea && without !== 'mean-colour' ? MEAN_COLOUR_WEIGHT : 0,
    incoherence: isRefined || without === 'incoherence' ? 0 : INCOHERENCE_PENALTY,
  }
}
