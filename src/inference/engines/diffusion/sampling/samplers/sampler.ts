import type { NoiseSchedule, PredictionType } from '../noise-schedule.js'
import type { SigmaSpacing } from '../sampler-names.js'
import type { ModelFamily, Trajectory } from '../timestep-spacing.js'

/**
 * The way from noise to a picture, for one job: a sampler remembers what it has seen. Latents are flat arrays of any
 * shape; nothing that is handed in is changed.
 */
export interface Sampler {
  /** What the model is told at each of its calls, in order; Heun calls it twice for a step. */
  readonly timesteps: readonly number[]
  /** Calls of the model for each step. */
  readonly callsPerStep: 1 | 2
  /** Latents to begin with, from noise of variance 1. */
  initialLatents(noise: Float32Array): Float32Array
  /** A picture's latents as they would be before call `index`, with noise of variance 1 (for strengths under 1, and masks). */
  addNoise(latents: Float32Array, noise: Float32Array, index: number): Float32Array
  /** What the model sees at call `index`. */
  scaleModelInput(latents: Float32Array, index: number): Float32Array
  /**
   * The latents after call `index`; calls come in order, from any first one on.
   *
   * @param output of the model, as its kind of prediction says
   * @param noise gives fresh noise of variance 1, for samplers that add some
   */
  step(latents: Float32Array, output: Float32Array, index: number, noise: () => Float32Array): Float32Array
}

/** How a sampler is made for a job. */
export type SamplerFactory = (schedule: NoiseSchedule, options: SamplerOptions) => Sampler

export type SamplerOptions = { readonly steps: number; readonly spacing: SigmaSpacing; readonly family: ModelFamily }

/** Σ weightᵢ · arrayᵢ. */
export function weightedSum(...terms: readonly (readonly [weight: number, array: Float32Array])[]): Float32Array {
  const sum = new Float32Array(terms[0]![1].length)
  for (const [weight, array] of terms) {
    // Where sigma is 0 weights may be 0 for what is not finite.
    if (weight === 0) continue
    for (let at = 0; at < sum.length; at++) sum[at]! += weight * array[at]!
  }
  return sum
}

/**
 * The picture that a model's output says is behind noisy latents.
 *
 * @param alpha how much of the picture is in the latents
 * @param sigma how much noise
 */
export function predictDenoised(
  prediction: PredictionType,
  latents: Float32Array,
  output: Float32Array,
  alpha: number,
  sigma: number,
): Float32Array {
  switch (prediction) {
    case 'epsilon':
      return weightedSum([1 / alpha, latents], [-sigma / alpha, output])
    case 'v_prediction': {
      // v is of latents whose variance is 1.
      const size = Math.hypot(alpha, sigma)
      return weightedSum([alpha / size ** 2, latents], [-sigma / size, output])
    }
    case 'sample':
      return output
  }
}

/**
 * What samplers have in common whose latents are x = picture + σ·noise (variance exploding; Karras et al. 2022): the model
 * sees them scaled to variance 1.
 *
 * @param first sigma at the beginning, or more where timesteps do not begin with all noise
 */
export function varianceExploding({ sigmas }: Pick<Trajectory, 'sigmas'>, first: number) {
  return {
    initialLatents: (noise: Float32Array) => weightedSum([first, noise]),
    addNoise: (latents: Float32Array, noise: Float32Array, index: number) =>
      weightedSum([1, latents], [sigmas[index]!, noise]),
    scaleModelInput: (latents: Float32Array, index: number) =>
      weightedSum([1 / Math.hypot(1, sigmas[index]!), latents]),
  }
}

/** The largest sigma; more where the timesteps do not begin with all noise. */
export function initNoiseSigma(schedule: NoiseSchedule, { sigmas }: Trajectory): number {
  const most = Math.max(...sigmas)
  return schedule.config.timestep_spacing === 'leading' ? Math.hypot(1, most) : most
}

/** What samplers have in common whose latents are x = α·picture + σ·noise of variance 1 (variance preserving). */
export function variancePreserving({ sigmas }: Pick<Trajectory, 'sigmas'>) {
  return {
    initialLatents: (noise: Float32Array) => noise.slice(),
    addNoise: (latents: Float32Array, noise: Float32Array, index: number) => {
      const { alpha, sigma } = alphaSigma(sigmas[index]!)
      return weightedSum([alpha, latents], [sigma, noise])
    },
    scaleModelInput: (latents: Float32Array) => latents,
  }
}

/** α and σ with α² + σ² = 1, of the same ratio. */
export function alphaSigma(ratio: number): { alpha: number; sigma: number } {
  const alpha = 1 / Math.hypot(1, ratio)
  return { alpha, sigma: ratio * alpha }
}
