import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readDistillation, saysVelocity } from '../../../src/inference/checkpoint/distillation.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-distillation-'))
})
afterEach(() => rm(folder, { recursive: true }))

const path = () => join(folder, 'model.safetensors')

test.each([
  ['.json', '{"notes": "SDXL Lightning merge", "steps": 8, "cfg_scale": 1.5}', { steps: 8, guidance: 1.5 }],
  ['.json', '{"description": "a Turbo model. Use 6 steps and CFG: 2."}', { steps: 6, guidance: 2 }],
  ['.yaml', 'name: Hyper-SD merge\nsteps: 4\nguidance: 1\n', { steps: 4, guidance: 1 }],
  ['.yaml', 'name: Hyper-SD merge\nsteps: 4\n', { steps: 4, guidance: 1 }],
  [
    '.civitai.info',
    '{"model": {"name": "DMD2"}, "images": [{"meta": {"steps": 5, "cfgScale": 1}}]}',
    { steps: 5, guidance: 1 },
  ],
])('%s next to a checkpoint: %s', async (extension, text, expected) => {
  await writeFile(join(folder, `model${extension}`), text)
  expect(await readDistillation(path(), 'model', {})).toEqual(expected)
})

test('the file’s metadata', async () => {
  const metadata = { 'modelspec.title': 'Something Turbo', 'modelspec.usage_hint': 'Use 4 steps, CFG 1.0' }
  expect(await readDistillation(path(), 'model', metadata)).toEqual({ steps: 4, guidance: 1 })
})

test.each(['juggernaut-lightning', 'dreamshaperXL_turboDPMSDE', 'realvis-Hyper', 'sdxl_lcm_merge', 'x-dmd2'])(
  'the name %s alone gives a hint',
  async name => {
    expect(await readDistillation(path(), name, {})).toEqual({
      hint: expect.stringMatching(new RegExp(`^${name} looks distilled; set its steps and guidance`)),
    })
  },
)

test.each([
  ['dreamshaper_8', '{"steps": 30}'],
  ['admdx', '{}'],
  ['welcome', 'params:\n  warm_up_steps: [ 10000 ]\n'],
])('other models give nothing: %s', async (name, notes) => {
  await writeFile(join(folder, 'model.yaml'), notes)
  expect(await readDistillation(path(), name, {})).toBeUndefined()
})

test('a number of steps that no distilled model has is a hint only', async () => {
  await writeFile(join(folder, 'model.json'), '{"steps": 30}')
  expect(await readDistillation(path(), 'lightning', {})).toHaveProperty('hint')
})

test.each([
  ['    parameterization: "v"', true],
  ['parameterization: v # velocity', true],
  ['    parameterization: "eps"', false],
  ['# parameterization: "v"', false],
])('the .yaml says what the model predicts: %s', async (line, isVelocity) => {
  await writeFile(join(folder, 'model.yaml'), `model:\n  params:\n${line}\n`)
  expect(await saysVelocity(path())).toBe(isVelocity)
})
