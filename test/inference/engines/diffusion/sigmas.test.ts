import { describe, expect, test } from 'vitest'
import {
  makeNoiseSchedule,
  schedulerConfigSchema,
} from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import {
  sigmaTrajectory,
  timestepTrajectory,
} from '../../../../src/inference/engines/diffusion/sampling/timestep-spacing.js'

describe('sigmas', () => {
  const schedule = makeNoiseSchedule(schedulerConfigSchema.parse({}))

  test('match the published ones of Stable Diffusion’s training', () => {
    // Published values of the schedule. The last is what diffusers computes in single precision.
    expect(schedule.sigmas[0]).toBeCloseTo(0.0291672, 6)
    expect(schedule.sigmas.at(-1)).toBeCloseTo(14.6146469, 5)
    expect(schedule.alphasCumprod[500]).toBeCloseTo(0.2763327, 6)
  })

  test('match the published ones of Karras et al. for 20 steps', () => {
    const { sigmas } = sigmaTrajectory(schedule, 'karras', 'sd', 20)
    const published = [
      14.6146, 11.7254, 9.3402, 7.3836, 5.7894, 4.4998, 3.4647, 2.6408, 1.9909, 1.4832, 1.0908, 0.7909, 0.5647, 0.3964,
      0.273, 0.1842, 0.1213, 0.0779, 0.0485, 0.0292, 0,
    ]
    for (const [index, sigma] of sigmas.entries()) expect(sigma).toBeCloseTo(published[index]!, 3)
  })

  test.each(['sd', 'sdxl'] as const)('decrease to 0 for every number of steps (%s)', family => {
    for (const spacing of ['linear', 'karras', 'align-your-steps'] as const) {
      for (const make of [sigmaTrajectory, timestepTrajectory]) {
        for (const steps of [2, 3, 7, 10, 25, 60]) {
          const { sigmas, timesteps } = make(schedule, spacing, family, steps)
          expect([sigmas.length, timesteps.length]).toEqual([steps + 1, steps])
          for (let i = 0; i < steps; i++) expect(sigmas[i]!).toBeGreaterThanOrEqual(sigmas[i + 1]!)
          expect(sigmas[0]).toBeGreaterThan(14)
          expect(sigmas.at(-1)).toBe(0)
        }
      }
    }
  })
})
