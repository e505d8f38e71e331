// Only names: the bot and the command line read them without loading any sampler.

/** Samplers by their names in A1111's web UI, in the order in which they are offered. */
export const SAMPLER_NAMES = [
  'DPM++ 2M',
  'DPM++ 2M SDE',
  'Euler',
  'Euler a',
  'UniPC',
  'DDIM',
  'LMS',
  'Heun',
  'LCM',
  'TCD',
] as const
export type SamplerName = (typeof SAMPLER_NAMES)[number]

/**
 * How a sampler's sigmas are spaced, which A1111's web UI calls the schedule type: evenly over the timesteps, as in
 * Karras et al. 2022, or as in Sabour et al. 2024.
 */
export const SIGMA_SPACINGS = ['linear', 'karras', 'align-your-steps'] as const
export type SigmaSpacing = (typeof SIGMA_SPACINGS)[number]
