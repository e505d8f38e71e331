import { createRandom } from '../../../random.js'
import { weightedSum } from './samplers/sampler.js'

/** A generator of Gaussian noise of mean 0 and variance 1, determined by the seed (Box and Muller 1958). */
export function gaussianNoise(seed: number): (length: number) => Float32Array {
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
