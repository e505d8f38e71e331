import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  outpaintPasses,
  outpaintPassesBySide,
} from '../../../../src/inference/engines/diffusion/inpaint/outpaint-passes.js'
import { matchTonesAtBorder } from '../../../../src/inference/engines/diffusion/inpaint/seam.js'
import { pixelsToPlanes, planesToPixels } from '../../../../src/inference/engines/diffusion/model/vae.js'
import { latentPreview } from '../../../../src/inference/engines/diffusion/preview.js'
import {
  makeNoiseSchedule,
  schedulerConfigSchema,
} from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import {
  sigmaTrajectory,
  timestepTrajectory,
} from '../../../../src/inference/engines/diffusion/sampling/timestep-spacing.js'
import { readPicture, resizePixels } from '../../../../src/inference/image/decode.js'
import { filledMask, filledPixels, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

describe('what was painted is matched to the picture', () => {
  const size = { width: 120, height: 80 }
  const known = landscape(120, 80)
  const mask = filledMask(size, KEEP)
  for (let at = 0; at < mask.data.length; at++) if (at % 120 >= 60) mask.data[at] = PAINT

  test('a step in tone is gone at the border, and far away nothing has changed', () => {
    const grey = filledPixels(size, 100)
    // An autoencoder that paints all a little darker and redder.
    const painted = { ...size, data: grey.data.map((value, at) => value - (at % 3 === 0 ? 4 : 14)) }
    const { data } = matchTonesAtBorder(painted, grey, mask)
    for (const channel of [0, 1, 2]) {
      expect(Math.abs(data[(40 * 120 + 60) * 3 + channel]! - 100)).toBeLessThanOrEqual(2)
      expect(data[(40 * 120 + 118) * 3 + channel]).toBe(painted.data[(40 * 120 + 118) * 3 + channel])
    }
  })

  test('what fits already stays, and what is not to be painted too', () => {
    const { data } = matchTonesAtBorder(known, known, mask)
    expect(Buffer.compare(data, known.data)).toBe(0)
    const other = landscape(120, 80).data.map(value => 255 - value)
    const kept = matchTonesAtBorder({ ...size, data: other }, known, mask).data
    for (let at = 0; at < kept.length; at++) {
      if (mask.data[Math.floor(at / 3)] === KEEP) expect(kept[at]).toBe(other[at])
    }
  })
})

test('pixels come back from planes', () => {
  const picture = landscape(24, 16)
  expect(planesToPixels(pixelsToPlanes(picture), picture)).toEqual(picture)
  expect([...planesToPixels(Float32Array.of(-9, 9, 0.5, Number.NaN, 0, 1), { width: 2, height: 1 }).data]).toEqual([
    0, 191, 128, 255, 0, 255,
  ])
})

testWithShared('weights', 'previews look like what a real decoder makes of latents', async () => {
  const encoder = await openOnnxSession(
    { name: 'encoder', file: shared('weights/taesd/taesd_encoder.onnx') },
    CPU_PROVIDER,
  )
  const { pixels } = await readPicture(await readFile(shared('photos/chelsea.png')), {
    size: { width: 256, height: 256 },
  })
  const planes = pixelsToPlanes(pixels).map(value => (value + 1) / 2)
  const { latent } = await encoder.run({ image: { data: planes, dims: [1, 3, 256, 256] } }, ['latent'])
  await encoder.close()
  const small = await resizePixels(pixels, { width: 32, height: 32 })
  const preview = latentPreview(latent.data, small, 'sd')
  const apart =
    preview.data.reduce((sum, value, at) => sum + Math.abs(value - small.data[at]!), 0) / preview.data.length
  expect(apart).toBeLessThan(20)
})

describe('sigmas', () => {
  const schedule = makeNoiseSchedule(schedulerConfigSchema.parse({}))

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

describe('passes of a zoom-out', () => {
  const old = { x: 300, y: 250, width: 200, height: 100 }

  test.each([
    [{ width: 300, height: 150 }, { x: 50, y: 25, width: 200, height: 100 }, 1],
    [{ width: 320, height: 160 }, { x: 60, y: 30, width: 200, height: 100 }, 1],
    [{ width: 400, height: 200 }, { x: 100, y: 50, width: 200, height: 100 }, 2],
    [{ width: 800, height: 600 }, old, 4],
    [{ width: 200, height: 150 }, { x: 0, y: 50, width: 200, height: 100 }, 1],
    [{ width: 200, height: 100 }, { x: 0, y: 0, width: 200, height: 100 }, 1],
    [{ width: 64, height: 64 }, { x: 0, y: 0, width: 0, height: 0 }, 1],
  ])('to %j around %j takes %d', (size, from, count) => {
    const boxes = outpaintPasses(from, size)
    expect(boxes).toHaveLength(count)
    expect(boxes.at(-1)).toEqual({ x: 0, y: 0, ...size })
    let inner = from
    for (const box of boxes) {
      if (inner.width > 0) {
        expect(box.x <= inner.x && box.y <= inner.y).toBe(true)
        expect(box.x + box.width >= inner.x + inner.width && box.y + box.height >= inner.y + inner.height).toBe(true)
        expect(Math.max(box.width / inner.width, box.height / inner.height)).toBeLessThan(1.63)
      }
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height).toBe(
        true,
      )
      inner = box
    }
  })

  test('side by side: left, right, top and bottom, each as far as it is missing', () => {
    const size = { width: 100, height: 80 }
    expect(outpaintPassesBySide({ x: 20, y: 10, width: 60, height: 60 }, size)).toEqual([
      { x: 0, y: 10, width: 80, height: 60 },
      { x: 0, y: 10, width: 100, height: 60 },
      { x: 0, y: 0, width: 100, height: 70 },
      { x: 0, y: 0, width: 100, height: 80 },
    ])
    expect(outpaintPassesBySide({ x: 0, y: 0, width: 80, height: 80 }, size)).toEqual([{ x: 0, y: 0, ...size }])
    // Far sides in several passes; and where nothing is missing at the sides, one for what is inside.
    expect(outpaintPassesBySide({ x: 70, y: 0, width: 30, height: 80 }, size).length).toBeGreaterThan(2)
    expect(outpaintPassesBySide({ x: 0, y: 0, ...size }, size)).toEqual([{ x: 0, y: 0, ...size }])
    expect(outpaintPassesBySide({ x: 0, y: 0, width: 0, height: 0 }, size)).toEqual([{ x: 0, y: 0, ...size }])
  })

  test('for every place of the old picture, each box lies on the canvas and around the one before', () => {
    fc.assert(
      fc.property(
        fc.record({ w: fc.integer({ min: 1, max: 90 }), h: fc.integer({ min: 1, max: 90 }) }),
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 4, maxLength: 4 }),
        ({ w, h }, [left, right, top, bottom]) => {
          const size = { width: w + left! + right!, height: h + top! + bottom! }
          let inner = { x: left!, y: top!, width: w, height: h }
          for (const box of outpaintPasses(inner, size)) {
            expect(box.x).toBeLessThanOrEqual(inner.x)
            expect(box.y).toBeLessThanOrEqual(inner.y)
            expect(box.x + box.width).toBeGreaterThanOrEqual(inner.x + inner.width)
            expect(box.y + box.height).toBeGreaterThanOrEqual(inner.y + inner.height)
            expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0)
            expect(box.x + box.width).toBeLessThanOrEqual(size.width)
            expect(box.y + box.height).toBeLessThanOrEqual(size.height)
            inner = box
          }
        },
      ),
    )
  })
})
