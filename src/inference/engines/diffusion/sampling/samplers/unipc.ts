import { timestepTrajectory } from '../timestep-spacing.js'
import { alphaSigma, predictDenoised, type SamplerFactory, variancePreserving, weightedSum } from './sampler.js'

/** The denoised picture that was predicted at a call. */
type Seen = { readonly picture: Float32Array; readonly index: number }

/**
 * UniPC of order 2 with B₂(h) = eʰ − 1 (Zhao et al. 2023). The predictor uses the last two denoised pictures; the corrector repeats
 * the last step with the new one as well.
 */
export const unipc: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const trajectory = timestepTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  const lambda = (index: number) => -Math.log(sigmas[index]!)
  let seen: Seen[] = []
  let start: Float32Array | undefined
  let order = 1

  /** The latents at call `to` from those at call `from`, with weighted denoised pictures. */
  const move = (
    latents: Float32Array,
    from: number,
    to: number,
    terms: readonly (readonly [number, Float32Array])[],
  ) => {
    const [now, next] = [alphaSigma(sigmas[from]!), alphaSigma(sigmas[to]!)]
    const growth = Math.expm1(lambda(from) - lambda(to))
    return weightedSum(
      [next.sigma / now.sigma, latents],
      ...terms.map(([weight, picture]) => [-next.alpha * growth * weight, picture] as const),
    )
  }

  /** The corrector's weights of the differences of the earlier and the new picture from the latest. */
  const correction = (from: number, to: number, ratio: number | undefined) => {
    const hh = lambda(from) - lambda(to)
    const growth = Math.expm1(hh)
    if (ratio === undefined) return { earlier: 0, fresh: 0.5 }
    const first = (growth / hh - 1) / growth
    const second = (((growth / hh - 1) / hh - 0.5) * 2) / growth
    // Solves: earlier + fresh = first, ratio · earlier + fresh = second.
    const earlier = (first - second) / (1 - ratio)
    return { earlier, fresh: first - earlier }
  }

  return {
    timesteps,
    callsPerStep: 1,
    ...variancePreserving(trajectory),
    step(given, output, index) {
      const now = alphaSigma(sigmas[index]!)
      const picture = predictDenoised(schedule.config.prediction_type, given, output, now.alpha, now.sigma)
      let latents = given
      const latest = seen[0]
      if (latest && start) {
        const older = order === 2 ? seen[1] : undefined
        const h = lambda(index) - lambda(latest.index)
        const ratio = older && (lambda(older.index) - lambda(latest.index)) / h
        const { earlier, fresh } = correction(latest.index, index, ratio)
        const terms: [number, Float32Array][] = [
          [1 - fresh - (ratio === undefined ? 0 : earlier / ratio), latest.picture],
          [fresh, picture],
        ]
        if (older && ratio !== undefined) terms.push([earlier / ratio, older.picture])
        latents = move(start, latest.index, index, terms)
      }
      order = Math.min(seen.length + 1, 2, timesteps.length - index)
      seen = [{ picture, index }, ...seen.slice(0, 1)]
      start = latents
      const [, before] = seen
      if (order === 1 || !before) return move(latents, index, index + 1, [[1, picture]])
      const ratio = (lambda(before.index) - lambda(index)) / (lambda(index + 1) - lambda(index))
      return move(latents, index, index + 1, [
        [1 - 0.5 / ratio, picture],
        [0.5 / ratio, before.picture],
      ])
    },
  }
}
