import { countPainted, type Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { createRandom } from '../../random.js'
import { continueBoundary } from './boundary.js'
import { type Address, type Kernel, prepareSearch, startKernel } from './kernel.js'
import { type LevelPlan, planLevel, type Style } from './level-plan.js'
import { writeLineTable } from './line-table.js'
import { LARGE_AREA_SHARE, MIN_SOURCES, MIRROR_DEPTH } from './parameters.js'
import { buildPyramid, type PyramidLevel } from './pyramid.js'
import { previewLevel, readLevel } from './read-level.js'
import { penalizeSalient } from './saliency.js'
import { writeSway } from './sway.js'

/** A picture that is ready to be completed, as often as wanted. */
export type Prepared = {
  readonly style: Style
  readonly kernel: Kernel
  /** Finest first. */
  readonly levels: readonly PyramidLevel[]
  readonly sway: Address
  /** How many straight lines are in the kernel's table. */
  readonly lineCount: number
  /** Whether more than {@link LARGE_AREA_SHARE} is to be painted. */
  readonly isLargeArea: boolean
}

/** Called with the progress, 0 to 1, and with a function that draws a preview. */
export type OnStep = (progress: number, preview: () => Pixels) => void

/** Keeps the random numbers that the priors use apart from the kernel's, which has the same generator. */
const PRIOR_SEED_MASK = 0x5bd1e995

/**
 * Complete a picture from itself (Wexler, Shechtman and Irani 2007; Newson et al. 2014): from coarse to fine, find for
 * each patch to be painted the known patch most like it, and repaint from what was found, until little changes; then
 * copy the best source of each pixel, and blend the seams.
 *
 * Beyond the papers: sources near the boundary are preferred (kernel/prior/), what is salient is not copied again
 * (kernel/saliency/), and whole regions and blocks move to where seams are cheaper (kernel/labeling/).
 *
 * `prepareCompletion` does what all variations of a canvas have in common, `completeVariation` paints one; both in the
 * calling thread.
 *
 * @throws RangeError if nothing is known at all
 */
export function prepareCompletion({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, style: Style): Prepared {
  const kernel = startKernel()
  const levels = buildPyramid(kernel, pixels, mask)
  for (const { address, isRefined } of levels.toReversed()) {
    if (kernel.findSources(address, MIN_SOURCES) === 0) {
      throw new RangeError('The whole picture is to be painted, so there is nothing to copy from.')
    }
    kernel.findTargets(address)
    if (!isRefined) kernel.findNearestKnown(address)
  }
  const isLargeArea = countPainted(mask) > LARGE_AREA_SHARE * mask.data.length
  if (style.usesPriors && isLargeArea) continueBoundary(kernel, levels, style)
  if (style.penalizesSalient) penalizeSalient(kernel, levels, isLargeArea, style)
  const lineCount = style.usesPriors ? writeLineTable(kernel, levels) : 0
  return { style, kernel, levels, sway: kernel.newSway(), lineCount, isLargeArea }
}

/**
 * One completion of a picture.
 *
 * @returns the whole picture; kept pixels are the canvas's own
 */
export function completeVariation(prepared: Prepared, seed: number, onStep: OnStep = () => {}): Pixels {
  const { style, kernel, levels, sway, isLargeArea } = prepared
  const finest = levels[0]!
  const random = createRandom(seed ^ PRIOR_SEED_MASK)
  writeSway(kernel, sway, finest.width / finest.height, random)
  const mirrorDepth = MIRROR_DEPTH * random()
  kernel.seedRandom(seed)

  const plans = levels.map((_, index) => planLevel(levels, index, style, isLargeArea))
  const work = levels.map(({ width, height }, index) => plans[index]!.rounds * width * height)
  const allWork = work.reduce((sum, one) => sum + one, 0)
  let workDone = 0
  let blended: { level: PyramidLevel; correction: Address } | undefined
  for (let index = levels.length - 1; index >= 0; index--) {
    const level = levels[index]!
    const plan = plans[index]!
    prepareSearch(kernel, level.address, plan.weights)
    kernel.clearField(level.address)
    if (!level.isRefined) setPriors(prepared, index, mirrorDepth)
    startField(prepared, index)
    search(kernel, level, plan, () => {
      workDone += work[index]! / plan.rounds
      onStep(Math.min(0.99, workDone / allWork), () => previewLevel(kernel, level))
    })
    if (plan.blending === 'whole') {
      blended = { level, correction: kernel.solvePoisson(level.address, plan.drift) }
    } else if (plan.blending === 'refined') {
      kernel.refinePoisson(blended!.level.address, blended!.correction, level.address)
    }
  }
  if (blended) kernel.freeCorrection(blended.correction)
  onStep(1, () => previewLevel(kernel, finest))
  return readLevel(kernel, finest)
}

/** Where each pixel prefers to copy from, and what it expects there. */
function setPriors({ style, kernel, levels, sway, lineCount }: Prepared, index: number, mirrorDepth: number): void {
  const { address } = levels[index]!
  kernel.setPreferredSources(address, mirrorDepth, sway)
  kernel.preferAlongLines(address, lineCount, 2 ** -index, mirrorDepth)
  kernel.expectPreferredLook(address)
  if (style.startsAtRandom) kernel.expectAnyTexture(address)
  kernel.preferUnpenalized(address)
}

/** The first sources of a level, and its first estimate: from the coarser level, or from the priors. */
function startField({ style, kernel, levels }: Prepared, index: number): void {
  const { address } = levels[index]!
  const coarser = levels[index + 1]
  if (coarser) kernel.upsampleField(coarser.address, address)
  else kernel.startFromPreferred(address)
  if (style.startsAtRandom) kernel.fillFieldAtRandom(address)
  else kernel.fillFieldFromPreferred(address)
  if (coarser || style.startsAtRandom) kernel.copySources(address)
}

/** Search and repaint a level in rounds; the last one ends with the sources themselves. */
function search(kernel: Kernel, { address, isRefined }: PyramidLevel, plan: LevelPlan, onRound: () => void): void {
  for (let round = 0; round < plan.rounds; round++) {
    kernel.evaluateField(address)
    kernel.improveField(address, 1, plan.searchReach)
    if (!isRefined) kernel.improveField(address, 0, plan.searchReach)
    if (round >= plan.rounds - plan.regionRounds) kernel.moveRegions(address)
    if (round < plan.rounds - 1) kernel.vote(address, plan.voteSharpness[round]!)
    else {
      if (plan.blockTries > 0) kernel.moveBlocks(address, plan.blockTries, plan.blockReach)
      kernel.copySources(address)
    }
    onRound()
  }
}
