// What the host calls; see kernel.ts.

export { moveBlocks } from './labeling/block-moves'
export { moveRegions } from './labeling/region-moves'
export { freeCorrection, refinePoisson, solvePoisson } from './poisson'
export { labelByBoundary, upsampleBoundaryLabels } from './prior/boundary-label'
export {
  expectAnyTexture,
  expectPreferredLook,
  newSway,
  preferUnpenalized,
  setPreferredSources,
  startFromPreferred,
} from './prior/preferred-source'
export { lineTable, preferAlongLines } from './prior/straight-lines'
export { downsample } from './pyramid/downsample'
export { newLevel } from './pyramid/level'
export { measureMeanColour } from './pyramid/mean-colour'
export { findNearestKnown } from './pyramid/nearest-known'
export { findSources, findTargets } from './pyramid/patches'
export { measureTexture } from './pyramid/texture'
export { seedRandom } from './random'
export { raiseCoarserPenalty, upsamplePenalty } from './saliency/copy-penalty'
export { penalizeEnclosed } from './saliency/enclosure'
export { penalizeRare } from './saliency/rarity'
export { penalizeSalientObjects } from './saliency/salient-object'
export {
  clearField,
  evaluateField,
  fillFieldAtRandom,
  fillFieldFromPreferred,
  improveField,
  upsampleField,
} from './search/nearest-neighbour-field'
export { prepareSearch, searchWeights } from './search/source-cost'
export { copySources, vote } from './search/vote'
