import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { problemOf } from '../../support/problems.js'

const BUILT_IN = ['fill', 'fill:exemplar', 'fill:texture', 'fill:pde']
const LONG_AGO = new Date('2026-01-01T00:00:00Z')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-registry-'))
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

const namesOf = (registry: ReturnType<typeof createEngineRegistry>) => registry.installed().map(({ name }) => name)

test('engines: the built-in ones first, then each model, and what they can do', async () => {
  await writeFile(join(folder, 'lama.onnx'), '')
  await writeFile(join(folder, 'photo.safetensors'), '12345')
  await mkdir(join(folder, 'sd1', 'unet'), { recursive: true })
  const registry = createEngineRegistry({ modelFolder: folder })
  expect(namesOf(registry)).toEqual([...BUILT_IN, 'lama', 'photo', 'sd1'])
  expect(registry.get('fill')).toEqual({
    name: 'fill',
    supportsPrompt: false,
    supportsTextToImage: false,
    isEraser: false,
  })
  expect(registry.get('lama')).toEqual({
    name: 'lama',
    supportsPrompt: false,
    supportsTextToImage: false,
    isEraser: true,
  })
  expect(registry.get('sd1')).toMatchObject({
    name: 'sd1',
    supportsPrompt: true,
    supportsTextToImage: true,
    isEraser: false,
  })
  expect(registry.pathOf('photo')).toBe(join(folder, 'photo.safetensors'))
  expect([registry.bytesOf('photo'), registry.bytesOf('fill')]).toEqual([5, 0])
  expect(problemOf(() => registry.get('sdxl'))).toMatchObject({ code: 'engine-unknown', engine: 'sdxl' })
})

test('an edit is painted by the named engine, or by the first that can', async () => {
  const imagine = { kind: 'imagine', width: 64, height: 64 } as const
  const registry = createEngineRegistry({ modelFolder: folder })
  expect(registry.forEdit({ kind: 'square' }).name).toBe('fill')
  expect(problemOf(() => registry.forEdit(imagine))).toEqual({ code: 'needs-model', what: 'imagine' })
  await mkdir(join(folder, 'sd1', 'unet'), { recursive: true })
  vi.advanceTimersByTime(1000)
  expect(registry.forEdit(imagine, 'fill').name).toBe('sd1')
})

test('a folder that is not there has no models, until it is', async () => {
  const later = join(folder, 'later')
  const registry = createEngineRegistry({ modelFolder: later })
  expect([namesOf(registry), registry.loras()]).toEqual([BUILT_IN, []])
  await mkdir(join(later, 'lora'), { recursive: true })
  await writeFile(join(later, 'lora', 'tiny.safetensors'), '')
  vi.advanceTimersByTime(1000)
  expect(registry.loras()).toEqual(['tiny'])
})

test('the folder is scanned once, and again after a change', async () => {
  await utimes(folder, LONG_AGO, LONG_AGO)
  const registry = createEngineRegistry({ modelFolder: folder })
  expect(namesOf(registry)).toEqual(BUILT_IN)
  await writeFile(join(folder, 'lama.onnx'), '')
  await utimes(folder, LONG_AGO, LONG_AGO)
  vi.advanceTimersByTime(60_000)
  expect(namesOf(registry)).toEqual(BUILT_IN) // nothing tells that it has changed
  const touched = new Date(LONG_AGO.getTime() + 1)
  await utimes(folder, touched, touched)
  expect(namesOf(registry)).toEqual(BUILT_IN) // not looked at again within a second
  vi.advanceTimersByTime(1000)
  expect(namesOf(registry)).toEqual([...BUILT_IN, 'lama'])
})

test('a model whose folder is filled later is seen', async () => {
  await mkdir(join(folder, 'sd1'))
  for (const path of [join(folder, 'sd1'), folder]) await utimes(path, LONG_AGO, LONG_AGO)
  const registry = createEngineRegistry({ modelFolder: folder })
  expect(namesOf(registry)).toEqual(BUILT_IN)
  await writeFile(join(folder, 'sd1', 'model_index.json'), '{}')
  vi.advanceTimersByTime(1000)
  expect(namesOf(registry)).toEqual([...BUILT_IN, 'sd1'])
})
