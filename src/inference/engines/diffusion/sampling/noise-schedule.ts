import { z } from 'zod'
import { EDM_CLASSES } from '../../../checkpoint/configuration-fields.js'

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
export const schedulerConfigSchema = z.preprocess(
  withoutNulls,
  z.object({
    /** diffusers' class of the model's own sampler; used to recognize distilled models. */
    _class_name: z.string().optional(),
    num_train_timesteps: z.int().min(2).max(100_000).default(1000),
    beta_start: z.number().positive().max(1).default(0.00085),
    beta_end: z.number().positive().max(1).default(0.012),
    beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).default('scaled_linear'),
    /** Betas by timestep, instead of a formula. */
    trained_betas: z.array(z.number().positive().max(1)).min(2).nullish(),
    prediction_type: z.enum(PREDICTION_TYPES).default('epsilon'),
    timestep_spacing: z.enum(TIMESTEP_SPACINGS).optional(),
    steps_offset: z.int().min(0).default(0),
    set_alpha_to_one: z.boolean().default(true),
    rescale_betas_zero_snr: z.boolean().default(false),
    original_inference_steps: z.int().positive().default(50),
    timestep_scaling: z.number().positive().default(10),
    /** Karras' sigmas are the default schedule type. */
    use_karras_sigmas: z.boolean().nullish(),
    final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
    /** Of DPM++ and UniPC. */
    solver_order: z.int().min(1).max(3).default(2),
    solver_type: z.string().optional(),
    lower_order_final: z.boolean().default(true),
    euler_at_final: z.boolean().default(false),
    disable_corrector: z.array(z.int()).default([]),
    /** Of models trained as in Karras et al. 2022 (EDM); other classes ignore them. */
    sigma_min: z.number().positive().nullish(),
    sigma_max: z.number().positive().nullish(),
    sigma_data: z.number().positive().nullish(),
    sigma_schedule: z.enum(['karras', 'exponential']).default('karras'),
    rho: z.number().positive().default(7),
  }),
)

/** Python writes null for what is not set. */
function withoutNulls(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
}

/** `steps_offset` of Stable Diffusion 1 and 2, whatever their config says: diffusers' pipelines replace other values. */
export const SD_STEPS_OFFSET = 1

export type SchedulerConfig = z.infer<typeof schedulerConfigSchema>

/** The noise level at each training timestep. */
export type NoiseSchedule = {
  readonly config: SchedulerConfig
  /** ᾱ by timestep, the share of the picture in the variance (Ho et al. 2020). Decreasing. */
  readonly alphasCumprod: Float64Array
  /** σ by timestep, the standard deviation of the noise for an unscaled picture: √((1 − ᾱ) / ᾱ). Increasing. */
  readonly sigmas: Float64Array
  /** For models trained as in Karras et al. 2022; they don't use the arrays above. */
  readonly edm: EdmSchedule | undefined
}

/**
 * The noise of a model that was trained with any σ of a range ("Elucidating the design space", table 1, last column). Its
 * latents are picture + σ · noise; its timestep is ln σ / 4.
 */
export type EdmSchedule = {
  readonly sigmaMin: number
  readonly sigmaMax: number
  /** Standard deviation of the pictures' latents. */
  readonly sigmaData: number
  readonly spacing: 'karras' | 'exponential'
  readonly rho: number
}

const { fround } = Math

/** ᾱ that σ is computed from where it is 0: half precision's smallest positive number. */
const MIN_ALPHA = 2 ** -24

/**
 * Values are rounded to single precision where diffusers rounds them: Karras' sigmas are mapped back to whole timesteps,
 * and some are near the middle between two.
 */
export function makeNoiseSchedule(config: SchedulerConfig): NoiseSchedule {
  const alphasCumprod = cumulativeProduct(betasOf(config).map(beta => fround(1 - beta)))
  const rescaled = config.rescale_betas_zero_snr ? rescaleToZeroSnr(alphasCumprod) : alphasCumprod
  // So that the first σ is finite. Samplers that use ᾱ can start from 0, as in diffusers.
  const positive = rescaled.map(alpha => (alpha === 0 ? MIN_ALPHA : alpha))
  const sigmas = positive.map(alpha => fround(Math.sqrt(fround(fround(1 - alpha) / alpha))))
  return { config, alphasCumprod: rescaled, sigmas, edm: edmSchedule(config) }
}

function edmSchedule(config: SchedulerConfig): EdmSchedule | undefined {
  if (!EDM_CLASSES.some(name => name === config._class_name)) return undefined
  return {
    sigmaMin: config.sigma_min ?? 0.002,
    sigmaMax: config.sigma_max ?? 80,
    sigmaData: config.sigma_data ?? 0.5,
    spacing: config.sigma_schedule,
    rho: config.rho,
  }
}

/** As in torch: the product is kept in double precision, its values are rounded to single. */
function cumulativeProduct(factors: Float64Array): Float64Array {
  let product = 1
  return factors.map(factor => {
    product *= factor
    return fround(product)
  })
}

/** σ of ᾱ. */
export function sigmaFromAlphaCumprod(alphaCumprod: number): number {
  return Math.sqrt((1 - alphaCumprod) / alphaCumprod)
}

function betasOf(config: SchedulerConfig): Float64Array {
  const { num_train_timesteps: count, beta_start, beta_end, beta_schedule, trained_betas } = config
  if (trained_betas) return Float64Array.from(trained_betas, fround)
  const betas = new Float64Array(count)
  // torch.linspace in single precision: from both ends to the middle, with fused multiply-add.
  const linear = (from: number, to: number, t: number) => {
    const [first, last] = [fround(from), fround(to)]
    const step = fround(fround(last - first) / (count - 1))
    return fround(t < count >> 1 ? first + step * t : last - step * (count - t - 1))
  }
  // ᾱ of the cosine schedule (Nichol and Dhariwal 2021, equation 17).
  const alphaBar = (t: number) => Math.cos((((t / count + 0.008) / 1.008) * Math.PI) / 2) ** 2
  for (let t = 0; t < count; t++) {
    if (beta_schedule === 'linear') betas[t] = linear(beta_start, beta_end, t)
    else if (beta_schedule === 'scaled_linear')
      betas[t] = fround(linear(Math.sqrt(beta_start), Math.sqrt(beta_end), t) ** 2)
    else betas[t] = fround(Math.min(0.999, 1 - alphaBar(t + 1) / alphaBar(t)))
  }
  return betas
}

/**
 * Rescale to a signal-to-noise ratio of 0 at the last timestep (Lin et al. 2024, algorithm 1).
 */
function rescaleToZeroSnr(alphasCumprod: Float64Array): Float64Array {
  const sqrtAlphas = alphasCumprod.map(alpha => fround(Math.sqrt(alpha)))
  const [first, last] = [sqrtAlphas[0]!, sqrtAlphas.at(-1)!]
  const scale = fround(first / fround(first - last))
  const targets = sqrtAlphas.map(sqrtAlpha => fround(fround(fround(sqrtAlpha - last) * scale) ** 2))
  // diffusers goes back to betas, which rounds each factor.
  const factors = targets.map((alpha, t) => (t === 0 ? alpha : fround(alpha / targets[t - 1]!)))
  return cumulativeProduct(factors.map(alpha => fround(1 - fround(1 - alpha))))
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
  const logSigmaAt = (t: number) => fround(Math.log(sigmas[t]!))
  let low = 0
  for (let high = sigmas.length - 1; high - low > 1; ) {
    const middle = (low + high) >> 1
    if (logSigmaAt(middle) <= logSigma) low = middle
    else high = middle
  }
  const [below, above] = [logSigmaAt(low), logSigmaAt(low + 1)]
  const share = Math.min(1, Math.max(0, (below - logSigma) / fround(below - above)))
  return (1 - share) * low + share * (low + 1)
}
