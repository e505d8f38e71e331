import { timestepTrajectory } from '../timestep-spacing.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/** DPM-Solver++(2M): second order multistep (Lu et al. 2022, "DPM-Solver++", algorithm 2). */
export const dpm2m = makeDpm(false)

/** The SDE variant: fresh noise in each step (Lu et al. 2022, section 5). */
export const dpm2mSde = makeDpm(true)

function makeDpm(isSde: boolean): SamplerFactory {
  return (schedule, { steps, spacing, family }) => {
    const trajectory = timestepTrajectory(schedule, spacing, family, steps)
    const { timesteps, sigmas } = trajectory
    let previousDenoised: Float32Array | undefined
    return {
      timesteps,
      callsPerStep: 1,
      ...variancePreserving(trajectory),
      step(latents, output, index, noise) {
        const current = alphaSigma(sigmas[index]!)
        const next = alphaSigma(sigmas[index + 1]!)
        const denoised = predictDenoised(schedule.config.prediction_type, latents, output, current.alpha, current.sigma)
        // λ = log(α / σ) is −log of the ratio; h is infinite where the next sigma is 0.
        const h = Math.log(sigmas[index]! / sigmas[index + 1]!)
        // The last step, to sigma 0, is of first order.
        const isFirstOrder = !previousDenoised || index === timesteps.length - 1
        const r = isFirstOrder ? 1 : Math.log(sigmas[index - 1]! / sigmas[index]!) / h
        const extrapolated = isFirstOrder
          ? denoised
          : weightedSum([1 + 1 / (2 * r), denoised], [-1 / (2 * r), previousDenoised!])
        previousDenoised = denoised
        if (!isSde)
          return weightedSum([next.sigma / current.sigma, latents], [-next.alpha * Math.expm1(-h), extrapolated])
        return weightedSum(
          [(next.sigma / current.sigma) * Math.exp(-h), latents],
          [-next.alpha * Math.expm1(-2 * h), extrapolated],
          [next.sigma * Math.sqrt(-Math.expm1(-2 * h)), noise()],
        )
      },
    }
  }
}
