import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type DiffusionModel,
  loadDiffusionModel,
} from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { redrawInTiles } from '../../../../src/inference/engines/diffusion/redraw-tiles.js'
import { noiseField } from '../../../../src/inference/engines/diffusion/sampling/noise.js'
import {
  blendAcross,
  blendDown,
  cropMirrored,
  tileSpans,
} from '../../../../src/inference/engines/diffusion/tile-grid.js'
import { filledPixels, type Pixels } from '../../../../src/inference/image/pixels.js'
import type { PaintTaskOptions } from '../../../../src/inference/pipeline/engine.js'
import { landscape } from '../../../contracts/engine.js'

describe('tiles along an axis', () => {
  test.each([
    [100, 128, 64],
    [128, 128, 64],
    [129, 128, 0],
    [1000, 512, 64],
    [1153, 512, 64],
    [4096, 512, 32],
    [8192, 1024, 128],
    [777, 64, 500],
  ])('cover %i pixels with tiles of %i that overlap by %i, and begin at latents', (whole, length, overlap) => {
    const spans = tileSpans(whole, length, overlap)
    expect(spans[0]!.start).toBe(0)
    const end = spans.at(-1)!.start + length
    expect(end).toBeGreaterThanOrEqual(whole)
    expect(end - whole).toBeLessThan(whole < length ? length : 8)
    for (const [index, { start, fade }] of spans.entries()) {
      expect(start % 8).toBe(0)
      if (index === 0) continue
      const shared = spans[index - 1]!.start + length - start
      expect(shared).toBeGreaterThanOrEqual(Math.min(overlap, length / 2))
      expect(fade.start + fade.length).toBeLessThanOrEqual(shared)
    }
  })

  test('that are the same picture give that picture', () => {
    const picture = landscape(150, 101)
    const [columns, rows] = [tileSpans(150, 64, 24), tileSpans(101, 64, 24)]
    const result = filledPixels(picture)
    for (const down of rows) {
      const band = filledPixels({ width: 150, height: 64 })
      for (const across of columns) {
        const box = { x: across.start, y: down.start, width: 64, height: 64 }
        blendAcross(band, cropMirrored(picture, box), across)
      }
      blendDown(result, band, down)
    }
    expect(Buffer.compare(result.data, picture.data)).toBe(0)
  })
})

test('parts of a noise field have the same noise where they overlap, and it is Gaussian', () => {
  const whole = noiseField(7, { x: 0, y: 0, width: 40, height: 30 })
  const part = noiseField(7, { x: 13, y: 8, width: 20, height: 16 })
  for (let draw = 0; draw < 2; draw++) {
    const [all, some] = [whole(4 * 40 * 30), part(4 * 20 * 16)]
    for (let channel = 0; channel < 4; channel++) {
      for (let y = 0; y < 16; y++) {
        const from = channel * 1200 + (8 + y) * 40 + 13
        const at = channel * 320 + y * 20
        expect(some.subarray(at, at + 20)).toEqual(all.subarray(from, from + 20))
      }
    }
  }
  const values = noiseField(3, { x: 0, y: 0, width: 200, height: 200 })(40_000)
  const mean = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length
  expect(mean(1)).toBeCloseTo(0, 1)
  expect(mean(2)).toBeCloseTo(1, 1)
  expect(mean(4)).toBeCloseTo(3, 0)
  // Rows, draws and seeds differ.
  const rows = [
    values.subarray(0, 200),
    values.subarray(200, 400),
    noiseField(4, { x: 0, y: 0, width: 200, height: 1 })(200),
  ]
  for (const [index, row] of rows.entries()) {
    const other = rows[(index + 1) % 3]!
    expect(Math.abs(row.reduce((sum, value, at) => sum + value * other[at]!, 0) / 200)).toBeLessThan(0.3)
  }
})

describe('a picture that is painted over in tiles', () => {
  let tiny: DiffusionModel
  beforeAll(async () => {
    tiny = await loadDiffusionModel(join('test/fixtures/diffusion/models', 'sd1'), 'cpu')
  })
  afterAll(() => tiny.close())

  /** A model that knows of each latent only itself, so that a tile is exactly a part of the whole. Latents are means of 8×8 pixels. */
  function localModel(): DiffusionModel {
    const vae: Pick<DiffusionModel['vae'], 'encode' | 'decode' | 'isTiled'> = {
      isTiled: () => false,
      async encode(planes, { width, height }) {
        const latents = new Float32Array((4 * width * height) / 64)
        for (let at = 0; at < planes.length; at++) {
          const [channel, y, x] = [
            Math.floor(at / (width * height)),
            Math.floor((at % (width * height)) / width),
            at % width,
          ]
          latents[(channel * height * width) / 64 + (y >> 3) * (width / 8) + (x >> 3)]! += planes[at]! / 64
        }
        return latents
      },
      async decode(latents, { width, height }) {
        return Float32Array.from({ length: 3 * width * height }, (_, at) => {
          const [channel, y, x] = [
            Math.floor(at / (width * height)),
            Math.floor((at % (width * height)) / width),
            at % width,
          ]
          return latents[(channel * height * width) / 64 + (y >> 3) * (width / 8) + (x >> 3)]!
        })
      },
    }
    const predict: DiffusionModel['unet']['predict'] = async rows =>
      rows.map(({ sample }) => sample.map(value => 0.8 * value + 0.1 * Math.sin(3 * value)))
    return { ...tiny, vae: { ...tiny.vae, ...vae }, unet: { ...tiny.unet, predict } }
  }

  const redraw = async (model: DiffusionModel, picture: Pixels, options: PaintTaskOptions, seeds = [5]) => {
    const done: number[] = []
    const task = {
      seeds,
      prompt: 'the sea',
      signal: new AbortController().signal,
      onProgress: (progress: { done: number }) => void done.push(progress.done),
      options: { steps: 6, strength: 0.5, ...options },
    }
    const unused = async () => {
      throw new Error('nothing is masked')
    }
    const pictures = await redrawInTiles(model, picture, task, unused)
    return { pictures, done }
  }

  test.each(['DPM++ 2M', 'Euler a'] as const)('is what it would be in one piece, with %s', async sampler => {
    const model = localModel()
    const picture = landscape(203, 150)
    const { pictures: tiled } = await redraw(model, picture, { sampler, tiles: { size: 64, overlap: 24 } })
    const { pictures: whole } = await redraw(model, picture, { sampler, tiles: { size: 256 } })
    const worst = tiled[0]!.data.reduce((most, value, at) => Math.max(most, Math.abs(value - whole[0]!.data[at]!)), 0)
    expect(worst).toBeLessThanOrEqual(1)
    expect(Buffer.compare(tiled[0]!.data, picture.data)).not.toBe(0)
  })

  test('has its own size, is the same for the same seed, and progress never falls', async () => {
    const picture = landscape(150, 91)
    const { pictures, done } = await redraw(tiny, picture, { tiles: { overlap: 16 } }, [5, 6, 5])
    expect(pictures.map(({ width, height, data }) => [width, height, data.length])).toEqual(
      Array(3).fill([150, 91, 150 * 91 * 3]),
    )
    expect(Buffer.compare(pictures[0]!.data, pictures[2]!.data)).toBe(0)
    expect(Buffer.compare(pictures[0]!.data, pictures[1]!.data)).not.toBe(0)
    expect(done).toEqual([...done].sort((one, other) => one - other))
    expect(done.at(-1)).toBe(1)
  })
})
