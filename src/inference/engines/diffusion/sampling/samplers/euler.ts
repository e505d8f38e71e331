import { sigmaTrajectory } from '../timestep-spacing.js'
import { combined, exploding, firstSigma, type MakeSampler, pictureIn } from './sampler.js'

/** Euler's method on the probability flow ODE (Karras et al. 2022, algorithm 2 without churn). */
export const euler: MakeSampler = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  return {
    timesteps,
    callsPerStep: 1,
    ...exploding(trajectory, firstSigma(schedule, trajectory)),
    step(latents, output, index) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const picture = pictureIn(schedule.config.prediction_type, latents, output, 1, sigma)
      // x + (x − picture) / σ · (σ' − σ)
      return combined([next / sigma, latents], [1 - next / sigma, picture])
    },
  }
}
