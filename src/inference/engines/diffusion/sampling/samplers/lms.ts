import { sigmaTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceExploding, weightedSum } from './sampler.js'

/** Order of the method: the number of slopes that are kept. */
const MAX_ORDER = 4

/** Linear multistep method (Adams and Bashforth): integrates the polynomial through the latest slopes. */
export const lms: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = sigmaTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  const slopes: Float32Array[] = []
  return {
    timesteps,
    callsPerStep: 1,
    ...varianceExploding(schedule, trajectory),
    step(latents, output, index) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const denoised = predictDenoised(schedule, latents, output, { alpha: 1, sigma })
      slopes.unshift(weightedSum([1 / sigma, latents], [-1 / sigma, denoised]))
      slopes.length = Math.min(slopes.length, MAX_ORDER)
      // Latest first. A job that starts midway has fewer slopes than sigmas; the missing ones are left out, as in
      // diffusers.
      const points = sigmas.slice(Math.max(0, index + 1 - MAX_ORDER), index + 1).reverse()
      const terms = slopes.map((slope, which) => [integral(points, which, sigma, next), slope] as const)
      return weightedSum([1, latents], ...terms)
    },
  }
}

/** The exact integral of the Lagrange basis polynomial that is 1 at `points[which]` and 0 at the others. */
function integral(points: readonly number[], which: number, from: number, to: number): number {
  // Coefficients, lowest power first.
  let polynomial = [1]
  points.forEach((point, index) => {
    if (index === which) return
    const scale = 1 / (points[which]! - point)
    const timesX = [0, ...polynomial]
    polynomial = timesX.map((value, power) => scale * (value - point * (polynomial[power] ?? 0)))
  })
  return polynomial.reduce((sum, value, power) => {
    return sum + (value * (to ** (power + 1) - from ** (power + 1))) / (power + 1)
  }, 0)
}
