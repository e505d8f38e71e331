import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { addModel } from '../../src/cli/models/add-model.js'
import { checkModels } from '../../src/cli/models/check-models.js'
import { deviceMemory, fitsInMemory } from '../../src/cli/models/device-memory.js'
import { listModels } from '../../src/cli/models/list-models.js'
import { catalogLines, findInCatalog, MODEL_CATALOG } from '../../src/cli/models/model-catalog.js'
import { parseRepository } from '../../src/cli/models/model-hub.js'
import { estimateModelMemory, totalBytes } from '../../src/inference/engines/diffusion/model/estimate-memory.js'
import { readModelFiles } from '../../src/inference/engines/diffusion/model/read-model-files.js'
import { listModelNames } from '../../src/inference/engines/model-folder.js'
import { graphBuilder } from '../../src/inference/onnx/graph-builder.js'
import { MODEL_SIZES } from '../../tools/model-shapes.js'
import { writeModel } from '../../tools/write-model.js'
import { writeMigan } from '../support/erasers.js'
import { modelFiles, publishRepository, sha256Hex, useHub } from '../support/hub.js'
import { problemIn } from '../support/problems.js'
import { writeSegmentModel } from '../support/segment-models.js'
import { upscalerFile } from '../support/upscalers.js'

let made: Record<string, Buffer>
beforeAll(async () => {
  made = await modelFiles()
})
const hub = useHub()
const { files } = hub

const { repository, revision } = findInCatalog('sd15-inpainting')!
const unet = 'unet/diffusion_pytorch_model.safetensors'
const add = (from: string, name?: string) =>
  addModel(from, hub.sources(), { name, signal: new AbortController().signal, onProgress: () => {} })
const lock = async () => JSON.parse(await readFile(join(hub.folder, 'catalogue-lock.json'), 'utf8'))
const downloads = () => hub.server.requests.filter(({ path }) => path.includes('/resolve/')).length
const UNPINNED = { revision, hashes: false }

test('every entry has a repository and checksums of its files', () => {
  expect(new Set(MODEL_CATALOG.map(({ name }) => name)).size).toBe(MODEL_CATALOG.length)
  for (const { repository, revision, sha256 = {}, path, use } of MODEL_CATALOG) {
    expect(parseRepository(`${repository}@${revision}`)).toMatchObject({ name: repository, revision })
    for (const hash of Object.values(sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/)
    if (path !== undefined && Object.keys(sha256).length > 0) expect(Object.keys(sha256)).toEqual([path])
    if (use === 'preview') expect(path).toBe('vae_decoder/model.onnx')
  }
})

describe('a model of the catalog', () => {
  test('is downloaded from its revision, and its checksums are pinned', async () => {
    publishRepository(files, repository, made, UNPINNED)
    const added = await add('sd15-inpainting')
    expect(added).toMatchObject({ name: 'sd15-inpainting', summary: { kind: 'SD 1', channels: 9 } })
    expect(listModelNames(hub.folder)).toEqual(['sd15-inpainting'])
    const pins = await lock()
    expect(Object.keys(pins).sort()).toEqual(
      Object.keys(made)
        .map(path => `sd15-inpainting/${path}`)
        .sort(),
    )
    expect(pins[`sd15-inpainting/${unet}`]).toEqual({
      sha256: sha256Hex(made[unet]!),
      bytes: made[unet]!.length,
      from: `${repository}@${revision}/${unet}`,
      date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    })
  })

  test('with another checksum later is refused, before the download if the Hub publishes it', async () => {
    publishRepository(files, repository, made, UNPINNED)
    await add('sd15-inpainting')
    const was = sha256Hex(made['model_index.json']!)
    const other = { ...made, 'model_index.json': Buffer.from('{ }') }
    publishRepository(files, repository, other, UNPINNED)
    const file = `${repository}@${revision}/model_index.json`
    const is = sha256Hex(Buffer.from('{ }'))
    const told = { code: 'model-checksum-changed', file, is, was, lock: join(hub.folder, 'catalogue-lock.json') }
    expect(await problemIn(add('sd15-inpainting', 'again'))).toEqual(told)
    expect((await readdir(hub.folder)).sort()).toEqual(['catalogue-lock.json', 'sd15-inpainting'])
    publishRepository(files, repository, other, { revision })
    const before = downloads()
    expect(await problemIn(add('sd15-inpainting', 'again'))).toEqual(told)
    expect(downloads()).toBe(before)
    // As the sentence says: who trusts it takes its lines away.
    const { 'sd15-inpainting/model_index.json': _, ...rest } = await lock()
    await writeFile(join(hub.folder, 'catalogue-lock.json'), JSON.stringify(rest))
    expect((await add('sd15-inpainting', 'again')).name).toBe('again')
  })

  test('with a published checksum is refused if the Hub has another one', async () => {
    const { repository, revision, path, sha256 } = findInCatalog('sd15')!
    publishRepository(files, repository, { [path!]: made[unet]! }, { revision })
    const problem = { code: 'model-checksum-changed', is: sha256Hex(made[unet]!), was: sha256![path!] }
    expect(await problemIn(add('sd15'))).toMatchObject(problem)
    expect(downloads()).toBe(0)
    expect(await readdir(hub.folder)).toEqual([])
  })

  test('is not downloaded without enough disk space', async () => {
    publishRepository(files, repository, made, { revision, size: 1e15 })
    const needs = (1e15 * Object.keys(made).length) / 1e9
    expect(await problemIn(add('sd15-inpainting'))).toMatchObject({ code: 'disk-space-low', path: hub.folder, needs })
    expect(downloads()).toBe(0)
  })

  test('is checked against its pinned checksums', async () => {
    publishRepository(files, repository, made, UNPINNED)
    await add('sd15-inpainting')
    const lines: string[] = []
    expect(await checkModels(hub.folder, [], line => lines.push(line))).toBe(true)
    expect(lines.at(-1)).toBe('sd15-inpainting: OK (SD 1, 9 channels, fp16)')
    await writeFile(join(hub.folder, 'sd15-inpainting', 'model_index.json'), '{ }')
    expect(await checkModels(hub.folder, [], line => lines.push(line))).toBe(false)
    expect(lines.at(-1)).toMatch(/^sd15-inpainting: .*model_index\.json has changed: its SHA-256 is [0-9a-f]{64}/)
  })
})

test('an object-removal model is one .onnx file, and is checked', async () => {
  const { repository, revision, path } = findInCatalog('migan')!
  await writeMigan(join(hub.folder, 'small'))
  const graph = await readFile(join(hub.folder, 'small'))
  publishRepository(files, repository, { [path!]: graph }, { revision })
  expect(await add('migan')).toMatchObject({ name: 'migan', summary: { kind: 'eraser', precision: 'fp32' } })
  expect((await readdir(hub.folder)).sort()).toEqual(['catalogue-lock.json', 'migan.onnx', 'small'])
  expect(listModelNames(hub.folder)).toEqual(['migan'])
  const lines: string[] = []
  expect(await checkModels(hub.folder, [], line => lines.push(line))).toBe(true)
  expect(lines.at(-1)).toBe('migan: OK (object removal, fp32)')
  expect((await listModels(hub.folder))[1]).toMatch(/^migan +object removal +picture, mask +fp32/)
  // From here and from an address as well.
  expect((await add(join(hub.folder, 'migan.onnx'), 'copy')).name).toBe('copy')
  files.set('/a/quick.onnx', graph)
  expect((await add(`${hub.server.url}/a/quick.onnx`)).name).toBe('quick')
  expect(listModelNames(hub.folder)).toEqual(['copy', 'migan', 'quick'])
})

test('a segment model is added as the pair of its graphs, listed and checked', async () => {
  const entry = findInCatalog('mobilesam')!
  const folder = join(hub.folder, '.made')
  await writeSegmentModel(folder, 'acly')
  const names = ['mobile_sam_image_encoder.onnx', 'sam_mask_decoder_multi.onnx']
  const contents = Object.fromEntries(
    await Promise.all(names.map(async name => [name, await readFile(join(folder, name))] as const)),
  )
  publishRepository(
    files,
    entry.repository,
    { 'README.md': Buffer.from('x'), ...contents },
    { revision: entry.revision },
  )
  expect(await add('mobilesam')).toMatchObject({ name: 'mobilesam', summary: { kind: 'segment' } })
  expect(await readdir(join(hub.folder, 'mobilesam'))).toEqual(names)
  expect(await listModels(hub.folder)).toContainEqual(
    expect.stringMatching(/^mobilesam +object selection +picture, points/),
  )
  const lines: string[] = []
  expect(await checkModels(hub.folder, ['mobilesam'], line => lines.push(line))).toBe(true)
  expect(lines.at(-1)).toBe('mobilesam: OK (object selection, fp32)')
  // It is none of the models that paint.
  expect(listModelNames(hub.folder)).toEqual([])
})

describe('a preview decoder', () => {
  const { repository, revision } = findInCatalog('taesd')!
  const decoder = (input: string) => {
    const g = graphBuilder('decoder', '/')
    const x = g.input(input, 'F32', [1, 4, 8, 8])
    g.output('sample', g.node('Add', [x, x]), 'F32', [1, 4, 8, 8])
    return Buffer.from(g.bytes())
  }

  test('is installed for models, and is not listed as a model', async () => {
    publishRepository(files, repository, { 'vae_decoder/model.onnx': decoder('latent_sample') }, { revision })
    expect(await add('taesd')).toEqual({ name: 'taesd', summary: undefined })
    expect(existsSync(join(hub.folder, 'taesd', 'vae_decoder', 'model.onnx'))).toBe(true)
    expect(listModelNames(hub.folder)).toEqual([])
    expect(Object.keys(await lock())).toEqual(['taesd/vae_decoder/model.onnx'])
  })

  test('has to take latents as its input', async () => {
    publishRepository(files, repository, { 'vae_decoder/model.onnx': decoder('x') }, { revision })
    expect(await problemIn(add('taesd'))).toMatchObject({ code: 'model-unreadable', model: 'taesd' })
    expect(await readdir(hub.folder)).toEqual([])
  })
})

test('whether a model fits depends on the device’s memory', () => {
  const memory = { total: 17e9, available: 9e9 }
  const card = (bytes: number | undefined) => ({ name: 'a card', memory: bytes })
  const machine = { memory, gpus: [card(6e9), card(12e9), card(undefined)] }
  expect(deviceMemory('cpu', machine)).toEqual({ kind: 'cpu', bytes: 17e9 })
  expect(deviceMemory('coreml', machine)).toEqual({ kind: 'gpu', bytes: 17e9 })
  expect(deviceMemory('cuda', machine)).toEqual({ kind: 'gpu', bytes: 12e9 })
  expect(deviceMemory('cuda:0', machine)).toEqual({ kind: 'gpu', bytes: 6e9 })
  expect(deviceMemory('webgpu', { memory, gpus: [] })).toEqual({ kind: 'gpu', bytes: undefined })
  const on = (device: string) => fitsInMemory(findInCatalog('sdxl')!, deviceMemory(device, machine))
  expect([on('cpu'), on('cuda'), on('cuda:0'), on('cuda:2')]).toEqual(['yes', 'yes', 'in tiles', 'unknown'])
  expect(fitsInMemory(findInCatalog('sdxl')!, { kind: 'gpu', bytes: 5e9 })).toBe('no')
  expect(fitsInMemory(findInCatalog('lama')!, { kind: 'gpu', bytes: 1e9 })).toBe('no')
  const line = catalogLines(hub.folder, deviceMemory('cuda:0', machine)).find(text => text.startsWith('sdxl '))
  expect(line).toMatch(/^sdxl +6\.9 GB +CreativeML OpenRAIL\+\+-M +11\.7 GB +slow +in tiles +\/imagine at 1024²$/)
})

test.each([
  ['sd15-inpainting', 'sd15', 512, 'half'],
  ['sd2-inpainting', 'sd2', 512, 'single'],
  ['sdxl', 'sdxl', 1024, 'half'],
] as const)('the memory of %s is what its shapes say', async (name, shapes, side, precision) => {
  const { memory, leastMemory } = findInCatalog(name)!
  const path = join(hub.folder, name)
  await writeModel(path, MODEL_SIZES[shapes], 'zeros')
  const model = await readModelFiles(path)
  for (const device of ['gpu', 'cpu'] as const) {
    const isGpu = device === 'gpu'
    const scenario = {
      device,
      variant: { precision: isGpu ? precision : 'single', attention: 'fused' },
      // Half precision may turn out wrong in it.
      vaePrecision: 'single',
      size: { width: side, height: side },
      batch: isGpu ? 2 : 1,
    } as const
    const whole = estimateModelMemory(model, scenario)!
    const tiled = estimateModelMemory(model, { ...scenario, vaeTile: 256 })!
    const least = totalBytes(isGpu ? { ...tiled, textEncoders: [] } : tiled, device)
    // Rounded to tenths of a gigabyte.
    expect(Math.abs(memory[device] - totalBytes(whole, device))).toBeLessThan(0.06e9)
    expect(Math.abs(leastMemory![device] - least)).toBeLessThan(0.06e9)
  }
})

test('an upscaler gets its own folder, from the catalog, a file or an address, and is checked', async () => {
  const entry = findInCatalog('realesrgan-x4')!
  const network = upscalerFile('rrdbnet-x4')
  publishRepository(files, entry.repository, { [entry.path!]: network }, { revision: entry.revision })
  // Its published checksum is that of the real file.
  expect(await problemIn(add('realesrgan-x4'))).toMatchObject({ code: 'model-checksum-changed' })
  files.set('/a/small.safetensors', network)
  const added = await add(`${hub.server.url}/a/small.safetensors`)
  expect(added).toMatchObject({ name: 'small', summary: { kind: 'upscaler', channels: 3, precision: 'fp32' } })
  expect((await add(join(hub.folder, 'upscale', 'small.safetensors'), 'copy')).name).toBe('copy')
  expect(await readdir(join(hub.folder, 'upscale'))).toEqual(['copy.safetensors', 'small.safetensors'])
  expect(listModelNames(hub.folder)).toEqual([])
  const lines: string[] = []
  expect(await checkModels(hub.folder, ['small'], line => lines.push(line))).toBe(true)
  expect(lines.at(-1)).toBe('small: OK (upscaler, fp32)')
  expect((await listModels(hub.folder))[1]).toMatch(/^upscale\/copy +upscaler +picture +fp32/)
  expect(await problemIn(add(join(hub.folder, 'upscale', 'small.safetensors')))).toMatchObject({ code: 'model-exists' })
})
