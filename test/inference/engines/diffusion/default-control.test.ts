import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeControlNetTask } from '../../../../src/inference/checkpoint/controlnet-task.js'
import { openEngine } from '../../../../src/inference/engines/open.js'
import { createEngineRegistry, type EngineRegistry } from '../../../../src/inference/engines/registry.js'
import { encodePng } from '../../../../src/inference/image/png.js'
import type { Edit } from '../../../../src/inference/pipeline/edit.js'
import type { Engine } from '../../../../src/inference/pipeline/engine.js'
import { type DiffusionOptions, PREFILLS } from '../../../../src/inference/pipeline/options.js'
import { paint } from '../../../../src/inference/pipeline/paint.js'
import { readRecipe } from '../../../../src/inference/pipeline/recipe-file.js'
import { companionsOf } from '../../../../src/inference/pipeline/used-controls.js'
import { landscape } from '../../../contracts/engine.js'
import { writeControlNet, writeDiffusersFolder, writeSingleFile } from '../../../support/checkpoints.js'
import { writeLama } from '../../../support/erasers.js'

let folder: string
const opened: Engine[] = []
const fileOf = (name: string) => join(folder, 'controlnet', `${name}.safetensors`)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-default-control-'))
  await writeDiffusersFolder('sd1', join(folder, 'base'))
  await writeDiffusersFolder('sd1-inpaint', join(folder, 'inpainting'))
  await writeSingleFile('sdxl', join(folder, 'xl.safetensors'))
  await writeControlNet('controlnet-sd1', fileOf('one'), 'authors')
  await writeControlNet('controlnet-sd1', fileOf('other'))
  await writeControlNet('controlnet-union', fileOf('union'))
}, 60_000)
afterAll(async () => {
  for (const engine of opened) await engine.close()
  await rm(folder, { recursive: true })
})

const zoom = { kind: 'zoom', factor: 1.5, grow: false } as const
const fast = { steps: 2, sampler: 'Euler', seam: false } as const

const engineOf = new Map<string, Engine>()
async function painted(name: string, edit: Edit = zoom, options: DiffusionOptions = {}) {
  const engines: EngineRegistry = createEngineRegistry({ modelFolder: folder })
  const engine = engineOf.get(name) ?? openEngine(name, engines, 'cpu')
  if (!engineOf.has(name)) opened.push(engine)
  engineOf.set(name, engine)
  const source = edit.kind === 'imagine' ? {} : { source: await encodePng(landscape(64, 64)) }
  const request = { edit, prompt: 'the sea', seeds: [1], engine: name, options: { ...fast, ...options }, ...source }
  const signal = new AbortController().signal
  const second = async (other: string) => (other === name ? engine : openEngine(other, engines))
  const result = await paint(request, engine, { engines, openEngine: second, signal, onProgress: () => {} })
  const { png } = result.pictures[0]!
  return { controls: result.controls, recipe: readRecipe(png)!, pixels: await sharp(png).raw().toBuffer(), png }
}

test('a ControlNet whose task is stated is used by a model that was not trained with masks, which says so', async () => {
  const alone = await painted('base')
  expect([alone.controls, alone.recipe.controls]).toEqual([undefined, undefined])
  await writeControlNetTask(fileOf('one'), 'tile')
  await writeControlNetTask(fileOf('other'), 'inpaint')
  const controlled = await painted('base')
  const used = [{ name: 'other', module: 'inpaint_only', isDefault: true }]
  expect(controlled.controls).toEqual(used)
  // It is known how the picture was made; what was chosen is still what was chosen.
  expect(controlled.recipe.controls).toEqual(used)
  expect(controlled.recipe.options).toEqual(fast)
  expect((await sharp(controlled.png).metadata()).comments?.[0]?.text).toContain(
    'ControlNet 0: "Module: inpaint_only, Model: other, Weight: 1, Guidance Start: 0, Guidance End: 1, Control Mode: balanced"',
  )
  expect(controlled.pixels.equals(alone.pixels)).toBe(false)
  const chosen = await painted('base', zoom, { control: ['other'] })
  expect(chosen.controls).toEqual([{ name: 'other', module: 'inpaint_only' }])
  expect(chosen.pixels.equals(controlled.pixels)).toBe(true)
  const none = await painted('base', zoom, { control: ['none'] })
  expect(none.controls).toBeUndefined()
  expect(none.pixels.equals(alone.pixels)).toBe(true)
}, 60_000)

test('without a picture, and by an inpainting model, it is not used', async () => {
  await writeControlNetTask(fileOf('other'), 'inpaint')
  expect((await painted('base', { kind: 'imagine', width: 64, height: 64 })).controls).toBeUndefined()
  expect((await painted('inpainting')).controls).toBeUndefined()
  const engines = createEngineRegistry({ modelFolder: folder })
  expect(engines.get('inpainting').controlNets).toMatchObject([{ name: 'one' }, { name: 'other' }])
}, 60_000)

test('a model paints over an enlarged picture with a ControlNet for tiles, and not with one for inpainting', async () => {
  await writeControlNetTask(fileOf('one'), 'tile')
  await writeControlNetTask(fileOf('other'), 'inpaint')
  const upscale = { kind: 'upscale', scale: 2, creative: { strength: 1, upscaler: 'lanczos' } } as const
  const controlled = await painted('base', upscale)
  expect(controlled.controls).toEqual([{ name: 'one', module: 'tile_resample', isDefault: true }])
  const alone = await painted('base', upscale, { control: ['none'] })
  expect(alone.controls).toBeUndefined()
  expect(alone.pixels.equals(controlled.pixels)).toBe(false)
  const chosen = await painted('base', upscale, { control: ['other', 'one:tile'] })
  expect(chosen.controls).toEqual([{ name: 'one', module: 'tile_resample' }])
  expect(chosen.pixels.equals(controlled.pixels)).toBe(true)
}, 60_000)

test('a registry knows which ControlNets fit a model in another layout, and that a union has both tasks', () => {
  const engines = createEngineRegistry({ modelFolder: folder })
  expect(engines.get('xl').controlNets).toEqual([{ name: 'union', tasks: ['inpaint', 'tile'] }])
  expect(engines.get('base').controlNets?.map(({ name }) => name)).toEqual(['one', 'other'])
  expect(engines.get('fill').controlNets).toBeUndefined()
})

test('the memory of a request is that of all files that it paints with', async () => {
  await writeControlNetTask(fileOf('other'), 'inpaint')
  const engines = createEngineRegistry({ modelFolder: folder })
  const request = { edit: zoom, engine: 'base', options: { refiner: 'inpainting' } } as const
  const companions = companionsOf(request, engines)
  expect(companions).toEqual({ models: ['inpainting'], controlNets: ['other'] })
  const [base, refiner] = [engines.bytesOf('base'), engines.bytesOf('inpainting')]
  const net = engines.bytesOf('base', { controlNets: ['other'] }) - base
  expect(net).toBeGreaterThan(100_000)
  expect(engines.bytesOf('base', companions)).toBe(base + refiner + net)
  const imagine = { ...request, edit: { kind: 'imagine', width: 64, height: 64 } as const }
  expect(companionsOf(imagine, engines).controlNets).toEqual([])
})

test('inpaint_only+lama starts from what an installed object-removal model paints, and from fill without one', async () => {
  const control = ['other:inpaint_only+lama']
  const filled = await painted('base', zoom, { control })
  expect(filled.controls).toEqual([{ name: 'other', module: 'inpaint_only+lama', prefill: 'fill' }])
  await writeLama(join(folder, 'lama.onnx'))
  const erased = await painted('base', zoom, { control })
  expect(erased.controls).toEqual([{ name: 'other', module: 'inpaint_only+lama', prefill: 'lama' }])
  const only = await painted('base', zoom, { control: ['other'] })
  expect(erased.pixels.equals(filled.pixels)).toBe(false)
  expect(erased.pixels.equals(only.pixels)).toBe(false)
  await rm(join(folder, 'lama.onnx'))
}, 60_000)

test('what fills the masked area first shows through below full strength', async () => {
  const pictures = []
  for (const prefill of PREFILLS) pictures.push((await painted('base', zoom, { control: ['none'], prefill })).pixels)
  expect(new Set(pictures.map(pixels => pixels.toString('base64'))).size).toBe(PREFILLS.length)
  const byDefault = await painted('base', zoom, { control: ['none'] })
  expect(byDefault.pixels.equals(pictures[0]!)).toBe(true)
}, 60_000)
