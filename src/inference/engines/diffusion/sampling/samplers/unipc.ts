import { timestepTrajectory } from '../timestep-spacing.js'
import { predictDenoised, type SamplerFactory, varianceOfModel, weightedSum } from './sampler.js'

/** The denoised picture that was predicted at a call. */
type Prediction = { readonly denoised: Float32Array; readonly index: number }

/**
 * UniPC, of order 2 by default with B₂(h) = eʰ − 1 (Zhao et al. 2023, algorithms 1 and 2). The predictor uses the latest
 * denoised pictures; the corrector repeats the last step with the new one as well.
 */
export const unipc: SamplerFactory = (schedule, { steps, spacing, family }) => {
  const { solver_order: maxOrder, solver_type, lower_order_final, disable_corrector } = schedule.config
  const trajectory = timestepTrajectory(schedule, spacing, family, steps)
  const { timesteps, sigmas } = trajectory
  const latentsOfModel = varianceOfModel(schedule, trajectory)
  const lambda = (index: number) => -Math.log(sigmas[index]!)
  // Latest first.
  let predictions: Prediction[] = []
  let stepStart: Float32Array | undefined
  let order = 1

  /**
   * The latents at call `to` from those at the call of the latest prediction.
   *
   * @param points all predictions that are used, the latest one first
   * @param weights of the difference quotients of the others
   */
  const move = (latents: Float32Array, to: number, points: readonly Prediction[], weights: readonly number[]) => {
    const [latest, ...others] = points
    const from = latest!.index
    const [current, next] = [latentsOfModel.factorsAt(from), latentsOfModel.factorsAt(to)]
    const h = lambda(to) - lambda(from)
    const b = solver_type === 'bh1' ? -h : Math.expm1(-h)
    const terms = others.map(({ denoised, index }, which) => {
      const ratio = (lambda(index) - lambda(from)) / h
      return [(-next.alpha * b * weights[which]!) / ratio, denoised] as const
    })
    const latestWeight = -next.alpha * Math.expm1(-h) - terms.reduce((sum, [weight]) => sum + weight, 0)
    return weightedSum([next.sigma / current.sigma, latents], [latestWeight, latest!.denoised], ...terms)
  }

  /** The weights that make difference quotients at these points exact for polynomials. @param ratios of λ, h is 1 */
  const solveWeights = (ratios: readonly number[], h: number): number[] => {
    const hh = -h
    const b = solver_type === 'bh1' ? hh : Math.expm1(hh)
    let [phi, factorial] = [Math.expm1(hh) / hh - 1, 1]
    const targets = ratios.map((_, power) => {
      const target = (phi * factorial) / b
      factorial *= power + 2
      phi = phi / hh - 1 / factorial
      return target
    })
    return solveLinear(
      ratios.map((_, power) => ratios.map(ratio => ratio ** power)),
      targets,
    )
  }

  const correct = (latents: Float32Array, newest: Prediction): Float32Array => {
    const [latest, ...others] = predictions.slice(0, order)
    const h = lambda(newest.index) - lambda(latest!.index)
    const ratios = [...others.map(({ index }) => (lambda(index) - lambda(latest!.index)) / h), 1]
    const weights = order === 1 ? [0.5] : solveWeights(ratios, h)
    return move(latents, newest.index, [latest!, ...others, newest], weights)
  }

  const predict = (latents: Float32Array, index: number): Float32Array => {
    const points = predictions.slice(0, order)
    const h = lambda(index + 1) - lambda(index)
    const ratios = points.slice(1).map(one => (lambda(one.index) - lambda(index)) / h)
    return move(latents, index + 1, points, order === 2 ? [0.5] : solveWeights(ratios, h))
  }

  return {
    timesteps,
    callsPerStep: 1,
    ...latentsOfModel,
    step(currentLatents, output, index) {
      const denoised = predictDenoised(schedule, currentLatents, output, latentsOfModel.factorsAt(index))
      const usesCorrector = stepStart && !disable_corrector.includes(index - 1)
      const latents = usesCorrector ? correct(stepStart!, { denoised, index }) : currentLatents
      predictions = [{ denoised, index }, ...predictions].slice(0, maxOrder)
      // At sigma 0 only the first order is defined.
      const isLowered = lower_order_final || sigmas[index + 1] === 0
      order = Math.min(predictions.length, isLowered ? timesteps.length - index : maxOrder)
      stepStart = latents
      return predict(latents, index)
    },
  }
}

/** Solve matrix · x = values by Gaussian elimination with partial pivoting. */
function solveLinear(matrix: readonly (readonly number[])[], values: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, values[at]!])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let at = column + 1; at < size; at++) {
      if (Math.abs(rows[at]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = at
    }
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    for (let at = 0; at < size; at++) {
      if (at === column) continue
      const factor = rows[at]![column]! / rows[column]![column]!
      rows[at] = rows[at]!.map((value, index) => value - factor * rows[column]![index]!)
    }
  }
  return rows.map((row, at) => row[size]! / row[at]!)
}
