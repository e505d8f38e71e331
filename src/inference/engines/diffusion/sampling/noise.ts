import type { Box } from '../../../image/geometry.js'
import { createRandom } from '../../../random.js'
import { weightedSum } from './samplers/sampler.js'

/** Each call draws further noise of this length. */
export type NoiseSource = (length: number) => Float32Array

/** A generator of Gaussian noise of mean 0 and variance 1, determined by the seed (Box and Muller 1958). */
export function gaussianNoise(seed: number): NoiseSource {
  const uniform = createRandom(seed)
  return length => {
    const noise = new Float32Array(length)
    for (let at = 0; at < length; at += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
      const angle = 2 * Math.PI * uniform()
      noise[at] = radius * Math.cos(angle)
      if (at + 1 < length) noise[at + 1] = radius * Math.sin(angle)
    }
    return noise
  }
}

/**
 * Gaussian noise of a part of a picture that is too large to be painted at once: a value depends on its place on the whole picture, so
 * parts that overlap have the same noise where they do.
 *
 * @param part on the whole picture, in latents
 */
export function noiseField(seed: number, part: Box): NoiseSource {
  const area = part.width * part.height
  let draws = 0
  return length => {
    const noise = new Float32Array(length)
    for (let at = 0; at < length; at += part.width) {
      const [channel, row] = [Math.floor(at / area), part.y + Math.floor((at % area) / part.width)]
      const wholeRow = gaussianNoise(mix(seed, draws, channel, row))(part.x + part.width)
      noise.set(wholeRow.subarray(part.x), at)
    }
    draws++
    return noise
  }
}

/** A hash of whole numbers, 32 bits (the mixing of MurmurHash3). */
function mix(...values: readonly number[]): number {
  let hash = 0
  for (const value of values) {
    hash = Math.imul(hash ^ value, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** Above this cosine two arrays are nearly parallel, and interpolation is linear. */
const MAX_SLERP_COSINE = 0.9995

/**
 * Spherical linear interpolation of noise (Shoemake 1985). @param share 0 for the first, 1 for the second
 */
export function slerp(first: Float32Array, second: Float32Array, share: number): Float32Array {
  let [dot, firstSquared, secondSquared] = [0, 0, 0]
  for (let at = 0; at < first.length; at++) {
    dot += first[at]! * second[at]!
    firstSquared += first[at]! ** 2
    secondSquared += second[at]! ** 2
  }
  const cosine = dot / Math.sqrt(firstSquared * secondSquared)
  if (cosine > MAX_SLERP_COSINE) return weightedSum([1 - share, first], [share, second])
  const angle = Math.acos(cosine)
  const weight = (angleShare: number) => Math.sin(angleShare * angle) / Math.sin(angle)
  return weightedSum([weight(1 - share), first], [weight(share), second])
}
