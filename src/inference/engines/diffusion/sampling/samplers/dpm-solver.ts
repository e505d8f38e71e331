import type { NoiseSchedule } from '../noise-schedule.js'
import { timestepTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceOfModel, weightedSum } from './sampler.js'

/** DPM-Solver++(2M): multistep, of second order by default (Lu et al. 2022, "DPM-Solver++", algorithm 2). */
export const dpm2m = makeDpm(false)

/** The SDE variant: fresh noise in each step (Lu et al. 2022, section 5). */
export const dpm2mSde = makeDpm(true)

/** Below this number of steps the last ones are of lower order, which is more stable (diffusers). */
const FEW_STEPS = 15

function makeDpm(isSde: boolean): SamplerFactory {
  return (schedule, { steps, spacing, family }) => {
    // diffusers doesn't round for the cosine schedule, but converts to integers.
    const round = schedule.config.beta_schedule === 'squaredcos_cap_v2' ? Math.floor : undefined
    const trajectory = timestepTrajectory(schedule, spacing, family, steps, round)
    const { timesteps, sigmas } = trajectory
    const latentsOfModel = varianceOfModel(schedule, trajectory)
    const usesHeun = schedule.config.solver_type === 'heun'
    // Latest first.
    let predictions: Float32Array[] = []
    return {
      timesteps,
      callsPerStep: 1,
      ...latentsOfModel,
      step(latents, output, index, noise) {
        const [current, next] = [latentsOfModel.factorsAt(index), latentsOfModel.factorsAt(index + 1)]
        const denoised = predictDenoised(schedule, latents, output, current)
        predictions = [denoised, ...predictions].slice(0, schedule.config.solver_order)
        const order = orderAt(schedule, index, timesteps.length, predictions.length)
        // λ = log(α / σ) is −log of the ratio; h is infinite where the next sigma is 0.
        const h = Math.log(sigmas[index]! / sigmas[index + 1]!)
        // The SDE's solution has the same form with twice the step.
        const weights = orderWeights(isSde ? 2 * h : h, stepRatios(sigmas, index, h), order, { usesHeun, isSde })
        const terms = weights.map((weight, which) => [next.alpha * weight, predictions[which]!] as const)
        if (!isSde) return weightedSum([next.sigma / current.sigma, latents], ...terms)
        return weightedSum([(next.sigma / current.sigma) * Math.exp(-h), latents], ...terms, [
          next.sigma * Math.sqrt(-Math.expm1(-2 * h)),
          noise(),
        ])
      },
    }
  }
}

/** The order of a step: not more than there are predictions, and lower at the end. */
function orderAt({ config }: NoiseSchedule, index: number, steps: number, predictions: number): number {
  const isLowered = config.lower_order_final && steps < FEW_STEPS
  if (index === steps - 1 && (isLowered || config.euler_at_final || config.final_sigmas_type === 'zero')) return 1
  return Math.min(predictions, index === steps - 2 && isLowered ? 2 : config.solver_order)
}

/** The lengths of the two steps before a step, relative to its length. */
function stepRatios(sigmas: readonly number[], index: number, h: number): readonly [number, number] {
  const lengthOf = (at: number) => Math.log((sigmas[at] ?? 1) / (sigmas[at + 1] ?? 1))
  return [lengthOf(index - 1) / h, lengthOf(index - 2) / h]
}

/**
 * The weights of the latest predictions, latest first (Lu et al. 2022, algorithm 2 and appendix A for the third order).
 *
 * @param r0 length of the previous step relative to this one; r1 that of the one before
 */
function orderWeights(
  h: number,
  [r0, r1]: readonly [number, number],
  order: number,
  { usesHeun, isSde }: { usesHeun: boolean; isSde: boolean },
): number[] {
  const phi1 = -Math.expm1(-h)
  if (order === 1) return [phi1]
  const phi2 = 1 - phi1 / h
  if (order === 2) {
    // Midpoint and Heun differ in the weight of the difference quotient.
    const weight = (usesHeun ? phi2 : phi1 / 2) / r0
    return [phi1 + weight, -weight]
  }
  // diffusers has the other sign in the SDE's third order.
  const phi3 = (isSde ? -0.5 : 0.5) - phi2 / h
  // Difference quotients of first and second order as weights of the three predictions.
  const [first, second] = [1 / r0, 1 / r1]
  const curvature = [first, -first - second, second].map(value => value / (r0 + r1))
  const slope = [first, -first, 0].map((value, which) => value + r0 * curvature[which]!)
  return [phi1, 0, 0].map((value, which) => value + phi2 * slope[which]! + phi3 * curvature[which]!)
}
