import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePythonJson } from '../../../../src/inference/checkpoint/python-json.js'
import { loadDiffusionModel } from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../../../../src/inference/engines/diffusion/model/read-model-files.js'
import { readTokenizer } from '../../../../src/inference/engines/diffusion/prompt/tokenizer.js'
import { makeNoiseSchedule } from '../../../../src/inference/engines/diffusion/sampling/noise-schedule.js'
import { writeDiffusersFolder } from '../../../support/checkpoints.js'
import { problemIn } from '../../../support/problems.js'

test('JSON as Python writes it is read', () => {
  expect(parsePythonJson('{"a": -Infinity, "b": [Infinity, NaN], "c": "NaN \\" Infinity", "d": 1}')).toEqual({
    a: Number.NEGATIVE_INFINITY,
    b: [Number.POSITIVE_INFINITY, null],
    c: 'NaN " Infinity',
    d: 1,
  })
  expect(() => parsePythonJson('{"a": -}')).toThrow(SyntaxError)
})

describe('a folder’s configuration:', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-configuration-'))
    await writeDiffusersFolder('sd1', join(folder, 'sd1'))
    await writeDiffusersFolder('sdxl', join(folder, 'sdxl'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** A copy of a model with changed fields in one of its configuration files. */
  async function modelWith(model: 'sd1' | 'sdxl', file: string, fields: object): Promise<string> {
    const copy = await mkdtemp(join(folder, 'copy-'))
    await cp(join(folder, model), copy, { recursive: true })
    const path = join(copy, file)
    const before = JSON.parse(await readFile(path, 'utf8'))
    const infinite = JSON.stringify({ ...before, ...fields }).replaceAll('"-Infinity"', '-Infinity')
    await writeFile(path, infinite)
    return copy
  }

  test('lambda_min_clipped of −Infinity, as diffusers writes it for DPM++ 2M, is read', async () => {
    const path = await modelWith('sd1', 'scheduler/scheduler_config.json', { lambda_min_clipped: '-Infinity' })
    expect((await readModelFiles(path)).schedulerConfig.beta_start).toBe(0.00085)
  })

  test.each([
    [[64, 96], 78],
    [null, 64],
    [32, 32],
  ])('sample_size %j is %i', async (sample_size, side) => {
    const path = await modelWith('sd1', 'unet/config.json', { sample_size })
    expect((await readModelFiles(path)).sampleSize).toBe(side)
  })

  test.each([
    ['model_index.json', { _class_name: 'StableDiffusion3Pipeline' }, 'StableDiffusion3Pipeline'],
    ['model_index.json', { _class_name: 'FluxPipeline' }, 'FluxPipeline'],
    [
      'scheduler/scheduler_config.json',
      { _class_name: 'EDMDPMSolverMultistepScheduler' },
      'EDMDPMSolverMultistepScheduler',
    ],
    ['scheduler/scheduler_config.json', { _class_name: 'TCDScheduler' }, 'TCDScheduler'],
    [
      'scheduler/scheduler_config.json',
      { _class_name: 'FlowMatchEulerDiscreteScheduler' },
      'FlowMatchEulerDiscreteScheduler',
    ],
    [
      'scheduler/scheduler_config.json',
      { prediction_type: 'flow_prediction' },
      'prediction_type = "flow_prediction" (scheduler/scheduler_config.json)',
    ],
    ['unet/config.json', { act_fn: 'gelu' }, 'act_fn = "gelu" (unet/config.json)'],
    ['unet/config.json', { norm_eps: 1e-6 }, 'norm_eps = 0.000001 (unet/config.json)'],
    ['vae/config.json', { latents_mean: [0, 0, 0, 0] }, 'latents_mean = [0,0,0,0] (vae/config.json)'],
    ['vae/config.json', { block_out_channels: [32, 64, 64] }, 'block_out_channels = [32,64,64] (vae/config.json)'],
    ['text_encoder/config.json', { use_attention_mask: true }, 'use_attention_mask = true (text_encoder/config.json)'],
  ])('%s: %j is refused by name', async (file, fields, feature) => {
    const path = await modelWith('sd1', file, fields)
    expect(await problemIn(readModelFiles(path))).toMatchObject({ code: 'model-unsupported', feature })
  })

  test('steps_offset is 1 for Stable Diffusion 1, and its own for SDXL', async () => {
    const fields = { steps_offset: 0, trained_betas: [0.1, 0.2], final_sigmas_type: 'zero' }
    const [sd, xl] = await Promise.all(
      (['sd1', 'sdxl'] as const).map(model => modelWith(model, 'scheduler/scheduler_config.json', fields)),
    )
    expect((await readModelFiles(sd!)).schedulerConfig.steps_offset).toBe(1)
    const { schedulerConfig } = await readModelFiles(xl!)
    expect(schedulerConfig.steps_offset).toBe(0)
    expect([...makeNoiseSchedule(schedulerConfig).alphasCumprod].map(alpha => alpha.toFixed(6))).toEqual([
      '0.900000',
      '0.720000',
    ])
  })

  test('SDXL without a negative prompt gets zeros unless model_index.json says otherwise', async () => {
    const size = { width: 64, height: 64 }
    const isZero = async (path: string) => {
      const model = await loadDiffusionModel(path, 'cpu')
      const [none, empty] = await model.encodePrompts([undefined, ''], size)
      await model.close()
      expect(empty!.promptEmbeds.data.some(value => value !== 0)).toBe(true)
      const pooled = none!.pooledPromptEmbeds ?? []
      return [...none!.promptEmbeds.data, ...pooled].every(value => value === 0)
    }
    expect(await isZero(join(folder, 'sdxl'))).toBe(true)
    expect(await isZero(await modelWith('sdxl', 'model_index.json', { force_zeros_for_empty_prompt: false }))).toBe(
      false,
    )
    expect(await isZero(join(folder, 'sd1'))).toBe(false)
  })
})

test('the pad token of special_tokens_map.json is used, unless the config has the newer format', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-tokenizer-'))
  const write = (file: string, content: object) => writeFile(join(folder, file), JSON.stringify(content))
  const vocab = Object.fromEntries(['!', 'a</w>', '<|startoftext|>', '<|endoftext|>'].map((token, id) => [token, id]))
  await write('vocab.json', vocab)
  await writeFile(join(folder, 'merges.txt'), '#version: 0.2\n')
  const padding = async () => (await readTokenizer(folder)).chunks('a')[0]!.ids.at(-1)
  expect(await padding()).toBe(3)
  await write('special_tokens_map.json', { pad_token: '!', eos_token: { content: '<|endoftext|>' } })
  expect(await padding()).toBe(0)
  await write('tokenizer_config.json', { pad_token: '<|endoftext|>' })
  expect(await padding()).toBe(0)
  await write('tokenizer_config.json', { pad_token: '<|endoftext|>', added_tokens_decoder: {} })
  expect(await padding()).toBe(3)
  await rm(folder, { recursive: true })
})
