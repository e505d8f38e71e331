import type { Prediction, Schedule } from '../noise-schedule.js'
import type { Family, Spacing, Trajectory } from '../timestep-spacing.js'

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
  begin(noise: Float32Array): Float32Array
  /** A picture's latents as they would be before call `index`, with noise of variance 1 (for strengths under 1, and masks). */
  noised(latents: Float32Array, noise: Float32Array, index: number): Float32Array
  /** What the model sees at call `index`. */
  scaled(latents: Float32Array, index: number): Float32Array
  /**
   * The latents after call `index`; calls come in order, from any first one on.
   *
   * @param output of the model, as its kind of prediction says
   * @param noise gives fresh noise of variance 1, for samplers that add some
   */
  step(latents: Float32Array, output: Float32Array, index: number, noise: () => Float32Array): Float32Array
}

/** How a sampler is made for a job. */
export type MakeSampler = (schedule: Schedule, options: SamplerOptions) => Sampler

export type SamplerOptions = { readonly steps: number; readonly spacing: Spacing; readonly family: Family }

/** Σ weightᵢ · arrayᵢ. */
export function combined(...terms: readonly (readonly [weight: number, array: Float32Array])[]): Float32Array {
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
export function pictureIn(
  prediction: Prediction,
  latents: Float32Array,
  output: Float32Array,
  alpha: number,
  sigma: number,
): Float32Array {
  switch (prediction) {
    case 'epsilon':
      return combined([1 / alpha, latents], [-sigma / alpha, output])
    case 'v_prediction': {
      // v is of latents whose variance is 1.
      const size = Math.hypot(alpha, sigma)
      return combined([alpha / size ** 2, latents], [-sigma / size, output])
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
export function exploding({ sigmas }: Pick<Trajectory, 'sigmas'>, first: number) {
  return {
    begin: (noise: Float32Array) => combined([first, noise]),
    noised: (latents: Float32Array, noise: Float32Array, index: number) =>
      combined([1, latents], [sigmas[index]!, noise]),
    scaled: (latents: Float32Array, index: number) => combined([1 / Math.hypot(1, sigmas[index]!), latents]),
  }
}

/** The largest sigma; more where the timesteps do not begin with all noise. */
export function firstSigma(schedule: Schedule, { sigmas }: Trajectory): number {
  const most = Math.max(...sigmas)
  return schedule.config.timestep_spacing === 'leading' ? Math.hypot(1, most) : most
}

/** What samplers have in common whose latents are x = α·picture + σ·noise of variance 1 (variance preserving). */
export function preserving({ sigmas }: Pick<Trajectory, 'sigmas'>) {
  return {
    begin: (noise: Float32Array) => noise.slice(),
    noised: (latents: Float32Array, noise: Float32Array, index: number) => {
      const { alpha, sigma } = preserved(sigmas[index]!)
      return combined([alpha, latents], [sigma, noise])
    },
    scaled: (latents: Float32Array) => latents,
  }
}

/** α and σ with α² + σ² = 1, of the same ratio. */
export function preserved(ratio: number): { alpha: number; sigma: number } {
  const alpha = 1 / Math.hypot(1, ratio)
  return { alpha, sigma: ratio * alpha }
}
