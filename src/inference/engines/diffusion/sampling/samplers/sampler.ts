import type { NoiseSchedule } from '../noise-schedule.js'
import type { SigmaSpacing } from '../sampler-names.js'
import type { ModelFamily, Trajectory } from '../timestep-spacing.js'

/**
 * A sampler for one job; multistep samplers keep state between steps. Latents are flat arrays of any shape. Arguments
 * are not changed.
 */
export interface Sampler {
  /** The timestep of each call of the model. */
  readonly timesteps: readonly number[]
  /** Calls of the model per step: 2 for Heun. */
  readonly callsPerStep: 1 | 2
  /** The initial latents from noise of variance 1. */
  initialLatents(noise: Float32Array): Float32Array
  /** Add noise of variance 1 to a picture's latents as before call `index`, for strengths below 1 and for masks. */
  addNoise(latents: Float32Array, noise: Float32Array, index: number): Float32Array
  /** The factors of picture and noise in the latents before call `index`. */
  factorsAt(index: number): AlphaSigma
  /** The input of the model at call `index`. */
  scaleModelInput(latents: Float32Array, index: number): Float32Array
  /**
   * The latents after call `index`. Calls come in order, starting anywhere.
   *
   * @param output of the model, of its prediction type
   * @param noise returns fresh noise of variance 1, for ancestral and SDE samplers
   */
  step(latents: Float32Array, output: Float32Array, index: number, noise: () => Float32Array): Float32Array
}

/** Creates the sampler of a job. */
export type SamplerFactory = (schedule: NoiseSchedule, options: SamplerOptions) => Sampler

export type SamplerOptions = { readonly steps: number; readonly spacing: SigmaSpacing; readonly family: ModelFamily }

const { fround } = Math

type WeightedTerm = readonly [weight: number, array: Float32Array]

/** Σ weightᵢ · arrayᵢ, elementwise, in single precision. */
export function weightedSum(...terms: readonly WeightedTerm[]): Float32Array {
  const { length } = terms[0]![1]
  // At sigma 0 the array of a zero weight may not be finite.
  const [first, second, third, ...others] = terms.filter(([weight]) => weight !== 0)
  const sum = new Float32Array(length)
  // Up to three terms in one pass: reading and writing the arrays takes longer than the arithmetic.
  if (first && second && third) addThree(sum, first, second, third)
  else if (first && second) addTwo(sum, first, second)
  else if (first) add(sum, first)
  for (const term of others) add(sum, term)
  return sum
}

function add(sum: Float32Array, [weight, array]: WeightedTerm): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += weight * array[at]!
}

function addTwo(sum: Float32Array, [weight1, array1]: WeightedTerm, [weight2, array2]: WeightedTerm): void {
  for (let at = 0; at < sum.length; at++) sum[at] = fround(weight1 * array1[at]!) + weight2 * array2[at]!
}

function addThree(
  sum: Float32Array,
  [weight1, array1]: WeightedTerm,
  [weight2, array2]: WeightedTerm,
  [weight3, array3]: WeightedTerm,
): void {
  for (let at = 0; at < sum.length; at++) {
    sum[at] = fround(fround(weight1 * array1[at]!) + weight2 * array2[at]!) + weight3 * array3[at]!
  }
}

/**
 * The denoised picture that a model's output predicts, for latents = alpha · picture + sigma · noise.
 */
export function predictDenoised(
  { config, edm }: NoiseSchedule,
  latents: Float32Array,
  output: Float32Array,
  { alpha, sigma }: AlphaSigma,
): Float32Array {
  if (edm) {
    // c_skip and c_out of Karras et al. 2022, table 1; alpha is 1.
    const variance = sigma ** 2 + edm.sigmaData ** 2
    const cOut = (sigma * edm.sigmaData) / Math.sqrt(variance)
    const sign = config.prediction_type === 'v_prediction' ? -1 : 1
    return weightedSum([edm.sigmaData ** 2 / variance, latents], [sign * cOut, output])
  }
  switch (config.prediction_type) {
    case 'epsilon':
      return weightedSum([1 / alpha, latents], [-sigma / alpha, output])
    case 'v_prediction': {
      // v is defined for latents of variance 1.
      const norm = Math.hypot(alpha, sigma)
      return weightedSum([alpha / norm ** 2, latents], [-sigma / norm, output])
    }
    case 'sample':
      return output
  }
}

/**
 * The common part of samplers with x = picture + σ·noise (variance exploding; Karras et al. 2022). The model gets x
 * scaled to variance 1.
 */
export function varianceExploding(schedule: NoiseSchedule, { sigmas }: Pick<Trajectory, 'sigmas'>) {
  const sigmaData = schedule.edm?.sigmaData ?? 1
  return {
    initialLatents: (noise: Float32Array) => weightedSum([initNoiseSigma(schedule, sigmas), noise]),
    addNoise: (latents: Float32Array, noise: Float32Array, index: number) =>
      weightedSum([1, latents], [sigmas[index]!, noise]),
    scaleModelInput: (latents: Float32Array, index: number) =>
      weightedSum([1 / Math.hypot(sigmaData, sigmas[index]!), latents]),
    /** The factors of picture and noise in the latents before call `index`. */
    factorsAt: (index: number): AlphaSigma => ({ alpha: 1, sigma: sigmas[index]! }),
  }
}

/**
 * Standard deviation of the initial latents: the largest sigma, or √(1 + σ²) for leading timesteps and EDM (diffusers'
 * `init_noise_sigma`).
 */
function initNoiseSigma({ config, edm }: NoiseSchedule, sigmas: readonly number[]): number {
  if (edm) return Math.hypot(1, edm.sigmaMax)
  const sigmaMax = Math.max(...sigmas)
  return config.timestep_spacing === 'leading' ? Math.hypot(1, sigmaMax) : sigmaMax
}

/** The common part of samplers with x = α·picture + σ·noise of variance 1 (variance preserving). */
export function variancePreserving({ sigmas }: Pick<Trajectory, 'sigmas'>) {
  const factorsAt = (index: number) => alphaSigma(sigmas[index]!)
  return {
    initialLatents: (noise: Float32Array) => noise.slice(),
    addNoise: (latents: Float32Array, noise: Float32Array, index: number) => {
      const { alpha, sigma } = factorsAt(index)
      return weightedSum([alpha, latents], [sigma, noise])
    },
    scaleModelInput: (latents: Float32Array) => latents,
    factorsAt,
  }
}

/** The part that fits the model: for samplers that work with latents of either kind. */
export function varianceOfModel(schedule: NoiseSchedule, trajectory: Pick<Trajectory, 'sigmas'>) {
  return schedule.edm ? varianceExploding(schedule, trajectory) : variancePreserving(trajectory)
}

/** Factors of picture and noise. */
export type AlphaSigma = { readonly alpha: number; readonly sigma: number }

/** α and σ with α² + σ² = 1. @param ratio σ / α */
export function alphaSigma(ratio: number): AlphaSigma {
  if (ratio === Number.POSITIVE_INFINITY) return { alpha: 0, sigma: 1 }
  const alpha = 1 / Math.hypot(1, ratio)
  return { alpha, sigma: ratio * alpha }
}
