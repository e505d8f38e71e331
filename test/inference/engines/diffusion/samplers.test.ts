import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  makeNoiseSchedule,
  type PredictionType,
  schedulerConfigSchema,
  type TimestepSpacing,
} from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import type { SamplerName, SigmaSpacing } from '../../../../src/inference/engines/diffusion/sampling/sampler-names.js'
import { samplerRegistry } from '../../../../src/inference/engines/diffusion/sampling/samplers/sampler-registry.js'

/** Latents of diffusers' samplers; written by tools/reference/samplers.py. */
type Case = {
  sampler: SamplerName
  spacing: SigmaSpacing
  steps: number
  prediction: PredictionType
  begin: number
  timestepSpacing?: TimestepSpacing
  zeroSnr?: boolean
  /** Further fields of the scheduler's configuration. */
  config?: Readonly<Record<string, unknown>>
  timesteps: number[]
  first: number[]
  after: number[][]
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../../../fixtures/samplers.json', import.meta.url), 'utf8'))
const SIZE = 8

function noiseOf(number: number): Float32Array {
  return Float32Array.from({ length: SIZE }, (_, i) => {
    const value = Math.sin(12.9898 * (number * SIZE + i + 1)) * 43758.5453
    return 3.4 * (value - Math.floor(value) - 0.5)
  })
}

function model(latents: Float32Array, timestep: number): Float32Array {
  return latents.map((value, i) => Math.tanh(0.7 * value + 0.3 * Math.cos(timestep / 150 + i)))
}

function largestRelativeDifference(testCase: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(testCase, (value, i) => Math.abs(value - other[i]!) / Math.max(1, Math.abs(other[i]!))))
}

describe('samplers give the same latents as diffusers’:', () => {
  test.each(cases)('$sampler, $spacing, $steps steps from $begin, $prediction $timestepSpacing $config', testCase => {
    const schedule = makeNoiseSchedule(
      schedulerConfigSchema.parse({
        prediction_type: testCase.prediction,
        steps_offset: 1,
        timestep_spacing: testCase.timestepSpacing,
        rescale_betas_zero_snr: testCase.zeroSnr,
        set_alpha_to_one: testCase.sampler !== 'DDIM',
        ...testCase.config,
      }),
    )
    const sampler = samplerRegistry[testCase.sampler](schedule, {
      steps: testCase.steps,
      spacing: testCase.spacing,
      family: 'sd',
    })
    const start = testCase.begin * sampler.callsPerStep
    expect(largestRelativeDifference(sampler.timesteps.slice(start), testCase.timesteps)).toBeLessThan(1e-4)
    expect(sampler.timesteps.length - start).toBe(testCase.timesteps.length)

    let latents = start > 0 ? sampler.addNoise(noiseOf(1), noiseOf(0), start) : sampler.initialLatents(noiseOf(0))
    expect(largestRelativeDifference(latents, testCase.first)).toBeLessThan(1e-4)
    let noiseIndex = 100
    for (const [index, expected] of testCase.after.entries()) {
      const call = start + index
      const output = model(sampler.scaleModelInput(latents, call), sampler.timesteps[call]!)
      latents = sampler.step(latents, output, call, () => noiseOf(noiseIndex++))
      expect(largestRelativeDifference(latents, expected)).toBeLessThan(2e-4)
    }
  })
})
