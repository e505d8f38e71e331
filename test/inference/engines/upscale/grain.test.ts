import sharp from 'sharp'
import { expect, test } from 'vitest'
import { upscaleEngine } from '../../../../src/inference/engines/upscale/engine.js'
import { addGrain, measureGrain } from '../../../../src/inference/engines/upscale/grain.js'
import { resample } from '../../../../src/inference/engines/upscale/resample.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import { filledMask, PAINT, type Pixels } from '../../../../src/inference/image/pixels.js'
import { createRandom } from '../../../../src/inference/random.js'

const SIZE = { width: 192, height: 128 }

/** A soft gradient with normal noise of this standard deviation, the same in all channels. */
function noisy(deviation: number, { width, height } = SIZE): Pixels {
  const source = createRandom(3)
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    const normal = Math.sqrt(-2 * Math.log(1 - source())) * Math.cos(2 * Math.PI * source())
    data.fill(Math.round(90 + (60 * (at % width)) / width + deviation * normal), at * 3, at * 3 + 3)
  }
  return { width, height, data }
}

const median = (values: Float32Array) => [...values].sort((one, other) => one - other)[values.length >> 1]!

test('noise is measured within a tenth, on a gradient', () => {
  for (const deviation of [2, 5, 10]) {
    const grain = measureGrain(noisy(deviation))!
    expect(Math.abs(median(grain.levels) / deviation - 1)).toBeLessThan(0.1)
  }
})

test('a clean picture gets no grain: a drawing, a gradient, flat areas next to texture', async () => {
  const drawing = await sharp({ create: { ...SIZE, channels: 3, background: '#fde' } })
    .composite([{ input: { create: { width: 50, height: 40, channels: 3, background: '#123' } }, left: 30, top: 20 }])
    .png()
    .toBuffer()
  expect(measureGrain((await readPicture(drawing)).pixels)).toBeUndefined()
  expect(measureGrain(noisy(0))).toBeUndefined()
  // Half of it is noise, the other half one colour: that stays as it is.
  const half = noisy(6)
  for (let y = 0; y < 128; y++) half.data.fill(120, (y * 192 + 64) * 3, (y + 1) * 192 * 3)
  expect(measureGrain(half)).toBeUndefined()
})

test('the enlargement has the fine noise that it lacked, by the seed, and no other brightness', async () => {
  const picture = noisy(5)
  const engine = upscaleEngine('lanczos', undefined)
  const canvas = { pixels: picture, mask: filledMask(picture, PAINT), old: { x: 0, y: 0, width: 0, height: 0 } }
  const signal = new AbortController().signal
  const task = { seeds: [1, 2, 1], prompt: '', options: { scale: 2 }, signal, onProgress: () => {} }
  const [one, other, again] = await engine.paint(canvas, task)
  const plain = await resample(picture, { width: 384, height: 256 })
  expect(one!.data).toEqual(again!.data)
  expect(one!.data).not.toEqual(other!.data)
  const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length
  expect(Math.abs(mean(one!.data) - mean(plain.data))).toBeLessThan(0.1)
  const noiseOf = (pixels: Pixels) => median(measureGrain(pixels)?.levels ?? new Float32Array(1))
  expect(noiseOf(plain)).toBeLessThan(2.5)
  expect(Math.abs(noiseOf(one!) / 5 - 1)).toBeLessThan(0.2)
  const [smooth] = await engine.paint(canvas, { ...task, seeds: [1], options: { scale: 2, grain: false } })
  const difference = smooth!.data.reduce((most, value, at) => Math.max(most, Math.abs(value - plain.data[at]!)), 0)
  expect(difference).toBeLessThan(2)
})

test('black and white stay clean', () => {
  const grain = measureGrain(noisy(8))!
  const pixels = { ...SIZE, data: new Uint8Array(SIZE.width * SIZE.height * 3).fill(255) }
  pixels.data.fill(0, pixels.data.length / 2)
  addGrain(pixels, grain, { scale: 2 }, 1)
  expect(new Set(pixels.data)).toEqual(new Set([0, 255]))
})
