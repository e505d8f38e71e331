import type { Mask, Pixels } from '../../src/inference/image/pixels.js'
import { bidirectionalSimilarity } from './bidirectional-similarity.js'
import { chessboardDistance, flagsOf, invert, lumaOf } from './planes.js'
import { slicedWassersteinDistance } from './sliced-wasserstein.js'

export interface Scores {
  /** Mean gradient of the painted part over that of the truth. 1 is best, below is blurred. */
  readonly sharpness: number
  /** Mean jump across the border over the roughness on both sides. The photo itself has about 1; below 1 is smoother. */
  readonly seam: number
  /** Sliced Wasserstein distance to the truth. 0 is best. */
  readonly distance: number
  /** Grey levels; lower is better. */
  readonly coherence: number
  /** Grey levels; lower is better. */
  readonly completeness: number
}

/**
 * @param share of the samples that are compared, above 0, to 1: fewer take less time and scatter more
 * @returns computes all scores of a painted picture of the truth's size
 */
export function scorerFor(truth: Pixels, mask: Mask, share = 1): (painted: Pixels) => Scores {
  const distance = slicedWassersteinDistance(truth, mask, share)
  const similarity = bidirectionalSimilarity(truth, mask, share)
  return painted => ({
    sharpness: sharpness(painted, truth, mask),
    seam: seam(painted, mask),
    distance: distance(painted),
    ...similarity(painted),
  })
}

/** Gradients this close to the border belong to the seam. Pixels. */
const BORDER = 2

function sharpness(painted: Pixels, truth: Pixels, mask: Mask): number {
  const depth = chessboardDistance(flagsOf(mask))
  const isInner = (at: number) => depth[at]! > BORDER
  return meanGradient(painted, isInner) / Math.max(meanGradient(truth, isInner), 1e-6)
}

/** The mean length of the gradient of luma, by differences to the right and to below. */
function meanGradient(pixels: Pixels, isUsed: (at: number) => boolean): number {
  const { width, height, data } = lumaOf(pixels)
  let [sum, count] = [0, 0]
  for (let at = 0; at < data.length; at++) {
    if (!isUsed(at)) continue
    const right = at % width === width - 1 ? 0 : data[at + 1]! - data[at]!
    const down = Math.floor(at / width) === height - 1 ? 0 : data[at + width]! - data[at]!
    sum += Math.hypot(right, down)
    count++
  }
  return sum / Math.max(count, 1)
}

/** Roughness is measured at these distances from the border, in pixels. */
const NEAR = { from: 3, to: 8 }

/** Roughness counts only within this many steps of a border that runs across the direction of the jump. */
const NEAR_CROSSING = 9

/** Roughness below this, in grey levels, counts as this much: noise of 8 bits. */
const LEAST_ROUGHNESS = 0.25

/**
 * The mean jump over pairs of neighbours of which one is painted, over the roughness next to them: the geometric mean of
 * both sides', so that a blurred fill does not hide a seam.
 */
function seam({ width, height, data }: Pixels, mask: Mask): number {
  const painted = flagsOf(mask)
  const depths = [chessboardDistance(painted), chessboardDistance(invert(painted))]
  const jumps = mean()
  const roughness = [mean(), mean()]
  for (const step of [1, width]) {
    const hasNext = (at: number) => (step === 1 ? at % width < width - 1 : at < width * (height - 1))
    const isCrossing = (at: number) => hasNext(at) && painted.data[at] !== painted.data[at + step]
    const isNearCrossing = dilate(width, height, isCrossing)
    for (let at = 0; at < width * height; at++) {
      if (!hasNext(at)) continue
      let jump = 0
      for (let channel = 0; channel < 3; channel++) {
        jump += Math.abs(data[at * 3 + channel]! - data[(at + step) * 3 + channel]!) / 3
      }
      if (isCrossing(at)) jumps.add(jump)
      if (!isNearCrossing[at]) continue
      for (const [side, depth] of depths.entries()) {
        if ([at, at + step].every(place => depth[place]! >= NEAR.from && depth[place]! <= NEAR.to)) {
          roughness[side]!.add(jump)
        }
      }
    }
  }
  const [inside, outside] = roughness.map(side => Math.max(side.value(), LEAST_ROUGHNESS))
  return jumps.value() / Math.sqrt(inside! * outside!)
}

/** Which pixels are at most NEAR_CROSSING steps to the sides, up and down from one for which it is true. */
function dilate(width: number, height: number, isTrue: (at: number) => boolean): Uint8Array {
  const near = new Uint8Array(width * height)
  for (let at = 0; at < near.length; at++) {
    if (!isTrue(at)) continue
    const [x, y] = [at % width, Math.floor(at / width)]
    for (let dy = -NEAR_CROSSING; dy <= NEAR_CROSSING; dy++) {
      const reach = NEAR_CROSSING - Math.abs(dy)
      if (y + dy < 0 || y + dy >= height) continue
      near.fill(1, (y + dy) * width + Math.max(0, x - reach), (y + dy) * width + Math.min(width - 1, x + reach) + 1)
    }
  }
  return near
}

function mean() {
  let [sum, count] = [0, 0]
  return {
    add(value: number) {
      sum += value
      count++
    },
    value: () => (count === 0 ? 0 : sum / count),
  }
}
