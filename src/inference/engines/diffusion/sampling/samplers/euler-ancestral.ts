import { sigmaTrajectory } from '../timestep-spacing.js'
import { combined, exploding, firstSigma, type MakeSampler, pictureIn } from './sampler.js'

/** Euler's method a little too far, and fresh noise instead: ancestral sampling (Song et al. 2021, as k-diffusion has it). */
export const eulerAncestral: MakeSampler = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  return {
    timesteps,
    callsPerStep: 1,
    ...exploding(trajectory, firstSigma(schedule, trajectory)),
    step(latents, output, index, noise) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2)
      const down = Math.sqrt(next ** 2 - up ** 2)
      const picture = pictureIn(schedule.config.prediction_type, latents, output, 1, sigma)
      return combined([down / sigma, latents], [1 - down / sigma, picture], [up, noise()])
    },
  }
}
