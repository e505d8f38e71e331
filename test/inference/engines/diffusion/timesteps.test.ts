import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  makeNoiseSchedule,
  schedulerConfigSchema,
  type TimestepSpacing,
} from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import type { SamplerName, SigmaSpacing } from '../../../../src/inference/engines/diffusion/sampling/sampler-names.js'
import { samplerRegistry } from '../../../../src/inference/engines/diffusion/sampling/samplers/sampler-registry.js'

/** Written by tools/reference/timesteps.py; a checksum for each number of steps, from 1. */
type Case = { sampler: SamplerName; timestepSpacing: TimestepSpacing; spacing: SigmaSpacing; checksums: number[] }
const fixture: { cases: Case[]; alphas: Record<string, number> } = JSON.parse(
  readFileSync(new URL('../../../fixtures/timesteps.json', import.meta.url), 'utf8'),
)

describe('timesteps equal diffusers’ for every number of steps:', () => {
  test.each(fixture.cases)(
    '$sampler, $timestepSpacing, $spacing',
    ({ sampler, timestepSpacing, spacing, checksums }) => {
      const config = schedulerConfigSchema.parse({ steps_offset: 1, timestep_spacing: timestepSpacing })
      const schedule = makeNoiseSchedule(config)
      const differing = checksums.flatMap((checksum, index) => {
        const { timesteps } = samplerRegistry[sampler](schedule, { steps: index + 1, spacing, family: 'sd' })
        return crc32(timesteps.join(',')) === checksum ? [] : [index + 1]
      })
      expect(differing).toEqual([])
    },
  )
})

test('alphas equal torch’s in single precision', () => {
  const { alphasCumprod } = makeNoiseSchedule(schedulerConfigSchema.parse({}))
  for (const [timestep, alpha] of Object.entries(fixture.alphas)) expect(alphasCumprod[Number(timestep)]).toBe(alpha)
})
