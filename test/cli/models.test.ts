import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addModel } from '../../src/cli/models/add-model.js'
import { checkModels } from '../../src/cli/models/check-models.js'
import { describeDefaults } from '../../src/cli/models/describe-defaults.js'
import { listModels } from '../../src/cli/models/list-models.js'
import { findInCatalog } from '../../src/cli/models/model-catalog.js'
import { parseRepository, selectModelFiles } from '../../src/cli/models/model-hub.js'
import { describePlan, type ModelPlan } from '../../src/cli/models/model-plan.js'
import type { Environment } from '../../src/config.js'
import { listModelNames } from '../../src/inference/engines/model-folder.js'
import { writeDiffusersFolder, writeLora, writeSingleFile } from '../support/checkpoints.js'
import { startFileServer } from '../support/file-server.js'
import { publishRepository, useHub } from '../support/hub.js'
import { problemIn, problemOf } from '../support/problems.js'

let made: string
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'overscan-made-'))
  await writeSingleFile('sd1-inpaint', join(made, 'tiny.safetensors'), 'F16')
  await writeDiffusersFolder('sd2-v', join(made, 'folder'))
  await writeLora(join(made, 'style.safetensors'))
})
afterAll(() => rm(made, { recursive: true }))

const hub = useHub()
const { files } = hub

const add = (from: string, name?: string, sha256?: string, environment: Environment = {}) =>
  addModel(from, hub.sources(environment), {
    name,
    sha256,
    signal: new AbortController().signal,
    onProgress: () => {},
  })
const tiny = () => readFile(join(made, 'tiny.safetensors'))

const publish = (name: string, contents: Record<string, Buffer>) => publishRepository(files, name, contents)

test('a dry run tells what would be added, and adds nothing', async () => {
  const lines: string[] = []
  const plan = async (from: string) => {
    lines.length = 0
    const onPlan = (one: ModelPlan) => lines.push(...describePlan(one))
    const signal = new AbortController().signal
    await addModel(from, hub.sources(), { signal, onPlan, dryRun: true, onProgress: () => {} })
    return lines
  }
  publish('maker/one', { 'tiny.safetensors': await tiny() })
  expect(await plan('maker/one')).toEqual([
    expect.stringMatching(/^tiny from maker\/one: [\d.]+ [kM]B$/),
    expect.stringMatching(/^ {2}tiny\.safetensors, [\d.]+ [kM]B$/),
  ])
  // A % that encodes nothing.
  expect(await problemIn(plan('https://example.com/100%.onnx'))).toEqual({ code: 'model-name-invalid', name: '100%' })
  const { repository, revision, path, licence } = findInCatalog('migan')!
  publishRepository(files, repository, { [path!]: Buffer.alloc(100) }, { revision })
  expect((await plan('migan'))[0]).toBe(`migan from ${repository}: 100 bytes, license: ${licence}`)
  expect(await plan(join(made, 'tiny.safetensors'))).toHaveLength(2)
  expect(await readdir(hub.folder)).toEqual([])
})

test('a model whose name is too long for Discord is named', async () => {
  const name = 'a'.repeat(101)
  await writeFile(join(hub.folder, `${name}.safetensors`), '')
  const [told, none] = await listModels(hub.folder)
  expect(told).toMatch(/its name has 101 characters, and Discord accepts 100/)
  expect(none).toMatch(/^No models in /)
  const lines: string[] = []
  expect(await checkModels(hub.folder, [], line => lines.push(line))).toBe(true)
  expect(lines).toEqual([told, none])
})

test('where no model is chosen, each use has its engine', async () => {
  await add(join(made, 'tiny.safetensors'))
  expect(describeDefaults(hub.folder, undefined)).toEqual([
    'From now on, where no model is chosen:',
    '  tiny paints beyond the frame (zoom, extend, square, fit), under a mask (inpaint), from a prompt alone (imagine).',
    '  fill paints over scratches, without a prompt (inpaint), to remove an object (remove).',
  ])
  expect(describeDefaults(hub.folder, 'fill')[0]).toBe('From now on, where no model is chosen (MODEL=fill):')
})

describe('a model is added', () => {
  test('from a file and from a folder', async () => {
    const added = await add(join(made, 'tiny.safetensors'))
    expect(added).toMatchObject({ name: 'tiny', summary: { kind: 'SD 1', channels: 9, precision: 'fp16' } })
    expect((await add(join(made, 'folder'), 'second')).summary).toMatchObject({ kind: 'SD 2', channels: 4 })
    expect(listModelNames(hub.folder)).toEqual(['second', 'tiny'])
    // What it came from stays.
    expect((await tiny()).length).toBe(added.summary!.bytes)
  })

  test('from a URL, after a broken connection', async () => {
    files.set('/a b/My-Model_v1.safetensors', await tiny())
    hub.server.faults.push({ breakAfter: 1_000_000 })
    const { name } = await add(`${hub.server.url}/a%20b/My-Model_v1.safetensors?download=true`)
    expect(name).toBe('My-Model_v1')
    expect(await readdir(hub.folder)).toEqual(['My-Model_v1.safetensors'])
    expect(Buffer.compare(await readFile(join(hub.folder, 'My-Model_v1.safetensors')), await tiny())).toBe(0)
  }, 20_000)

  test('from a repository: its only file, a named file, or the diffusers layout', async () => {
    publish('maker/one', { 'README.md': Buffer.from('x'), 'tiny.safetensors': await tiny() })
    expect((await add('maker/one')).name).toBe('tiny')
    publish('maker/two', { 'a.safetensors': await tiny(), 'b.safetensors': await tiny() })
    expect(await problemIn(add('maker/two'))).toEqual({
      code: 'repository-ambiguous',
      repository: 'maker/two',
      files: 'maker/two/a.safetensors, maker/two/b.safetensors',
    })
    expect((await add('maker/two/b.safetensors')).name).toBe('b')
    const layout: Record<string, Buffer> = { 'safety_checker/model.safetensors': Buffer.from('x') }
    for (const entry of await readdir(join(made, 'folder'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      layout[path.slice(join(made, 'folder').length + 1)] = await readFile(path)
    }
    publish('maker/three', layout)
    expect((await add('maker/three')).summary).toMatchObject({ kind: 'SD 2' })
    expect(await readdir(join(hub.folder, 'three'))).toEqual([
      'model_index.json',
      'scheduler',
      'text_encoder',
      'unet',
      'vae',
    ])
    expect(listModelNames(hub.folder)).toEqual(['b', 'three', 'tiny'])
  }, 20_000)

  test('with a token that is sent to no other site', async () => {
    publish('maker/one', { 'tiny.safetensors': await tiny() })
    await add('maker/one', undefined, undefined, { HF_TOKEN: 'hf_secret' })
    expect(hub.server.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ])
    const other = await startFileServer(files)
    files.set('/other.safetensors', await tiny())
    await add(`${other.url.replace('127.0.0.1', 'localhost')}/other.safetensors`, undefined, undefined, {
      HF_TOKEN: 'hf_secret',
    }).catch(() => {})
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined])
    await other.close()
  })
})

describe('a model is not added', () => {
  test('if it is not a model, and leaves no files behind', async () => {
    files.set('/style.safetensors', await readFile(join(made, 'style.safetensors')))
    files.set('/page.safetensors', Buffer.from('<html>please log in</html>'))
    files.set('/old.safetensors', Buffer.from('504b03041400000000000000', 'hex'))
    const from = (name: string) => problemIn(add(`${hub.server.url}/${name}.safetensors`))
    expect(await from('style')).toEqual({ code: 'checkpoint-is-lora', file: 'style.safetensors' })
    expect(await from('page')).toMatchObject({ code: 'checkpoint-corrupt', file: 'page.safetensors' })
    expect(await from('old')).toEqual({ code: 'checkpoint-is-pickle', file: 'old.safetensors' })
    expect(await problemIn(add(`${hub.server.url}/style.safetensors`, 'x', sha256(await tiny())))).toMatchObject({
      code: 'download-corrupt',
    })
    // Not even asked for, where its name says it; nor from here.
    const asked = hub.server.requests.length
    expect(await problemIn(add(`${hub.server.url}/old.ckpt`))).toEqual({
      code: 'checkpoint-is-pickle',
      file: 'old.ckpt',
    })
    expect(hub.server.requests.length).toBe(asked)
    await writeFile(join(made, 'old.ckpt'), files.get('/old.safetensors')!)
    expect(await problemIn(add(join(made, 'old.ckpt')))).toEqual({ code: 'checkpoint-is-pickle', file: 'old.ckpt' })
    expect(await readdir(hub.folder)).toEqual([])
  })

  test('if it has no name, its name is taken, or it does not exist', async () => {
    await add(join(made, 'tiny.safetensors'))
    expect(await problemIn(add(join(made, 'tiny.safetensors')))).toEqual({ code: 'model-exists', model: 'tiny' })
    expect(await problemIn(add(join(made, 'tiny.safetensors'), '../out'))).toEqual({
      code: 'model-name-invalid',
      name: '../out',
    })
    expect(await problemIn(add(`${hub.server.url}/api/download/123`))).toEqual({ code: 'model-name-invalid', name: '' })
    expect(await problemIn(add('maker/none'))).toMatchObject({ code: 'download-missing' })
    expect(await problemIn(add('gone.safetensors'))).toEqual({ code: 'no-such-file', path: 'gone.safetensors' })
    const unknown = { code: 'model-source-unknown', closest: undefined }
    expect(await problemIn(add('what is this'))).toEqual({ ...unknown, text: 'what is this' })
    expect(await problemIn(add('sd51'))).toEqual({ ...unknown, text: 'sd51', closest: 'sd15' })
    const notes = join(made, 'notes.txt')
    await writeFile(notes, 'a long text that could be anything')
    expect(await problemIn(add(notes))).toEqual({ code: 'not-a-model', path: notes })
    expect(await problemIn(add('http://'))).toEqual({ ...unknown, text: 'http://' })
    expect(await problemIn(add('.'))).toMatchObject({ code: 'model-incomplete' })
    const page = `${hub.server.url}/models/page.safetensors`
    files.set('/models/page.safetensors', Buffer.from('<!doctype html>'))
    expect(await problemIn(add(page))).toEqual({ code: 'download-is-page', url: page })
    files.set('/broken.onnx', Buffer.from('no graph'))
    const broken = await problemIn(add(`${hub.server.url}/broken.onnx`))
    expect(broken).toMatchObject({ code: 'model-unreadable', model: 'broken' })
    expect(JSON.stringify(broken)).not.toContain('.coming')
    hub.server.faults.push({ status: 401 })
    expect(await problemIn(add('maker/gated'))).toMatchObject({ code: 'download-forbidden' })
  })
})

test.each([
  ['owner/name', { name: 'owner/name', revision: 'main', path: undefined }],
  ['owner/name@v1.0', { name: 'owner/name', revision: 'v1.0', path: undefined }],
  ['owner/name/deep/a (1).safetensors', { name: 'owner/name', revision: 'main', path: 'deep/a (1).safetensors' }],
  ['owner', undefined],
  ['../name', undefined],
  ['owner/name/../../x', undefined],
])('%s names a repository or not', (text, found) => {
  expect(parseRepository(text)).toEqual(found)
})

test('half-precision files are preferred, and unneeded files are left out', () => {
  const paths = [
    'model_index.json',
    'unet/config.json',
    'unet/diffusion_pytorch_model.bin',
    'unet/diffusion_pytorch_model.safetensors',
    'unet/diffusion_pytorch_model.fp16.safetensors',
    'unet/diffusion_pytorch_model.non_ema.safetensors',
    'text_encoder/model.safetensors',
    'vae/diffusion_pytorch_model.fp16.safetensors',
    'vae/diffusion_pytorch_model.safetensors',
    'safety_checker/model.safetensors',
    'tokenizer/merges.txt',
    'big.safetensors',
  ]
  const files = paths.map(path => ({ path, url: path, sha256: undefined }))
  expect(
    selectModelFiles(files, 'a/b', undefined)
      .folder!.map(({ to }) => to)
      .sort(),
  ).toEqual([
    'model_index.json',
    'text_encoder/model.safetensors',
    'tokenizer/merges.txt',
    'unet/config.json',
    'unet/diffusion_pytorch_model.fp16.safetensors',
    'vae/diffusion_pytorch_model.fp16.safetensors',
  ])
  const graphs = ['unet/model.onnx', 'unet/model.onnx_data', 'vae_decoder/model.onnx', 'unet/config.json', 'x.onnx']
  const onnx = graphs.map(path => ({ path: `onnx/${path}`, url: path, sha256: undefined }))
  expect(
    selectModelFiles(onnx, 'a/b', 'onnx')
      .folder!.map(({ to }) => to)
      .sort(),
  ).toEqual(graphs.slice(0, 4).sort())
  expect(problemOf(() => selectModelFiles([], 'a/b', undefined))).toMatchObject({
    code: 'repository-ambiguous',
    files: '',
  })
})

test('installed models are listed and checked, broken ones too', async () => {
  expect(await listModels(hub.folder)).toEqual([
    `No models in ${hub.folder}. Run “overscan models catalog” to see models that you can add.`,
  ])
  await add(join(made, 'tiny.safetensors'))
  await cp('test/fixtures/diffusion/models/sd1', join(hub.folder, 'graphs'), { recursive: true })
  await writeFile(join(hub.folder, 'cut.safetensors'), await tiny())
  await truncate(join(hub.folder, 'cut.safetensors'), 100_000)
  await mkdir(join(hub.folder, 'empty', 'unet'), { recursive: true })
  const lines = await listModels(hub.folder)
  expect(lines[0]).toMatch(/^name +kind +channels +precision +size +devices$/)
  expect(lines.find(line => line.startsWith('tiny'))).toMatch(
    /^tiny +SD 1 +9 \(inpainting\) +fp16 +[\d.]+ [kM]B +.*cpu/,
  )
  expect(lines.find(line => line.startsWith('graphs'))).toMatch(/^graphs +ONNX +4 +fp32 +/)
  expect(lines.find(line => line.startsWith('cut'))).toMatch(/is incomplete/)
  expect(lines.find(line => line.startsWith('empty'))).toMatch(/is incomplete/)

  const told: string[] = []
  expect(await checkModels(hub.folder, ['tiny', 'graphs'], line => told.push(line))).toBe(true)
  expect(told[0]).toBe(`${sha256(await tiny())}  ${join(hub.folder, 'tiny.safetensors')}`)
  expect(told).toContain('tiny: OK (SD 1, 9 channels, fp16)')
  expect(told).toContain('graphs: OK (ONNX, 4 channels, fp32)')
  expect(await checkModels(hub.folder, [], line => told.push(line))).toBe(false)
  expect(told.some(line => /^cut: .*is incomplete/.test(line))).toBe(true)
  expect(await checkModels(hub.folder, ['other'], line => told.push(line))).toBe(false)
  expect(told.at(-1)).toMatch(/^other: There is no model “other”/)
}, 60_000)
