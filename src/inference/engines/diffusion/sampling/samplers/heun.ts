import { sigmaTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceExploding, weightedSum } from './sampler.js'

/**
 * Heun's method: Euler's step, corrected with the mean of the slopes at both ends (Karras et al. 2022, algorithm 1).
 */
export const heun: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps)
  // Call 0 is at the first sigma, calls 1 and 2 at the second, 3 and 4 at the third, and so on. Odd calls correct.
  const stepOf = (index: number) => Math.ceil(index / 2)
  const timesteps = trajectory.timesteps.flatMap((t, index) => (index === 0 ? [t] : [t, t]))
  const sigmas = [...timesteps.map((_, index) => trajectory.sigmas[stepOf(index)]!), 0]
  let stepStart: { latents: Float32Array; slope: Float32Array; sigma: number } | undefined
  return {
    timesteps,
    callsPerStep: 2,
    ...varianceExploding(schedule, { sigmas }),
    step(latents, output, index) {
      const sigma = sigmas[index]!
      const denoised = predictDenoised(schedule, latents, output, { alpha: 1, sigma })
      const slope = weightedSum([1 / sigma, latents], [-1 / sigma, denoised])
      if (!stepStart) {
        const next = sigmas[index + 1]!
        stepStart = { latents, slope, sigma }
        return weightedSum([1, latents], [next - sigma, slope])
      }
      const start = stepStart
      stepStart = undefined
      const half = (sigma - start.sigma) / 2
      return weightedSum([1, start.latents], [half, start.slope], [half, slope])
    },
  }
}
