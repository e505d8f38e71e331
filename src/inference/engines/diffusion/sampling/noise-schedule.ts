import { z } from 'zod'

/**
 * What a model predicts: the noise, the velocity v = α·noise − σ·picture (Salimans and Ho 2022), or the picture itself.
 */
export const PREDICTION_TYPES = ['epsilon', 'v_prediction', 'sample'] as const
export type PredictionType = (typeof PREDICTION_TYPES)[number]

/**
 * How inference timesteps are spaced over the training timesteps (Lin et al. 2024, "Common diffusion noise schedules",
 * table 2).
 */
export const TIMESTEP_SPACINGS = ['linspace', 'leading', 'trailing'] as const
export type TimestepSpacing = (typeof TIMESTEP_SPACINGS)[number]

/**
 * The keys of `scheduler/scheduler_config.json` that describe how a model was trained. Defaults are those of Stable
 * Diffusion 1.
 */
export const schedulerConfigSchema = z.object({
  /** diffusers' class of the model's own sampler; used to recognize distilled models. */
  _class_name: z.string().optional(),
  num_train_timesteps: z.int().min(2).max(100_000).default(1000),
  beta_start: z.number().positive().max(1).default(0.00085),
  beta_end: z.number().positive().max(1).default(0.012),
  beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).default('scaled_linear'),
  prediction_type: z.enum(PREDICTION_TYPES).default('epsilon'),
  timestep_spacing: z.enum(TIMESTEP_SPACINGS).optional(),
  steps_offset: z.int().min(0).default(0),
  set_alpha_to_one: z.boolean().default(true),
  rescale_betas_zero_snr: z.boolean().default(false),
  original_inference_steps: z.int().positive().default(50),
  timestep_scaling: z.number().positive().default(10),
})

export type SchedulerConfig = z.infer<typeof schedulerConfigSchema>

/** The noise level at each training timestep. */
export type NoiseSchedule = {
  readonly config: SchedulerConfig
  /** ᾱ by timestep, the share of the picture in the variance (Ho et al. 2020). Decreasing. */
  readonly alphasCumprod: Float64Array
  /** σ by timestep, the standard deviation of the noise for an unscaled picture: √((1 − ᾱ) / ᾱ). Increasing. */
  readonly sigmas: Float64Array
}

export function makeNoiseSchedule(config: SchedulerConfig): NoiseSchedule {
  const betas = betasOf(config)
  const alphasCumprod = new Float64Array(betas.length)
  let product = 1
  for (let t = 0; t < betas.length; t++) {
    product *= 1 - betas[t]!
    alphasCumprod[t] = product
  }
  if (config.rescale_betas_zero_snr) rescaleToZeroSnr(alphasCumprod)
  return { config, alphasCumprod, sigmas: alphasCumprod.map(sigmaFromAlphaCumprod) }
}

/** σ of ᾱ. */
export function sigmaFromAlphaCumprod(alphaCumprod: number): number {
  return Math.sqrt((1 - alphaCumprod) / alphaCumprod)
}

function betasOf({ num_train_timesteps: count, beta_start, beta_end, beta_schedule }: SchedulerConfig): Float64Array {
  const betas = new Float64Array(count)
  const linear = (from: number, to: number, t: number) => from + ((to - from) * t) / (count - 1)
  // ᾱ of the cosine schedule (Nichol and Dhariwal 2021, equation 17).
  const alphaBar = (t: number) => Math.cos((((t / count + 0.008) / 1.008) * Math.PI) / 2) ** 2
  for (let t = 0; t < count; t++) {
    if (beta_schedule === 'linear') betas[t] = linear(beta_start, beta_end, t)
    else if (beta_schedule === 'scaled_linear') betas[t] = linear(Math.sqrt(beta_start), Math.sqrt(beta_end), t) ** 2
    else betas[t] = Math.min(0.999, 1 - alphaBar(t + 1) / alphaBar(t))
  }
  return betas
}

/**
 * Rescale in place to a signal-to-noise ratio of 0 at the last timestep (Lin et al. 2024, algorithm 1); ᾱ stays above
 * 0.
 */
function rescaleToZeroSnr(alphasCumprod: Float64Array): void {
  const sqrtAlphas = alphasCumprod.map(Math.sqrt)
  const [first, last] = [sqrtAlphas[0]!, sqrtAlphas.at(-1)!]
  for (let t = 0; t < sqrtAlphas.length; t++)
    alphasCumprod[t] = (((sqrtAlphas[t]! - last) * first) / (first - last)) ** 2
  alphasCumprod[alphasCumprod.length - 1] = 2 ** -24
}

/** σ at a fractional timestep, linearly interpolated. */
export function sigmaAt({ sigmas }: NoiseSchedule, timestep: number): number {
  const low = Math.min(sigmas.length - 1, Math.max(0, Math.floor(timestep)))
  const high = Math.min(sigmas.length - 1, low + 1)
  const share = Math.min(1, Math.max(0, timestep - low))
  return sigmas[low]! * (1 - share) + sigmas[high]! * share
}

/** The fractional timestep with this σ; log σ is interpolated. */
export function timestepAt({ sigmas }: NoiseSchedule, sigma: number): number {
  const logSigma = Math.log(Math.max(sigma, 1e-10))
  let low = 0
  while (low < sigmas.length - 2 && Math.log(sigmas[low + 1]!) <= logSigma) low++
  const [below, above] = [Math.log(sigmas[low]!), Math.log(sigmas[low + 1]!)]
  return low + Math.min(1, Math.max(0, (below - logSigma) / (below - above)))
}
