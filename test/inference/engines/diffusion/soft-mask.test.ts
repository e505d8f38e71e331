import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { sampleLatents } from '../../../../src/inference/engines/diffusion/inpaint/sample-latents.js'
import { latentStrength } from '../../../../src/inference/engines/diffusion/inpaint/soft-mask.js'
import {
  type DiffusionModel,
  loadDiffusionModel,
} from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { pixelsToPlanes } from '../../../../src/inference/engines/diffusion/model/planes.js'
import { gaussianNoise } from '../../../../src/inference/engines/diffusion/sampling/noise.js'
import type { SamplerName } from '../../../../src/inference/engines/diffusion/sampling/sampler-names.js'
import { createEngineRegistry } from '../../../../src/inference/engines/registry.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import { encodeMask } from '../../../../src/inference/image/mask-file.js'
import { filledMask, filledPixels, KEEP, PAINT, type SoftMask } from '../../../../src/inference/image/pixels.js'
import { encodePng } from '../../../../src/inference/image/png.js'
import type { Engine } from '../../../../src/inference/pipeline/engine.js'
import { paint } from '../../../../src/inference/pipeline/paint.js'
import { landscape } from '../../../contracts/engine.js'
import { problemIn } from '../../../support/problems.js'

const MODELS = 'test/fixtures/diffusion/models'
const size = { width: 64, height: 64 }
const [ACROSS, DOWN] = [8, 8]
const picture = landscape(size.width, size.height)

describe.each(['sd1', 'sd1-inpaint', 'sdxl'])('soft masks with the model %s:', name => {
  let model: DiffusionModel
  let original: Float32Array
  beforeAll(async () => {
    model = await loadDiffusionModel(join(MODELS, name), 'cpu')
    original = await model.vae.encode(pixelsToPlanes(picture), size)
  })
  afterAll(() => model.close())

  const sample = async (sampler: SamplerName, strength: number, strengths?: Float64Array) => {
    const nextNoise = gaussianNoise(5)
    const noise = nextNoise(original.length)
    const [latents] = await sampleLatents({
      model,
      prompt: 'the sea',
      negative: undefined,
      settings: { steps: 10, sampler, spacing: 'linear', guidance: 3, guidanceRescale: 0 },
      strength,
      size,
      startLatents: original,
      inpaint: {
        mask: new Float32Array(ACROSS * DOWN).fill(1),
        originalLatents: original,
        maskedImageLatents: original,
        strength: strengths,
      },
      noise: [noise],
      freshNoise: () => nextNoise(original.length),
      signal: new AbortController().signal,
      onStep: () => {},
    })
    return latents!
  }

  // Samplers with a memory of earlier steps, or with fresh noise, follow the same rule; the engine starts them later (below).
  test.each(['Euler', 'DDIM', 'Heun'] as const)(
    'a constant grey is image to image at its strength (%s)',
    async sampler => {
      for (const strength of [128 / 255, 0.3]) {
        const soft = await sample(sampler, 1, new Float64Array(ACROSS * DOWN).fill(strength))
        expect(largestDifference(soft, await sample(sampler, strength))).toBeLessThan(1e-4)
      }
    },
  )

  test('the lightest grey is denoised in one step, and black is kept', async () => {
    const faint = await sample('Euler', 1, new Float64Array(ACROSS * DOWN).fill(0.01))
    expect(largestDifference(faint, await sample('Euler', 0.1))).toBeLessThan(1e-4)
    expect(largestDifference(await sample('Euler', 1, new Float64Array(ACROSS * DOWN)), original)).toBe(0)
  })

  test('a gradient changes more where it is lighter', async () => {
    const strengths = Float64Array.from({ length: ACROSS * DOWN }, (_, at) => (at % ACROSS) / (ACROSS - 1))
    const latents = await sample('Euler', 1, strengths)
    const change = Array.from({ length: ACROSS }, () => 0)
    for (let at = 0; at < latents.length; at++) change[at % ACROSS]! += Math.abs(latents[at]! - original[at]!)
    expect(change[0]).toBe(0)
    expect(change).toEqual([...change].sort((one, other) => one - other))
    expect(change.at(-1)!).toBeGreaterThan(3 * change[2]!)
  })
})

function largestDifference(one: Float32Array, other: Float32Array): number {
  return one.reduce((largest, value, at) => Math.max(largest, Math.abs(value - other[at]!)), 0)
}

describe('the strength of a latent', () => {
  const half = {
    strength: filledMask({ width: 80, height: 32 }, KEEP),
    original: filledPixels({ width: 80, height: 32 }),
  }
  half.strength.data.forEach((_, at) => {
    half.strength.data[at] = at % 80 < 20 ? 102 : 204
  })
  const mask = filledMask({ width: 80, height: 32 }, KEEP)
  mask.data.forEach((_, at) => {
    mask.data[at] = at % 80 < 40 ? PAINT : KEEP
  })
  const firstRow = ({ strengths }: { strengths: Float64Array }) =>
    [...strengths.subarray(0, 10)].map(value => +value.toFixed(3))

  test('is the mean of its pixels, and falls off outside the mask', () => {
    const found = latentStrength(half, mask, 0.5, 2, true)
    expect(firstRow(found)).toEqual([0.2, 0.2, 0.3, 0.4, 0.4, 0.267, 0.133, 0, 0, 0])
    expect(found.strongest).toBeCloseTo(0.4, 12)
  })

  test('is level around the mask for a model that sees the mask, and farther out nothing is restored', () => {
    expect(firstRow(latentStrength(half, mask, 1, 2, false))).toEqual([0.4, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 1, 1, 1])
  })
})

describe('painting with a mask that has greys', () => {
  const engines = createEngineRegistry({ modelFolder: MODELS })
  const opened = new Map<string, Engine>()
  afterAll(async () => {
    for (const engine of opened.values()) await engine.close()
  })
  const openOnce = (name: string): Engine => {
    const engine = opened.get(name) ?? diffusionEngine(name, join(MODELS, name), 'cpu')
    opened.set(name, engine)
    return engine
  }
  const paintWith = async (name: string, mask: SoftMask, more: object = {}, options: object = {}) => {
    const engine = openOnce(name)
    const request = {
      edit: { kind: 'inpaint', area: 'whole', padding: 32, blur: 0, ...more } as const,
      source: await encodePng(picture),
      mask: await encodeMask(mask),
      prompt: 'the sea',
      seeds: [1],
      engine: name,
      // `fill` as the initial image takes most of the time of a painting by a tiny model.
      options: { steps: 6, prefill: 'edge color', ...options },
    } as const
    const result = await paint(request, engine, { engines, signal: new AbortController().signal, onProgress: () => {} })
    return (await readPicture(result.pictures[0]!.png)).pixels.data
  }
  const grey = (value: number): SoftMask => ({ ...size, data: new Uint8Array(size.width * size.height).fill(value) })

  test.each(['DPM++ 2M', 'Euler a', 'UniPC'] as const)(
    'a grey picture as the mask repaints all of it at that strength (%s)',
    async sampler => {
      const whole = { ...size, data: new Uint8Array(size.width * size.height).fill(PAINT) }
      const canvas = { pixels: filledPixels(size), mask: whole, old: { x: 0, y: 0, width: 0, height: 0 } }
      const options = { steps: 6, sampler, strength: 128 / 255, content: 'original' } as const
      const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
      const [expected] = await openOnce('sd1').paint(canvas, { ...task, options, initImage: picture })
      const soft = await paintWith('sd1', grey(128), { strength: 1 }, { sampler })
      expect(Buffer.compare(soft, expected!.data)).toBe(0)
    },
  )

  test.each(['sd1', 'sd1-inpaint'])(
    'black stays byte for byte, and more changes where it is lighter (%s)',
    async name => {
      const data = Uint8Array.from({ length: size.width * size.height }, (_, at) => {
        return [KEEP, 64, 128, PAINT][Math.floor((at % size.width) / 16)]!
      })
      const result = await paintWith(name, { ...size, data }, { content: 'original' }, { sampler: 'Euler' })
      const change = [0, 0, 0, 0]
      for (let at = 0; at < result.length; at++) {
        const column = Math.floor(at / 3) % size.width
        change[Math.floor(column / 16)]! += Math.abs(result[at]! - picture.data[at]!)
      }
      expect(change[0]).toBe(0)
      expect(change[1]).toBeGreaterThan(0)
      expect(change).toEqual([...change].sort((one, other) => one - other))
    },
  )

  test('an antialiased edge is no grey: it is painted as if it were hard', async () => {
    const disc = (softness: number): SoftMask => ({
      ...size,
      data: Uint8Array.from({ length: size.width * size.height }, (_, at) => {
        const distance = Math.hypot((at % size.width) - 31.5, Math.floor(at / size.width) - 31.5)
        return Math.round(PAINT * Math.min(1, Math.max(0, (18 - distance) / softness + 0.5)))
      }),
    })
    const soft = disc(2)
    const hard = { ...soft, data: soft.data.map(value => (value >= 64 ? PAINT : KEEP)) }
    expect(Buffer.compare(await paintWith('sd1', soft), await paintWith('sd1', hard))).toBe(0)
  })

  test('all parts of the edit take the greys along', async () => {
    const data = Uint8Array.from({ length: size.width * size.height }, (_, at) => {
      const [x, y] = [at % size.width, Math.floor(at / size.width)]
      return x >= 20 && x < 44 && y >= 20 && y < 44 ? 128 : KEEP
    })
    const options = { seam: true, refine: true, steps: 3 }
    for (const more of [
      { area: 'masked', padding: 8, content: 'original' },
      { grow: 6, blur: 2, content: 'original' },
      { size: { width: 96, height: 48 }, resize: 'resize and fill' },
    ]) {
      const [half, whole] = [
        await paintWith('sd1', { ...size, data }, more, options),
        await paintWith('sd1', { ...size, data: data.map(value => (value === 128 ? PAINT : KEEP)) }, more, options),
      ]
      expect(Buffer.compare(half, whole)).not.toBe(0)
    }
  })

  test('a grey picture marks everything, so an engine that can’t paint by part declines it', async () => {
    const { fillEngine } = await import('../../../../src/inference/engines/fill/engine.js')
    opened.set('fill', fillEngine('fill'))
    expect(await problemIn(paintWith('fill', grey(128)))).toEqual({ code: 'mask-full' })
  })
})
