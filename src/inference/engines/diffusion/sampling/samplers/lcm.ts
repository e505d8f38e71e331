import { sigmaFromAlphaCumprod } from '../noise-schedule.js'
import { distillationTimesteps } from '../timestep-spacing.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/** σ_data of the consistency model's boundary condition. */
const SIGMA_DATA = 0.5

/**
 * Multistep sampling of latent consistency models (Luo et al. 2023, algorithm 3): each call predicts the picture, then
 * noise is added.
 */
export const lcm: SamplerFactory = (schedule, { steps }) => {
  const { alphasCumprod, config } = schedule
  const timesteps = distillationTimesteps(schedule, steps)
  const ratios = timesteps.map(t => sigmaFromAlphaCumprod(alphasCumprod[t]!))
  return {
    timesteps,
    callsPerStep: 1,
    ...variancePreserving({ sigmas: ratios }),
    step(latents, output, index, noise) {
      const current = alphaSigma(ratios[index]!)
      const predicted = predictDenoised(schedule, latents, output, current)
      const scaled = timesteps[index]! * config.timestep_scaling
      const norm = Math.hypot(scaled, SIGMA_DATA)
      const denoised = weightedSum([scaled / norm, predicted], [(SIGMA_DATA / norm) ** 2, latents])
      if (index === steps - 1) return denoised
      const next = alphaSigma(ratios[index + 1]!)
      return weightedSum([next.alpha, denoised], [next.sigma, noise()])
    },
  }
}
