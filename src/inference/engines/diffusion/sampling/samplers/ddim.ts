import { sigmaFromAlphaCumprod } from '../noise-schedule.js'
import { roundToEven, spacedTimesteps } from '../timestep-spacing.js'
import { euler } from './euler.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/** Denoising diffusion implicit models, deterministic (Song et al. 2021, equation 12 with η = 0). */
export const ddim: SamplerFactory = (schedule, options) => {
  // For latents of the form picture + σ · noise it is Euler's method.
  if (schedule.edm) return euler(schedule, options)
  const { steps } = options
  const { alphasCumprod, config } = schedule
  const timesteps = spacedTimesteps(schedule, config.timestep_spacing ?? 'leading', steps).map(roundToEven)
  const finalRatio = config.set_alpha_to_one ? 0 : sigmaFromAlphaCumprod(alphasCumprod[0]!)
  const stride = Math.floor(config.num_train_timesteps / steps)
  const ratioAt = (timestep: number) => (timestep < 0 ? finalRatio : sigmaFromAlphaCumprod(alphasCumprod[timestep]!))
  return {
    timesteps,
    callsPerStep: 1,
    ...variancePreserving({ sigmas: timesteps.map(ratioAt) }),
    step(latents, output, index) {
      const timestep = timesteps[index]!
      const current = alphaSigma(ratioAt(timestep))
      const next = alphaSigma(ratioAt(timestep - stride))
      const denoised = predictDenoised(schedule, latents, output, current)
      // The predicted noise: what remains of the latents without the picture.
      const noise = weightedSum([1 / current.sigma, latents], [-current.alpha / current.sigma, denoised])
      return weightedSum([next.alpha, denoised], [next.sigma, noise])
    },
  }
}
