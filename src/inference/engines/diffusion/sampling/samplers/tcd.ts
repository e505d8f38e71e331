import { sigmaFromAlphaCumprod } from '../noise-schedule.js'
import { distillationTimesteps } from '../timestep-spacing.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/**
 * Trajectory consistency distillation (Zheng et al. 2024, algorithm 4), deterministic (γ = 0, the default of diffusers'
 * pipelines): each call predicts the latents at the next timestep, the last one those at timestep 0.
 */
export const tcd: SamplerFactory = (schedule, { steps }) => {
  const timesteps = distillationTimesteps(schedule, steps)
  const ratios = [...timesteps, 0].map(t => sigmaFromAlphaCumprod(schedule.alphasCumprod[t]!))
  return {
    timesteps,
    callsPerStep: 1,
    ...variancePreserving({ sigmas: ratios }),
    step(latents, output, index) {
      const [current, next] = [alphaSigma(ratios[index]!), alphaSigma(ratios[index + 1]!)]
      const denoised = predictDenoised(schedule, latents, output, current)
      const noise = weightedSum([1 / current.sigma, latents], [-current.alpha / current.sigma, denoised])
      return weightedSum([next.alpha, denoised], [next.sigma, noise])
    },
  }
}
