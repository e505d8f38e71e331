import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine, PaintTaskOptions } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { parseDiffusionOptions } from '../../../../src/inference/pipeline/options.js'
import { compareParityCases } from '../../../../tools/compare.js'
import { landscape } from '../../../contracts/engine.js'
import { writeControlNet, writeDiffusersFolder, writeSingleFile } from '../../../support/checkpoints.js'
import { problemIn, problemOf } from '../../../support/problems.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-controlnet-'))
  await writeSingleFile('sd1', join(folder, 'sd1.safetensors'))
  await writeSingleFile('sdxl', join(folder, 'sdxl.safetensors'))
  // A folder says at which size the tiny model paints.
  await writeDiffusersFolder('sd1', join(folder, 'base'))
  await writeDiffusersFolder('sd1-inpaint', join(folder, 'inpainting'))
  for (const kind of ['sd1', 'sdxl', 'union']) {
    await writeControlNet(`controlnet-${kind}`, join(folder, 'controlnet', `controlnet-${kind}.safetensors`))
  }
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

test('a ControlNet gives the same latents as in diffusers: start and end, guess mode, two at once, tile, SDXL, a union', async () => {
  const cases = join(folder, 'cases')
  await cp('test/fixtures/diffusion/controlnets/cases', cases, { recursive: true })
  for (const name of await readdir(cases)) {
    const at = join(cases, name, 'case.json')
    const one = JSON.parse(await readFile(at, 'utf8'))
    await writeFile(at, JSON.stringify({ ...one, model: join(folder, `${one.model}.safetensors`) }))
  }
  const found = []
  for await (const one of compareParityCases(cases)) found.push(one)
  expect(found).toHaveLength(8)
  expect(found.filter(({ isSame }) => !isSame)).toEqual([])
}, 60_000)

describe('a request with a ControlNet', () => {
  let engine: Engine
  beforeAll(() => {
    engine = diffusionEngine('base', join(folder, 'base'), 'cpu')
  })
  afterAll(() => engine.close())

  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 64, height: 64 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const paint = async (options: PaintTaskOptions, by: Engine = engine) => {
    const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
    // `fill` as the initial image takes most of the time of a painting by a tiny model.
    const own = { steps: 3, sampler: 'Euler', seam: false, prefill: 'edge color' } as const
    const [picture] = await by.paint(canvas, { ...task, options: { ...own, ...options } })
    return picture!.data
  }
  const control = ['controlnet-sd1']

  test('paints another picture; each option changes it, and no weight changes nothing', async () => {
    const alone = Buffer.from(await paint({}))
    const pictures = [alone.toString('base64')]
    for (const options of [
      {},
      { controlWeight: 0.3 },
      { controlEnd: 0.6 },
      { controlStart: 0.5 },
      { controlMode: 'my prompt' },
      { controlMode: 'controlnet' },
      { control: ['controlnet-sd1:tile'] },
      { control: ['controlnet-sd1:tile'], downsamplingRate: 4 },
      { control: ['controlnet-sd1', 'controlnet-sd1:tile'] },
      { control: ['controlnet-sd1:inpaint_global_harmonious'] },
      { control: ['controlnet-sd1:inpaint_only+lama'] },
      { control: ['controlnet-sd1:tile_colorfix'] },
    ] as const satisfies PaintTaskOptions[]) {
      const more = { control, controlWeight: 0.01, ...options }
      pictures.push(Buffer.from(await paint({ ...more, control: [...more.control] })).toString('base64'))
    }
    expect(new Set(pictures).size).toBe(pictures.length)
    const without = await paint({ control, controlWeight: 0 })
    expect(Buffer.compare(Buffer.from(without), alone)).toBe(0)
  }, 60_000)

  test('works with an inpainting model too', async () => {
    const inpainting = diffusionEngine('inpainting', join(folder, 'inpainting'), 'cpu')
    const [alone, controlled] = [await paint({}, inpainting), await paint({ control }, inpainting)]
    expect(Buffer.compare(Buffer.from(alone), Buffer.from(controlled))).not.toBe(0)
    await inpainting.close()
  }, 60_000)

  test('is refused where the ControlNet is missing, is for another kind of model, or the model has ONNX graphs', async () => {
    const known = 'controlnet-sd1, controlnet-sdxl, controlnet-union'
    const missing = { code: 'controlnet-unknown', controlnet: '../sd1', known }
    expect(await problemIn(paint({ control: ['../sd1'] }))).toEqual(missing)
    const unfit = { code: 'controlnet-unfit', controlnet: 'controlnet-sdxl', model: 'base' }
    expect(await problemIn(paint({ control: ['controlnet-sdxl'] }))).toEqual(unfit)
    await cp('test/fixtures/diffusion/models/sd1', join(folder, 'graphs'), { recursive: true })
    const graphs = diffusionEngine('graphs', join(folder, 'graphs'), 'cpu')
    expect(await problemIn(paint({ control }, graphs))).toEqual({
      code: 'controlnet-needs-checkpoint',
      model: 'graphs',
    })
    await graphs.close()
  })

  test.each([
    { control: ['a:depth'] },
    { control: ['none', 'a'] },
    { control: ['a', 'b', 'c', 'd'] },
    { control: ['a'], controlWeight: 2.1 },
    { control: ['a'], controlMode: 'mine' },
    { control: ['a'], downsamplingRate: 0.5 },
  ])('is refused outside of A1111’s ranges: %j', options => {
    expect(problemOf(() => parseDiffusionOptions(options))).toMatchObject({ code: 'options-invalid' })
  })
})
