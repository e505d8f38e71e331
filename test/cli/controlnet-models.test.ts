import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addModel } from '../../src/cli/models/add-model.js'
import { checkModels } from '../../src/cli/models/check-models.js'
import { listModels } from '../../src/cli/models/list-models.js'
import { findInCatalog } from '../../src/cli/models/model-catalog.js'
import { stateControlNetTask } from '../../src/cli/models/state-task.js'
import type { ControlNetTask } from '../../src/inference/checkpoint/controlnet-task.js'
import { listModelNames } from '../../src/inference/engines/model-folder.js'
import { createEngineRegistry } from '../../src/inference/engines/registry.js'
import { encodeSafetensors, writeControlNet, writeSingleFile } from '../support/checkpoints.js'
import { writeControlNetExport } from '../support/controlnet-exports.js'
import { publishRepository, useHub } from '../support/hub.js'
import { problemIn } from '../support/problems.js'

let made: string
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'overscan-controlnets-'))
  await writeControlNet('controlnet-sd1', join(made, 'free.safetensors'), 'authors')
  await writeControlNet('controlnet-sd1', join(made, 'diffusers.safetensors'))
  await writeControlNet('controlnet-union', join(made, 'union.safetensors'))
  await writeSingleFile('sd1', join(made, 'sd1.safetensors'))
})
afterAll(() => rm(made, { recursive: true }))

const hub = useHub()
const add = (from: string, task?: ControlNetTask) =>
  addModel(from, hub.sources(), { task, signal: new AbortController().signal, onProgress: () => {} })
const stated = async (name: string) =>
  JSON.parse(await readFile(join(hub.folder, 'controlnet', `${name}.json`), 'utf8'))
const ADVICE =
  'Nothing says what the ControlNet “free” is for, so no model uses it by itself. Run “overscan models task free inpaint”, or tile.'

test('a ControlNet of the catalog gets its own folder and says what it is for', async () => {
  const { repository, revision, path } = findInCatalog('controlnet-inpaint-sd15')!
  publishRepository(hub.files, repository, { [path!]: await readFile(join(made, 'free.safetensors')) }, { revision })
  const added = await add('controlnet-inpaint-sd15')
  expect(added.summary).toMatchObject({ kind: 'ControlNet', precision: 'fp32', tasks: ['inpaint'] })
  expect(await stated('controlnet-inpaint-sd15')).toEqual({ task: 'inpaint' })
  expect(listModelNames(hub.folder)).toEqual([])
  expect((await listModels(hub.folder))[1]).toMatch(
    /^controlnet\/controlnet-inpaint-sd15 +ControlNet +for inpaint +fp32/,
  )
  await add(join(made, 'sd1.safetensors'))
  expect(createEngineRegistry({ modelFolder: hub.folder }).get('sd1').controlNets).toEqual([
    { name: 'controlnet-inpaint-sd15', tasks: ['inpaint'] },
  ])
}, 30_000)

test('one that says nothing is asked about, until its task is stated; it runs one step', async () => {
  await add(join(made, 'free.safetensors'))
  await add(join(made, 'union.safetensors'))
  const lines = await listModels(hub.folder)
  expect(lines[1]).toMatch(/^controlnet\/free +ControlNet +task unknown/)
  expect(lines[2]).toMatch(/^controlnet\/union +ControlNet +for inpaint and tile/)
  expect(lines.slice(3)).toEqual([ADVICE])
  const checked: string[] = []
  expect(await checkModels(hub.folder, [], line => checked.push(line))).toBe(true)
  expect(checked).toContain('controlnet/free: OK (ControlNet, task unknown, fp32)')
  expect(checked).toContain(ADVICE)
  // A1111 keeps a description there.
  await writeFile(join(hub.folder, 'controlnet', 'free.json'), '{ "description": "mine" }')
  await stateControlNetTask(hub.folder, 'free', 'tile')
  expect(await stated('free')).toEqual({ description: 'mine', task: 'tile' })
  expect(await listModels(hub.folder)).not.toContain(ADVICE)
  expect(await problemIn(stateControlNetTask(hub.folder, 'fre', 'tile'))).toEqual({
    code: 'controlnet-unknown',
    controlnet: 'fre',
    known: 'free, union',
  })
}, 30_000)

test('the task can be said when it is added; other models have none, and relatives are refused', async () => {
  await add(join(made, 'free.safetensors'), 'inpaint')
  expect(await stated('free')).toEqual({ task: 'inpaint' })
  expect(await problemIn(add(join(made, 'sd1.safetensors'), 'inpaint'))).toMatchObject({ code: 'options-invalid' })
  const one = { shape: [1], values: new Float32Array(1) }
  const file = join(made, 'lora.safetensors')
  await writeFile(file, encodeSafetensors(new Map([['lora_controlnet', one]]), 'F32'))
  expect(await problemIn(add(file))).toEqual({
    code: 'controlnet-unsupported',
    controlnet: 'lora',
    kind: 'Control-LoRA',
  })
})

test('a folder is added as it is, by path and from a repository, and says what it is for next to it', async () => {
  const folder = join(made, 'graph')
  await writeControlNetExport('controlnet-sd1', folder)
  const added = await add(folder, 'tile')
  expect(added).toMatchObject({ name: 'graph', summary: { kind: 'ControlNet', precision: 'fp32', tasks: ['tile'] } })
  expect(await stated('graph')).toEqual({ task: 'tile' })
  const weights = await readFile(join(made, 'diffusers.safetensors'))
  publishRepository(hub.files, 'maker/net', {
    'config.json': Buffer.from('{ "_class_name": "ControlNetModel" }'),
    'diffusion_pytorch_model.safetensors': weights,
    'diffusion_pytorch_model.fp16.safetensors': weights,
    'image.png': Buffer.from('x'),
  })
  expect((await add('maker/net')).summary).toMatchObject({ kind: 'ControlNet', tasks: [] })
  expect((await readdir(join(hub.folder, 'controlnet', 'net'))).sort()).toEqual([
    'config.json',
    'diffusion_pytorch_model.fp16.safetensors',
  ])
  const checked: string[] = []
  expect(await checkModels(hub.folder, [], line => checked.push(line))).toBe(true)
  expect(checked).toContain('controlnet/graph: OK (ControlNet, for tile, fp32)')
  expect((await listModels(hub.folder))[1]).toMatch(/^controlnet\/graph +ControlNet +for tile +fp32/)
}, 30_000)
