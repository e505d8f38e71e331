import { expect, test } from 'vitest'
import { boxBlur, withColoursOf } from '../../../../src/inference/engines/diffusion/sampling/colour-fix.js'
import {
  makeNoiseSchedule,
  schedulerConfigSchema,
} from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import { alphaSigma, predictDenoised } from '../../../../src/inference/engines/diffusion/sampling/samplers/sampler.js'

const SIZE = [12, 20] as const
const AREA = SIZE[0] * SIZE[1]
const values = (length: number, step: number) => Float32Array.from({ length }, (_, at) => Math.sin(at * step))

test('the blur is the mean of 17 × 17 latents; beyond the edges the nearest one counts', () => {
  const planes = values(2 * AREA, 0.37)
  const blurred = boxBlur(planes, SIZE)
  const clamp = (at: number, length: number) => Math.min(length - 1, Math.max(0, at))
  for (const [plane, y, x] of [
    [0, 0, 0],
    [0, 5, 19],
    [1, 11, 7],
  ] as const) {
    let sum = 0
    for (let dy = -8; dy <= 8; dy++) {
      for (let dx = -8; dx <= 8; dx++) {
        sum += planes[plane * AREA + clamp(y + dy, SIZE[0]) * SIZE[1] + clamp(x + dx, SIZE[1])]!
      }
    }
    expect(blurred[plane * AREA + y * SIZE[1] + x]).toBeCloseTo(sum / 289, 5)
  }
})

test.each(['epsilon', 'v_prediction', 'sample'] as const)(
  'what a model predicts gets the colours of the source: %s',
  prediction_type => {
    const schedule = makeNoiseSchedule(schedulerConfigSchema.parse({ prediction_type }))
    const factors = alphaSigma(1.7)
    // Two pictures in one array.
    const [latents, output] = [values(8 * AREA, 0.11), values(8 * AREA, 0.23)]
    const source = values(4 * AREA, 0.05)
    const denoisedOf = (one: Float32Array) => predictDenoised(schedule, latents, one, factors)
    const before = denoisedOf(output)
    const [ownBlur, wanted] = [boxBlur(before, SIZE), boxBlur(source, SIZE)]
    for (const weight of [1, 0.25]) {
      const fixed = denoisedOf(
        withColoursOf({ source, weight, start: 0, end: 1 }, schedule, factors, latents, output, SIZE),
      )
      for (let at = 0; at < fixed.length; at += 97) {
        const expected = before[at]! + weight * (wanted[at % source.length]! - ownBlur[at]!)
        expect(fixed[at]).toBeCloseTo(expected, 4)
      }
    }
  },
)
