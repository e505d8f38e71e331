import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { loadDiffusionModel } from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { pixelsToPlanes } from '../../../../src/inference/engines/diffusion/model/planes.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import { filledMask, PAINT } from '../../../../src/inference/image/pixels.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine, PaintTaskOptions } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { engineContract, landscape } from '../../../contracts/engine.js'
import { problemIn } from '../../../support/problems.js'
import { shared, testWithShared } from '../../../support/shared.js'

const MODELS = 'test/fixtures/diffusion/models'
/** `fill` as the initial image takes most of the time of a painting by a tiny model. */
const QUICK = { steps: 3, prefill: 'edge color' } as const

/** An engine with a tiny model of random weights. Its pictures are noise, but always the same. */
function tiny(name: string): Engine {
  const engine = diffusionEngine(name, join(MODELS, name), 'cpu')
  return {
    ...engine,
    paint: (canvas, task) => engine.paint(canvas, { ...task, options: withoutFill(task.options) }),
  }
}

function withoutFill(options: PaintTaskOptions = {}): PaintTaskOptions {
  // A preset has its own initial image.
  return options.preset ? { steps: QUICK.steps, ...options } : { ...QUICK, ...options }
}

engineContract('a model of 4 channels', () => tiny('sd1'))
engineContract('a model of 9 channels', () => tiny('sd1-inpaint'))
engineContract('a model of fixed size and batch size', () => tiny('sd1-fixed'))

describe('a diffusion engine', () => {
  let engine: Engine
  let usual: Buffer
  beforeAll(async () => {
    engine = tiny('sd1')
    usual = await paint()
  })
  afterAll(() => engine.close())

  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 96, height: 64 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const paint = async (options: PaintTaskOptions = {}, prompt = 'the sea', more = {}) => {
    const task = { seeds: [1], prompt, signal: new AbortController().signal, onProgress: () => {}, options, ...more }
    const [picture] = await engine.paint(canvas, task)
    return Buffer.from(picture!.data)
  }

  test.each<[string, PaintTaskOptions]>([
    ['steps', { steps: 5 }],
    ['sampler', { sampler: 'Euler a' }],
    ['spacing', { spacing: 'linear' }],
    ['guidance', { guidance: 1 }],
    ['negative prompt', { negative: 'clouds and mountains' }],
    ['strength', { strength: 0.4 }],
    ['variation seed', { variationSeed: 9, variationStrength: 0.3 }],
    ['preset Poor man’s outpainting', { preset: 'poor-mans-outpainting', steps: 5 }],
    ['preset Outpainting mk2', { preset: 'outpainting-mk2', steps: 5 }],
    ['initial image “fill”', { prefill: 'fill' }],
    ['masked content latent noise', { content: 'latent noise' }],
    ['masked content latent nothing', { content: 'latent nothing' }],
  ])('%s changes the picture', async (_, options) => {
    expect(Buffer.compare(await paint(options), usual)).not.toBe(0)
  })

  test('the prompt, its weights, prompt editing, AND and BREAK change the picture', async () => {
    const pictures = [usual.toString('base64')]
    for (const prompt of ['a cat', '(the:2) sea', '[the sea:a cat:1]', 'the sea AND a cat', 'the sea BREAK a cat']) {
      pictures.push((await paint({}, prompt)).toString('base64'))
    }
    expect(new Set(pictures).size).toBe(pictures.length)
  })

  test('starts from the pixels under the mask for masked content “original” only', async () => {
    const under = { ...canvas.pixels, data: canvas.pixels.data.map((_, at) => (at * 7) & 255) }
    const other = { ...canvas.pixels, data: canvas.pixels.data.map((_, at) => (at * 31) & 255) }
    const options = { content: 'original', strength: 0.7 } as const
    const [one, two] = [await paint(options, '', { initImage: under }), await paint(options, '', { initImage: other })]
    expect(Buffer.compare(one, two)).not.toBe(0)
    // With masked content “fill” the pixels under the mask are ignored.
    const [three, four] = [await paint({}, '', { initImage: under }), await paint({}, '', { initImage: other })]
    expect(Buffer.compare(three, usual)).not.toBe(0)
    expect(Buffer.compare(three, four)).toBe(0)
  })

  test('a far zoom-out is painted in passes that cover every pixel', async () => {
    const far = layoutCanvas({ kind: 'zoom', factor: 3, grow: true }, { width: 40, height: 30 })
    const wide = createCanvas(far, landscape(40, 30))
    const previews: { done: number }[] = []
    const task = {
      seeds: [3],
      prompt: '',
      signal: new AbortController().signal,
      onProgress: (one: { done: number }) => previews.push(one),
    }
    const [picture] = await engine.paint(wide, task)
    const { data } = picture!
    // Pixels under the mask are black before painting.
    let black = 0
    for (let at = 0; at < wide.mask.data.length; at++) {
      if (wide.mask.data[at] === PAINT && data[at * 3] === 0 && data[at * 3 + 1] === 0 && data[at * 3 + 2] === 0)
        black++
    }
    expect(black / wide.mask.data.length).toBeLessThan(0.01)
    // Three passes of three steps, of which strength 0.9 skips the first.
    expect(previews.length).toBeGreaterThan(5)
  })

  test('paints without a source picture', async () => {
    const blank = { pixels: landscape(64, 96), mask: filledMask({ width: 64, height: 96 }, PAINT), old: layout.old }
    const task = { seeds: [1, 2], prompt: 'a cat', signal: new AbortController().signal, onProgress: () => {} }
    for (const name of ['sd1', 'sd1-inpaint', 'sdxl']) {
      const model = tiny(name)
      const [one, two] = await model.paint(blank, task)
      await model.close()
      expect([one!.width, one!.height]).toEqual([64, 96])
      expect(Buffer.compare(one!.data, two!.data)).not.toBe(0)
    }
  }, 60_000)
})

test('a latent consistency model takes few steps and follows its guidance embedding', async () => {
  const engine = diffusionEngine('lcm', join(MODELS, 'lcm'), 'cpu')
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 96, height: 64 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const paint = async (options: PaintTaskOptions) => {
    const seen: number[] = []
    const onProgress = ({ done }: { done: number }) => seen.push(done)
    const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress }
    const [picture] = await engine.paint(canvas, { ...task, options: { prefill: QUICK.prefill, ...options } })
    return { data: Buffer.from(picture!.data), steps: new Set(seen).size - 1 }
  }
  const usual = await paint({})
  expect(usual.steps).toBe(3) // of four, at a strength of 0.9
  expect(Buffer.compare(usual.data, (await paint({ guidance: 8 })).data)).toBe(0)
  expect(Buffer.compare(usual.data, (await paint({ guidance: 2 })).data)).not.toBe(0)
  // It ignores the negative prompt.
  expect(Buffer.compare(usual.data, (await paint({ negative: 'fog' })).data)).toBe(0)
  await engine.close()
})

test('a turbo model is recognized by its scheduler config', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-turbo-'))
  await cp(join(MODELS, 'sd1'), folder, { recursive: true })
  const at = join(folder, 'scheduler', 'scheduler_config.json')
  const usual = JSON.parse(await readFile(at, 'utf8'))
  await writeFile(at, JSON.stringify({ ...usual, timestep_spacing: 'trailing' }))
  const engine = diffusionEngine('turbo', folder, 'cpu')
  const layout = layoutCanvas({ kind: 'square' }, { width: 96, height: 64 })
  const paint = async (options: PaintTaskOptions) => {
    const seen = new Set<number>()
    const onProgress = ({ done }: { done: number }) => void seen.add(done)
    const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress }
    const onCanvas = createCanvas(layout, landscape(96, 64))
    const [picture] = await engine.paint(onCanvas, { ...task, options: { prefill: QUICK.prefill, ...options } })
    return { data: Buffer.from(picture!.data), steps: seen.size - 1 }
  }
  const quick = await paint({})
  expect(quick.steps).toBe(3) // of four, at a strength of 0.9
  // Without guidance the negative prompt has no effect.
  expect(Buffer.compare(quick.data, (await paint({ negative: 'fog' })).data)).toBe(0)
  await engine.close()
  await rm(folder, { recursive: true })
})

test('clip skip uses another layer of the text encoder, or fails where there is none', async () => {
  const canvas = createCanvas(layoutCanvas({ kind: 'square' }, { width: 96, height: 64 }), landscape(96, 64))
  for (const [name, own] of [
    ['sdxl', 2],
    // This graph has two layers and outputs only the last one.
    ['sd1', 1],
  ] as const) {
    const engine = tiny(name)
    const paint = async (clipSkip: number) => {
      const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
      const [picture] = await engine.paint(canvas, { ...task, options: { clipSkip } })
      return picture!.data
    }
    expect(Buffer.compare(await paint(own), await paint(own + 1))).not.toBe(0)
    expect(await problemIn(paint(own + 2))).toEqual({ code: 'clip-skip', model: name, clipSkip: own + 2 })
    await engine.close()
  }
}, 60_000)

describe('a canvas larger than the model’s sample size', () => {
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: true }, { width: 300, height: 200 })
  const canvas = createCanvas(layout, landscape(300, 200))
  const engine = tiny('sd1')
  afterAll(() => engine.close())
  const painted = async (options: PaintTaskOptions) => {
    const done: number[] = []
    const onProgress = (progress: { done: number }) => void done.push(progress.done)
    const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress, options }
    const [picture] = await engine.paint(canvas, task)
    return { data: picture!.data, done }
  }
  /** Mean difference of neighbouring pixels under the mask. */
  const detail = (data: Uint8Array) => {
    let [sum, count] = [0, 0]
    for (let at = 0; at + 1 < canvas.mask.data.length; at++) {
      if (canvas.mask.data[at] !== PAINT) continue
      sum += Math.abs(data[at * 3 + 1]! - data[at * 3 + 4]!)
      count++
    }
    return sum / count
  }

  test('is refined in tiles if requested, which adds detail, and progress never falls', async () => {
    const [plain, refined] = [await painted({}), await painted({ refine: true })]
    expect(Buffer.compare(plain.data, (await painted({ refine: false })).data)).toBe(0)
    expect(detail(refined.data)).toBeGreaterThan(1.2 * detail(plain.data))
    expect(refined.done.length).toBeGreaterThan(plain.done.length + 8)
    expect(refined.done).toEqual([...refined.done].sort((a, b) => a - b))
  }, 60_000)
})

const WIDE = { width: 400, height: 64 }

test('the seam pass changes pixels along the border only', async () => {
  const none = { pixels: 0 }
  const layout = layoutCanvas({ kind: 'extend', left: none, right: { pixels: 240 }, top: none, bottom: none }, WIDE)
  const canvas = createCanvas(layout, landscape(WIDE.width, WIDE.height))
  for (const name of ['sd1', 'sd1-inpaint']) {
    const engine = tiny(name)
    const done: number[] = []
    const painted = async (options: PaintTaskOptions) => {
      const onProgress = (progress: { done: number }) => void done.push(progress.done)
      const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress, options }
      const [picture] = await engine.paint(canvas, task)
      return picture!.data
    }
    const [plain, joined] = [await painted({ seam: false }), await painted({ seam: true })]
    expect(Buffer.compare(plain, await painted({}))).toBe(0) // on a processor only where it is asked for
    expect(done.at(-1)).toBe(1)
    // The seam ends 56 pixels inside the mask, at work size.
    const { sample_size: trained } = JSON.parse(await readFile(join(MODELS, name, 'unet/config.json'), 'utf8'))
    const scale = Math.sqrt(640 * 64) / (trained * 8)
    const depths = new Set<number>()
    for (let at = 0; at < plain.length; at++) {
      const column = Math.floor(at / 3) % 640
      if (column >= WIDE.width && plain[at] !== joined[at]) depths.add(column - WIDE.width)
    }
    expect(depths.size).toBeGreaterThan(40 * scale)
    expect(Math.max(...depths)).toBeLessThan(60 * scale)
    await engine.close()
  }
}, 60_000)

testWithShared('weights', 'previews come from TAESD if it is installed, and look like the picture', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-previews-'))
  await cp(join(MODELS, 'sd1'), join(folder, 'sd1'), { recursive: true })
  await mkdir(join(folder, 'taesd', 'vae_decoder'), { recursive: true })
  await cp(shared('weights/taesd/taesd_decoder.onnx'), join(folder, 'taesd', 'vae_decoder', 'model.onnx'))
  const encoder = await openOnnxSession(
    { name: 'encoder', file: shared('weights/taesd/taesd_encoder.onnx') },
    CPU_PROVIDER,
  )
  const { pixels } = await readPicture(await readFile(shared('photos/chelsea.png')), {
    size: { width: 192, height: 128 },
  })
  const planes = pixelsToPlanes(pixels).map(value => (value + 1) / 2)
  const { latent } = await encoder.run({ image: { data: planes, dims: [1, 3, 128, 192] } }, ['latent'])
  await encoder.close()
  const model = await loadDiffusionModel(join(folder, 'sd1'), 'cpu')
  const preview = await model.preview(latent.data, { width: 24, height: 16 })
  await model.close()
  expect([preview.width, preview.height]).toEqual([192, 128])
  const apart = preview.data.reduce((sum, value, at) => sum + Math.abs(value - pixels.data[at]!), 0)
  expect(apart / preview.data.length).toBeLessThan(12)
  await rm(folder, { recursive: true })
})

describe('a model that can’t be used fails with the reason:', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-models-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const broken = async (name: string, harm: (at: string) => Promise<void>) => {
    const at = join(folder, name)
    await cp(join(MODELS, 'sd1'), at, { recursive: true })
    await harm(at)
    const engine = diffusionEngine(name, at)
    const layout = layoutCanvas({ kind: 'square' }, { width: 40, height: 30 })
    const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    return problemIn(engine.paint(createCanvas(layout, landscape(40, 30)), task)).finally(() => engine.close())
  }

  test('missing files or weights by name', async () => {
    const problem = await broken('missing', async at => {
      await rm(join(at, 'vae_decoder'), { recursive: true })
      await rm(join(at, 'tokenizer', 'merges.txt'))
    })
    expect(problem).toEqual({
      code: 'model-incomplete',
      model: 'missing',
      missing: 'vae_decoder/model.onnx, tokenizer/vocab.json and merges.txt',
    })
  })

  test.each<[string, string, string, RegExp]>([
    ['an invalid graph', 'unet/model.onnx', 'not a graph', /unet\/model\.onnx/],
    ['an invalid vocabulary', 'tokenizer/vocab.json', '[]', /record|object/i],
    ['a vocabulary without start and end tokens', 'tokenizer/vocab.json', '{"a</w>": 0}', /startoftext/],
  ])('%s', async (name, file, content, detail) => {
    const problem = await broken(name.replaceAll(' ', '-'), at => writeFile(join(at, file), content))
    expect(problem).toMatchObject({ code: 'model-unreadable', detail: expect.stringMatching(detail) })
  })

  test('an unknown prediction type', async () => {
    const config = '{"prediction_type":"flow"}'
    const problem = await broken('unknown-prediction', at =>
      writeFile(join(at, 'scheduler/scheduler_config.json'), config),
    )
    expect(problem).toMatchObject({ code: 'model-unsupported' })
    expect(JSON.stringify(problem)).toContain('prediction_type')
  })
})
