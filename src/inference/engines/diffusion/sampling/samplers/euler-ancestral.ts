import { sigmaTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceExploding, weightedSum } from './sampler.js'

/**
 * Ancestral sampling with Euler's method: step below the next sigma and add fresh noise (Song et al. 2021, as in
 * k-diffusion).
 */
export const eulerAncestral: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  return {
    timesteps,
    callsPerStep: 1,
    ...varianceExploding(schedule, trajectory),
    step(latents, output, index, noise) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const sigmaUp = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2)
      const sigmaDown = Math.sqrt(next ** 2 - sigmaUp ** 2)
      const denoised = predictDenoised(schedule, latents, output, { alpha: 1, sigma })
      return weightedSum([sigmaDown / sigma, latents], [1 - sigmaDown / sigma, denoised], [sigmaUp, noise()])
    },
  }
}
