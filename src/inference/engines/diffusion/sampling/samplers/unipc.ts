import { timestepTrajectory } from '../timestep-spacing.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/** The denoised picture that was predicted at a call. */
type Prediction = { readonly denoised: Float32Array; readonly index: number }

/**
 * UniPC of order 2 with B₂(h) = eʰ − 1 (Zhao et al. 2023). The predictor uses the last two denoised pictures; the
 * corrector repeats the last step with the new one as well.
 */
export const unipc: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = timestepTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  const lambda = (index: number) => -Math.log(sigmas[index]!)
  let predictions: Prediction[] = []
  let stepStart: Float32Array | undefined
  let currentOrder = 1

  /** The latents at call `to` from those at call `from`, with weighted denoised pictures. */
  const move = (
    latents: Float32Array,
    from: number,
    to: number,
    terms: readonly (readonly [number, Float32Array])[],
  ) => {
    const [current, next] = [alphaSigma(sigmas[from]!), alphaSigma(sigmas[to]!)]
    const expm1H = Math.expm1(lambda(from) - lambda(to))
    return weightedSum(
      [next.sigma / current.sigma, latents],
      ...terms.map(([weight, denoised]) => [-next.alpha * expm1H * weight, denoised] as const),
    )
  }

  /** The corrector's weights of the differences of the earlier and the new picture from the latest. */
  const correction = (from: number, to: number, ratio: number | undefined) => {
    const hh = lambda(from) - lambda(to)
    const expm1H = Math.expm1(hh)
    if (ratio === undefined) return { earlierWeight: 0, newWeight: 0.5 }
    const first = (expm1H / hh - 1) / expm1H
    const second = (((expm1H / hh - 1) / hh - 0.5) * 2) / expm1H
    // Solves: earlierWeight + newWeight = first, ratio · earlierWeight + newWeight = second.
    const earlierWeight = (first - second) / (1 - ratio)
    return { earlierWeight, newWeight: first - earlierWeight }
  }

  return {
    timesteps,
    callsPerStep: 1,
    ...variancePreserving(trajectory),
    step(currentLatents, output, index) {
      const current = alphaSigma(sigmas[index]!)
      const denoised = predictDenoised(
        schedule.config.prediction_type,
        currentLatents,
        output,
        current.alpha,
        current.sigma,
      )
      let latents = currentLatents
      const latest = predictions[0]
      if (latest && stepStart) {
        const older = currentOrder === 2 ? predictions[1] : undefined
        const h = lambda(index) - lambda(latest.index)
        const ratio = older && (lambda(older.index) - lambda(latest.index)) / h
        const { earlierWeight, newWeight } = correction(latest.index, index, ratio)
        const terms: [number, Float32Array][] = [
          [1 - newWeight - (ratio === undefined ? 0 : earlierWeight / ratio), latest.denoised],
          [newWeight, denoised],
        ]
        if (older && ratio !== undefined) terms.push([earlierWeight / ratio, older.denoised])
        latents = move(stepStart, latest.index, index, terms)
      }
      currentOrder = Math.min(predictions.length + 1, 2, timesteps.length - index)
      predictions = [{ denoised, index }, ...predictions.slice(0, 1)]
      stepStart = latents
      const [, previous] = predictions
      if (currentOrder === 1 || !previous) return move(latents, index, index + 1, [[1, denoised]])
      const ratio = (lambda(previous.index) - lambda(index)) / (lambda(index + 1) - lambda(index))
      return move(latents, index, index + 1, [
        [1 - 0.5 / ratio, denoised],
        [0.5 / ratio, previous.denoised],
      ])
    },
  }
}
