import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { createEngineRegistry } from '../../../../src/inference/engines/registry.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine, PaintTaskOptions } from '../../../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { landscape } from '../../../contracts/engine.js'
import {
  controlNetTensors,
  encodeSafetensors,
  type Tensor,
  writeControlNet,
  writeDiffusersFolder,
} from '../../../support/checkpoints.js'
import { renameInput, writeControlNetExport } from '../../../support/controlnet-exports.js'
import { problemIn } from '../../../support/problems.js'

const NAME = 'controlnet-sd1'
let folder: string
let engine: Engine
const place = (name: string, file = '') => join(folder, 'controlnet', name, file)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-controlnet-folders-'))
  await writeDiffusersFolder('sd1', join(folder, 'base'))
  await writeControlNet(NAME, join(folder, 'controlnet', 'file.safetensors'))
  await writeControlNet(NAME, place('diffusers', 'diffusion_pytorch_model.safetensors'))
  await writeFile(place('diffusers', 'config.json'), JSON.stringify({ _class_name: 'ControlNetModel' }))
  await writeShards('shards')
  await writeControlNetExport(NAME, place('graph'))
  await writeFile(join(folder, 'controlnet', 'graph.json'), '{ "task": "inpaint" }')
  engine = diffusionEngine('base', join(folder, 'base'), 'cpu')
}, 60_000)
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

/** As diffusers writes large networks. */
async function writeShards(name: string): Promise<void> {
  const all = [...(await controlNetTensors(NAME))]
  const shards = [all.slice(0, all.length / 2), all.slice(all.length / 2)]
  const map: Record<string, string> = {}
  await mkdir(place(name), { recursive: true })
  for (const [index, tensors] of shards.entries()) {
    const file = `diffusion_pytorch_model-0000${index + 1}-of-00002.safetensors`
    await writeFile(place(name, file), encodeSafetensors(new Map<string, Tensor>(tensors), 'F32'))
    for (const [tensor] of tensors) map[tensor] = file
  }
  const index = join(place(name), 'diffusion_pytorch_model.safetensors.index.json')
  await writeFile(index, JSON.stringify({ metadata: {}, weight_map: map }))
}

const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 64, height: 64 })
const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))

async function paint(options: PaintTaskOptions): Promise<Uint8Array> {
  const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {} }
  // `fill` as the initial image takes most of the time of a painting by a tiny model.
  const own = { steps: 2, sampler: 'Euler', seam: false, prefill: 'edge color' } as const
  const [picture] = await engine.paint(canvas, { ...task, options: { ...own, ...options } })
  return picture!.data
}

/** In levels of 8 bits. */
const difference = (one: Uint8Array, other: Uint8Array) =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0)

test('a folder of diffusers, one in shards, and an ONNX graph paint what the file paints', async () => {
  const alone = await paint({ control: ['file'], controlWeight: 0 })
  const paintBy = (...control: string[]) => paint({ controlWeight: 0.05, controlMode: 'my prompt', control })
  const byFile = await paintBy('file')
  expect(difference(byFile, alone)).toBeGreaterThan(10)
  for (const name of ['diffusers', 'shards']) expect(difference(await paintBy(name), byFile), name).toBe(0)
  // onnxruntime folds the constants of a graph that is a file, which rounds differently.
  expect(difference(await paintBy('graph'), byFile)).toBeLessThanOrEqual(1)
  const byBoth = await paintBy('file', 'graph')
  expect(difference(byBoth, byFile)).toBeGreaterThan(1)
  expect(difference(byBoth, await paintBy('file', 'diffusers'))).toBeLessThanOrEqual(1)
}, 120_000)

test('folders are listed with the models that they fit, and counted in the memory', () => {
  const registry = createEngineRegistry({ modelFolder: folder })
  const tasks = { diffusers: [], file: [], graph: ['inpaint'], shards: [] }
  expect(registry.get('base').controlNets).toEqual(Object.entries(tasks).map(([name, own]) => ({ name, tasks: own })))
  const bytes = (controlNets: string[]) => registry.bytesOf('base', { controlNets })
  const ofFile = bytes(['file']) - bytes([])
  expect((bytes(['graph']) - bytes([])) / ofFile).toBeCloseTo(1, 1)
  expect((bytes(['shards']) - bytes([])) / ofFile).toBeCloseTo(1, 1)
})

test('folders that can’t be used are refused with the reason', async () => {
  const refused = (name: string) => problemIn(paint({ control: [name] }))
  await writeControlNetExport('controlnet-sdxl', place('graph-sdxl'))
  const unfit = { code: 'controlnet-unfit', controlnet: 'graph-sdxl', model: 'base' }
  expect(await refused('graph-sdxl')).toEqual(unfit)
  await writeControlNetExport(NAME, place('odd'))
  await renameInput(place('odd', 'model.onnx'), 'timestep', 'control_type')
  const missing = { code: 'model-unreadable', model: 'odd', detail: 'model.onnx: it has no input called timestep' }
  expect(await refused('odd')).toEqual(missing)
  await renameInput(place('odd', 'model.onnx'), 'controlnet_cond', 'image')
  expect(await refused('odd')).toEqual({ code: 'controlnet-unsupported', controlnet: 'odd', kind: 'other' })
  await writeFile(place('odd', 'model.onnx'), 'not a graph')
  expect(await refused('odd')).toMatchObject({ code: 'model-unreadable', detail: 'model.onnx: it isn’t an ONNX graph' })
  await writeControlNet(NAME, place('pooled', 'diffusion_pytorch_model.fp16.safetensors'), 'diffusers', 'F16')
  await writeFile(place('pooled', 'config.json'), JSON.stringify({ global_pool_conditions: true }))
  const feature = 'global_pool_conditions = true (controlnet/config.json)'
  expect(await refused('pooled')).toEqual({ code: 'model-unsupported', model: 'pooled', feature })
  await rename(
    place('pooled', 'diffusion_pytorch_model.fp16.safetensors'),
    place('pooled', 'diffusion_pytorch_model.bin'),
  )
  const pickle = { code: 'checkpoint-is-pickle', file: 'pooled/diffusion_pytorch_model.bin' }
  expect(await refused('pooled')).toEqual(pickle)
}, 60_000)
