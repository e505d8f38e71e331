import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { previewOf } from '../../../../src/inference/engines/diffusion/preview.js'
import { makeSchedule, scheduleSchema } from '../../../../src/inference/engines/diffusion/schedule.js'
import { matched } from '../../../../src/inference/engines/diffusion/seam.js'
import { sigmaTrajectory, timestepTrajectory } from '../../../../src/inference/engines/diffusion/spacing.js'
import { pixelsOf, planesOf } from '../../../../src/inference/engines/diffusion/vae.js'
import { readPicture, resized } from '../../../../src/inference/files/picture.js'
import { openNetwork } from '../../../../src/inference/onnx/network.js'
import { blank, KEEP, maskOf, PAINT } from '../../../../src/inference/pixels.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

describe('what was painted is matched to the picture', () => {
  const size = { width: 120, height: 80 }
  const known = landscape(120, 80)
  const mask = maskOf(size, KEEP)
  for (let at = 0; at < mask.data.length; at++) if (at % 120 >= 60) mask.data[at] = PAINT

  test('a step in tone is gone at the border, and far away nothing has changed', () => {
    const grey = blank(size, 100)
    // An autoencoder that paints all a little darker and redder.
    const painted = { ...size, data: grey.data.map((value, at) => value - (at % 3 === 0 ? 4 : 14)) }
    const { data } = matched(painted, grey, mask)
    for (const channel of [0, 1, 2]) {
      expect(Math.abs(data[(40 * 120 + 60) * 3 + channel]! - 100)).toBeLessThanOrEqual(2)
      expect(data[(40 * 120 + 118) * 3 + channel]).toBe(painted.data[(40 * 120 + 118) * 3 + channel])
    }
  })

  test('what fits already stays, and what is not to be painted too', () => {
    const { data } = matched(known, known, mask)
    expect(Buffer.compare(data, known.data)).toBe(0)
    const other = landscape(120, 80).data.map(value => 255 - value)
    const kept = matched({ ...size, data: other }, known, mask).data
    for (let at = 0; at < kept.length; at++) {
      if (mask.data[Math.floor(at / 3)] === KEEP) expect(kept[at]).toBe(other[at])
    }
  })
})

test('pixels come back from planes', () => {
  const picture = landscape(24, 16)
  expect(pixelsOf(planesOf(picture), picture)).toEqual(picture)
  expect([...pixelsOf(Float32Array.of(-9, 9, 0.5, Number.NaN, 0, 1), { width: 2, height: 1 }).data]).toEqual([
    0, 191, 128, 255, 0, 255,
  ])
})

testWithShared('weights', 'previews look like what a real decoder makes of latents', async () => {
  const encoder = await openNetwork(shared('weights/taesd/taesd_encoder.onnx'), 'cpu')
  const { pixels } = await readPicture(await readFile(shared('photos/chelsea.png')), {
    size: { width: 256, height: 256 },
  })
  const planes = planesOf(pixels).map(value => (value + 1) / 2)
  const { latent } = await encoder.run({ image: { data: planes, dims: [1, 3, 256, 256] } }, ['latent'])
  await encoder.close()
  const small = await resized(pixels, { width: 32, height: 32 })
  const preview = previewOf(latent.data, small, 'sd')
  const apart =
    preview.data.reduce((sum, value, at) => sum + Math.abs(value - small.data[at]!), 0) / preview.data.length
  expect(apart).toBeLessThan(20)
})

describe('sigmas', () => {
  const schedule = makeSchedule(scheduleSchema.parse({}))

  test('of Stable Diffusion’s training', () => {
    // Published figures of its schedule.
    expect(schedule.sigmas[0]).toBeCloseTo(0.0291672, 6)
    expect(schedule.sigmas.at(-1)).toBeCloseTo(14.6146412, 5)
    expect(schedule.alphasCumprod[500]).toBeCloseTo(0.2763327, 6)
  })

  test('by Karras et al. for 20 steps', () => {
    const { sigmas } = sigmaTrajectory(schedule, 'karras', 'sd', 20)
    const published = [
      14.6146, 11.7254, 9.3402, 7.3836, 5.7894, 4.4998, 3.4647, 2.6408, 1.9909, 1.4832, 1.0908, 0.7909, 0.5647, 0.3964,
      0.273, 0.1842, 0.1213, 0.0779, 0.0485, 0.0292, 0,
    ]
    for (const [index, sigma] of sigmas.entries()) expect(sigma).toBeCloseTo(published[index]!, 3)
  })

  test.each(['sd', 'sdxl'] as const)('fall all the way for every number of steps (%s)', family => {
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
