import { type NoiseSchedule, sigmaAt, type TimestepSpacing, timestepAt } from './noise-schedule.js'
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
function karras(sigmaMax: number, sigmaMin: number, steps: number): number[] {
  const [first, last] = [sigmaMax ** (1 / RHO), sigmaMin ** (1 / RHO)]
  return Array.from({ length: steps }, (_, i) => (first + (steps === 1 ? 0 : i / (steps - 1)) * (last - first)) ** RHO)
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

/** The timesteps that the model gets and their sigmas. There is one sigma more than timesteps; the last is 0. */
export type Trajectory = { readonly timesteps: readonly number[]; readonly sigmas: readonly number[] }

/** For samplers that step between sigmas: timesteps may be fractional. */
export function sigmaTrajectory(
  schedule: NoiseSchedule,
  spacing: SigmaSpacing,
  family: ModelFamily,
  steps: number,
): Trajectory {
  const timesteps = spacedTimesteps(schedule, schedule.config.timestep_spacing ?? 'linspace', steps)
  const linear = timesteps.map(t => sigmaAt(schedule, t))
  if (spacing === 'linear') return { timesteps, sigmas: [...linear, 0] }
  const sigmas =
    spacing === 'karras'
      ? karras(linear[0]!, linear.at(-1)!, steps)
      : interpolateTable(ALIGN_YOUR_STEPS[family].sigmas, steps)
  return { timesteps: sigmas.map(sigma => timestepAt(schedule, sigma)), sigmas: [...sigmas, 0] }
}

/** For samplers that step between timesteps: timesteps are integers. */
export function timestepTrajectory(
  schedule: NoiseSchedule,
  spacing: SigmaSpacing,
  family: ModelFamily,
  steps: number,
): Trajectory {
  if (spacing === 'karras') {
    const sigmas = karras(schedule.sigmas.at(-1)!, schedule.sigmas[0]!, steps)
    return { timesteps: sigmas.map(sigma => roundToEven(timestepAt(schedule, sigma))), sigmas: [...sigmas, 0] }
  }
  const table = ALIGN_YOUR_STEPS[family].timesteps.map(t => sigmaAt(schedule, t))
  const spaced =
    spacing === 'linear'
      ? spacedTimesteps(schedule, schedule.config.timestep_spacing ?? 'linspace', steps, true)
      : interpolateTable(table, steps).map(sigma => timestepAt(schedule, sigma))
  const timesteps = spaced.map(roundToEven)
  return { timesteps, sigmas: [...timesteps.map(t => sigmaAt(schedule, t)), 0] }
}

/** Round half to even, as numpy does. */
export function roundToEven(value: number): number {
  const low = Math.floor(value)
  const fraction = value - low
  if (fraction !== 0.5) return Math.round(value)
  return low % 2 === 0 ? low : low + 1
}
