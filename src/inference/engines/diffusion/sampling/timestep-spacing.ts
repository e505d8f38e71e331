import { type EdmSchedule, type NoiseSchedule, sigmaAt, type TimestepSpacing, timestepAt } from './noise-schedule.js'
import type { SigmaSpacing } from './sampler-names.js'

/** The model families that Align Your Steps has schedules for. */
export type ModelFamily = 'sd' | 'sdxl'

/**
 * The schedules of Sabour et al. 2024, "Align Your Steps", for ten steps: eleven values, the last is where they end.
 */
const ALIGN_YOUR_STEPS: Record<
  ModelFamily,
  { readonly sigmas: readonly number[]; readonly timesteps: readonly number[] }
> = {
  sd: {
    sigmas: [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029],
    timesteps: [999, 850, 736, 645, 545, 455, 343, 233, 124, 24, 0],
  },
  sdxl: {
    sigmas: [14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.38, 0.234, 0.113, 0.029],
    timesteps: [999, 845, 730, 587, 443, 310, 193, 116, 53, 13, 0],
  },
}

/** ρ of Karras et al. 2022, equation 5. */
const RHO = 7

/**
 * Timesteps in decreasing order, integers except for linspace.
 *
 * @param isExtended space one step more and leave out the last, for samplers that end at σ = 0 after the last timestep
 */
export function spacedTimesteps(
  { config }: NoiseSchedule,
  spacing: TimestepSpacing,
  steps: number,
  isExtended = false,
): number[] {
  const { num_train_timesteps: trainTimesteps, steps_offset: offset } = config
  const stepCount = steps + Number(isExtended)
  switch (spacing) {
    case 'linspace':
      return Array.from({ length: steps }, (_, i) => {
        if (stepCount === 1) return 0
        // numpy.linspace rounds the step first, and sets the last value.
        return i === 0 ? trainTimesteps - 1 : (stepCount - 1 - i) * ((trainTimesteps - 1) / (stepCount - 1))
      })
    case 'leading':
      return Array.from(
        { length: steps },
        (_, i) => (stepCount - 1 - i) * Math.floor(trainTimesteps / stepCount) + offset,
      )
    case 'trailing': {
      // numpy.arange takes the difference of its first two values as the step.
      const step = trainTimesteps - trainTimesteps / steps - trainTimesteps
      return Array.from({ length: steps }, (_, i) => roundToEven(trainTimesteps + i * step) - 1)
    }
  }
}

/** Sigmas from `sigmaMax` to `sigmaMin`, both included (Karras et al. 2022, equation 5). */
function karras(sigmaMax: number, sigmaMin: number, steps: number, rho = RHO): number[] {
  const [first, last] = [sigmaMax ** (1 / rho), sigmaMin ** (1 / rho)]
  return Array.from({ length: steps }, (_, i) => (first + (steps === 1 ? 0 : i / (steps - 1)) * (last - first)) ** rho)
}

/** The timesteps of a latent consistency model: evenly chosen from those of its distillation (Luo et al. 2023). */
export function distillationTimesteps({ config }: NoiseSchedule, steps: number): number[] {
  const distillationSteps = Math.max(steps, config.original_inference_steps)
  const stride = Math.floor(config.num_train_timesteps / distillationSteps)
  return Array.from({ length: steps }, (_, i) => {
    return (distillationSteps - Math.floor(i * (distillationSteps / steps))) * stride - 1
  })
}

/** Resample a table of sigmas to this many steps, without its last value; log σ is interpolated. */
function interpolateTable(table: readonly number[], steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => {
    const position = (i * (table.length - 1)) / steps
    const low = Math.floor(position)
    const share = position - low
    return Math.exp((1 - share) * Math.log(table[low]!) + share * Math.log(table[low + 1]!))
  })
}

/** The timesteps that the model gets and their sigmas. There is one sigma more than timesteps, where sampling ends. */
export type Trajectory = { readonly timesteps: readonly number[]; readonly sigmas: readonly number[] }

/** σ at the end of sampling, as the configuration says. diffusers' Euler, DPM++ and UniPC read it. */
export function configuredFinalSigma({ config, sigmas, edm }: NoiseSchedule): number {
  return config.final_sigmas_type === 'zero' ? 0 : (edm?.sigmaMin ?? sigmas[0]!)
}

/** Sigmas whose logarithms are evenly spaced. As in diffusers, a single one is the smallest. */
function exponential({ sigmaMax, sigmaMin }: EdmSchedule, steps: number): number[] {
  const [first, last] = [Math.log(sigmaMax), Math.log(sigmaMin)]
  return Array.from({ length: steps }, (_, i) =>
    Math.exp(steps === 1 ? last : first + (i / (steps - 1)) * (last - first)),
  )
}

/** The trajectory of a model trained with any σ; `linear` is the spacing of the model's own schedule. */
function edmTrajectory(
  edm: EdmSchedule,
  spacing: SigmaSpacing,
  family: ModelFamily,
  steps: number,
  finalSigma: number,
): Trajectory {
  const ownSpacing = spacing === 'linear' ? edm.spacing : spacing
  const sigmas =
    ownSpacing === 'karras'
      ? karras(edm.sigmaMax, edm.sigmaMin, steps, edm.rho)
      : ownSpacing === 'exponential'
        ? exponential(edm, steps)
        : interpolateTable(ALIGN_YOUR_STEPS[family].sigmas, steps)
  return { timesteps: sigmas.map(sigma => Math.log(sigma) / 4), sigmas: [...sigmas, finalSigma] }
}

/** For samplers that step between sigmas: timesteps may be fractional. @param finalSigma where sampling ends */
export function sigmaTrajectory(
  schedule: NoiseSchedule,
  spacing: SigmaSpacing,
  family: ModelFamily,
  steps: number,
  finalSigma = 0,
): Trajectory {
  if (schedule.edm) return edmTrajectory(schedule.edm, spacing, family, steps, finalSigma)
  const timesteps = spacedTimesteps(schedule, schedule.config.timestep_spacing ?? 'linspace', steps)
  const linear = timesteps.map(t => sigmaAt(schedule, t))
  if (spacing === 'linear') return { timesteps, sigmas: [...linear, finalSigma] }
  const sigmas =
    spacing === 'karras'
      ? karras(linear[0]!, linear.at(-1)!, steps)
      : interpolateTable(ALIGN_YOUR_STEPS[family].sigmas, steps)
  return { timesteps: sigmas.map(sigma => timestepAt(schedule, sigma)), sigmas: [...sigmas, finalSigma] }
}

/** For samplers that step between timesteps: timesteps are integers. @param round those of Karras' sigmas */
export function timestepTrajectory(
  schedule: NoiseSchedule,
  spacing: SigmaSpacing,
  family: ModelFamily,
  steps: number,
  round: (timestep: number) => number = roundToEven,
): Trajectory {
  const finalSigma = configuredFinalSigma(schedule)
  if (schedule.edm) return edmTrajectory(schedule.edm, spacing, family, steps, finalSigma)
  if (spacing === 'karras') {
    const sigmas = karras(schedule.sigmas.at(-1)!, schedule.sigmas[0]!, steps)
    return { timesteps: sigmas.map(sigma => round(timestepAt(schedule, sigma))), sigmas: [...sigmas, finalSigma] }
  }
  const table = ALIGN_YOUR_STEPS[family].timesteps.map(t => sigmaAt(schedule, t))
  const spaced =
    spacing === 'linear'
      ? spacedTimesteps(schedule, schedule.config.timestep_spacing ?? 'linspace', steps, true)
      : interpolateTable(table, steps).map(sigma => timestepAt(schedule, sigma))
  const timesteps = spaced.map(roundToEven)
  return { timesteps, sigmas: [...timesteps.map(t => sigmaAt(schedule, t)), finalSigma] }
}

/** Round half to even, as numpy does. */
export function roundToEven(value: number): number {
  const low = Math.floor(value)
  const fraction = value - low
  if (fraction !== 0.5) return Math.round(value)
  return low % 2 === 0 ? low : low + 1
}
