import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { writeDiffusersFolder, writeSingleFile } from '../../support/checkpoints.js'
import { problemOf } from '../../support/problems.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-default-'))
})
afterEach(() => rm(folder, { recursive: true }))

const OUTPAINTING = ['zoom', 'extend', 'square', 'fit'] as const

/** What paints where nothing is chosen. */
function defaults(defaultEngine?: string) {
  const engines = createEngineRegistry({ modelFolder: folder, defaultEngine })
  return (kind: Parameters<typeof engines.forEdit>[0]['kind'], prompt?: string) =>
    engines.forEdit({ kind }, undefined, prompt).name
}

/** A model in diffusers' layout, with the headers that are read here. */
async function writeFolder(name: string, channels: number, isLarge = false): Promise<void> {
  await mkdir(join(folder, name, 'unet'), { recursive: true })
  await writeFile(join(folder, name, 'unet', 'config.json'), JSON.stringify({ in_channels: channels }))
  if (isLarge) await mkdir(join(folder, name, 'text_encoder_2'))
}

test('without models fill paints, and what needs a model says so', () => {
  const name = defaults()
  for (const kind of [...OUTPAINTING, 'inpaint', 'remove'] as const) expect(name(kind)).toBe('fill')
  expect(problemOf(() => name('imagine'))).toEqual({ code: 'needs-model', what: 'imagine' })
})

test('each model paints what it is best at', async () => {
  await writeFolder('a-general', 4)
  expect([...OUTPAINTING, 'inpaint', 'vary', 'imagine'].map(kind => defaults()(kind as 'zoom'))).toEqual(
    Array(7).fill('a-general'),
  )
  expect(defaults()('remove')).toBe('fill')
  expect(defaults()('remove', 'grass')).toBe('a-general')
  await writeFolder('b-inpainting', 9)
  await writeFolder('c-large', 4, true)
  for (const kind of [...OUTPAINTING, 'inpaint'] as const) expect(defaults()(kind)).toBe('b-inpainting')
  for (const kind of ['imagine', 'vary'] as const) expect(defaults()(kind)).toBe('c-large')
  await writeFolder('d-large-inpainting', 9, true)
  expect(defaults()('zoom')).toBe('d-large-inpainting')
  await writeFile(join(folder, 'lama.onnx'), '')
  expect([defaults()('remove'), defaults()('remove', 'grass')]).toEqual(['lama', 'd-large-inpainting'])
})

test('scratches without a prompt are painted by fill, unless somebody chooses a model', async () => {
  await writeFolder('sd-inpainting', 9)
  const forScratch = (prompt = '', chosen?: string, defaultEngine?: string) =>
    createEngineRegistry({ modelFolder: folder, defaultEngine }).forEdit(
      { kind: 'inpaint', isScratch: true },
      chosen,
      prompt,
    ).name
  expect([forScratch(), forScratch('a wire')]).toEqual(['fill', 'sd-inpainting'])
  expect([forScratch('', 'sd-inpainting'), forScratch('', undefined, 'sd-inpainting')]).toEqual(
    Array(2).fill('sd-inpainting'),
  )
})

test('an object-removal model alone paints masks, and nothing beyond the frame', async () => {
  await writeFile(join(folder, 'lama.onnx'), '')
  expect([defaults()('inpaint'), defaults()('remove'), defaults()('zoom')]).toEqual(['lama', 'lama', 'fill'])
})

test('checkpoints in one file are told apart by their tensors', async () => {
  await writeSingleFile('sd1', join(folder, 'a.safetensors'), 'F16')
  await writeSingleFile('sd1-inpaint', join(folder, 'b.safetensors'), 'F16')
  await writeSingleFile('sdxl', join(folder, 'c.safetensors'), 'F16')
  expect([defaults()('zoom'), defaults()('imagine')]).toEqual(['b', 'c'])
})

test('folders whose configuration has no channels are told apart by the input of their UNet', async () => {
  for (const name of ['sd1', 'sd1-inpaint']) {
    await cp(join('test/fixtures/diffusion/models', name), join(folder, `graphs-${name}`), { recursive: true })
    await writeDiffusersFolder(name, join(folder, `weights-${name}`))
    await writeFile(join(folder, `weights-${name}`, 'unet', 'config.json'), '{}')
  }
  const engines = createEngineRegistry({ modelFolder: folder }).installed()
  const forInpainting = engines.filter(({ traits }) => traits?.isForInpainting).map(({ name }) => name)
  expect(forInpainting).toEqual(['graphs-sd1-inpaint', 'weights-sd1-inpaint'])
})

test('a file that is no model is never the default', async () => {
  await writeFile(join(folder, 'broken.safetensors'), '12345')
  await writeFile(join(folder, 'notes.safetensors'), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('[1]')]))
  expect(defaults()('zoom')).toBe('fill')
  // The only one that could is tried: its error names the file.
  expect(defaults()('imagine')).toBe('broken')
})

test('MODEL decides, and a request decides over it', async () => {
  await writeFolder('a', 4)
  await writeFolder('b', 9)
  expect(['zoom', 'remove', 'imagine'].map(kind => defaults('a')(kind as 'zoom'))).toEqual(['a', 'a', 'a'])
  expect(['zoom', 'remove', 'imagine'].map(kind => defaults('fill')(kind as 'zoom'))).toEqual(['fill', 'fill', 'a'])
  const engines = createEngineRegistry({ modelFolder: folder, defaultEngine: 'a' })
  expect(engines.forEdit({ kind: 'zoom' }, 'b').name).toBe('b')
  expect(problemOf(() => defaults('gone')('zoom'))).toMatchObject({ code: 'engine-unknown', engine: 'gone' })
})

test('the engine that reads a prompt is the best one that can', async () => {
  const reader = () =>
    createEngineRegistry({ modelFolder: folder, defaultEngine: 'fill' }).promptReader({ kind: 'zoom' })
  await writeFile(join(folder, 'lama.onnx'), '')
  expect(reader()).toBeUndefined()
  await writeFolder('a', 4)
  await writeFolder('b', 9)
  expect(reader()?.name).toBe('b')
})
