import { configuredFinalSigma, sigmaTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceExploding, weightedSum } from './sampler.js'

/** Euler's method on the probability flow ODE (Karras et al. 2022, algorithm 2 without churn). */
export const euler: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps, configuredFinalSigma(schedule))
  const { timesteps, sigmas } = trajectory
  return {
    timesteps,
    callsPerStep: 1,
    ...varianceExploding(schedule, trajectory),
    step(latents, output, index) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const denoised = predictDenoised(schedule, latents, output, { alpha: 1, sigma })
      // x + (x − denoised) / σ · (σ' − σ)
      return weightedSum([next / sigma, latents], [1 - next / sigma, denoised])
    },
  }
}
