import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePythonJson } from '../../../../src/inference/checkpoint/python-json.js'
import { readSafetensors } from '../../../../src/inference/checkpoint/safetensors.js'
import { loadDiffusionModel } from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../../../../src/inference/engines/diffusion/model/read-model-files.js'
import { readTokenizer } from '../../../../src/inference/engines/diffusion/prompt/tokenizer.js'
import { resolveOptions } from '../../../../src/inference/engines/diffusion/resolve-options.js'
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
    const infinite = JSON.stringify({ ...before, ...fields }).replaceAll(/"(-?Infinity)"/g, '$1')
    await writeFile(path, infinite)
    return copy
  }

  test('lambda_min_clipped of −Infinity, as diffusers writes it for DPM++ 2M, is read', async () => {
    const path = await modelWith('sd1', 'scheduler/scheduler_config.json', { lambda_min_clipped: '-Infinity' })
    expect((await readModelFiles(path)).schedulerConfig.beta_start).toBe(0.00085)
  })

  test('null counts as not set', async () => {
    const fields = { _class_name: null, timestep_spacing: null, solver_order: null, beta_schedule: null }
    const path = await modelWith('sd1', 'scheduler/scheduler_config.json', fields)
    expect((await readModelFiles(path)).schedulerConfig).toMatchObject({
      solver_order: 2,
      beta_schedule: 'scaled_linear',
    })
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
      { use_beta_sigmas: true },
      'use_beta_sigmas = true (scheduler/scheduler_config.json)',
    ],
    ['scheduler/scheduler_config.json', { sigma_max: 80 }, 'sigma_max = 80 (scheduler/scheduler_config.json)'],
    ['scheduler/scheduler_config.json', { predict_x0: false }, 'predict_x0 = false (scheduler/scheduler_config.json)'],
    [
      'scheduler/scheduler_config.json',
      { lambda_min_clipped: -5.1 },
      'lambda_min_clipped = -5.1 (scheduler/scheduler_config.json)',
    ],
    [
      'scheduler/scheduler_config.json',
      { _class_name: 'EDMEulerScheduler', prediction_type: 'sample' },
      'prediction_type = "sample" (scheduler/scheduler_config.json)',
    ],
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
    [
      'scheduler/scheduler_config.json',
      { lambda_min_clipped: 'Infinity' },
      'lambda_min_clipped = Infinity (scheduler/scheduler_config.json)',
    ],
    [
      'scheduler/scheduler_config.json',
      { solver_type: 'bh3' },
      'solver_type = "bh3" (scheduler/scheduler_config.json)',
    ],
    ['scheduler/scheduler_config.json', { _class_name: {} }, '_class_name = {} (scheduler/scheduler_config.json)'],
    ['unet/config.json', { encoder_hid_dim: 32 }, 'encoder_hid_dim = 32 (unet/config.json)'],
    ['text_encoder/config.json', { model_type: 't5' }, 'model_type = "t5" (text_encoder/config.json)'],
    ['unet/config.json', { act_fn: 'gelu' }, 'act_fn = "gelu" (unet/config.json)'],
    ['unet/config.json', { norm_eps: 1e-6 }, 'norm_eps = 0.000001 (unet/config.json)'],
    ['vae/config.json', { shift_factor: 0.1 }, 'shift_factor = 0.1 (vae/config.json)'],
    ['vae/config.json', { block_out_channels: [32, 64, 64] }, 'block_out_channels = [32,64,64] (vae/config.json)'],
    ['text_encoder/config.json', { use_attention_mask: true }, 'use_attention_mask = true (text_encoder/config.json)'],
  ])('%s: %j is refused by name', async (file, fields, feature) => {
    const path = await modelWith('sd1', file, fields)
    expect(await problemIn(readModelFiles(path))).toMatchObject({ code: 'model-unsupported', feature })
  })

  test('an EDM model has its own schedule, default sampler and latents', async () => {
    const edm = { _class_name: 'EDMDPMSolverMultistepScheduler', sigma_max: 120, sigma_data: 1 }
    const path = await modelWith('sdxl', 'scheduler/scheduler_config.json', edm)
    const vae = { ...JSON.parse(await readFile(join(path, 'vae/config.json'), 'utf8')), scaling_factor: 0.5 }
    const moments = { latents_mean: [1, 2, 3, 4], latents_std: [5, 6, 7, 8] }
    await writeFile(join(path, 'vae/config.json'), JSON.stringify({ ...vae, ...moments }))
    const { schedulerConfig, latentScale } = await readModelFiles(path)
    expect(latentScale).toEqual({ factor: 0.5, mean: [1, 2, 3, 4], deviation: [5, 6, 7, 8] })
    expect(makeNoiseSchedule(schedulerConfig).edm).toEqual({
      sigmaMin: 0.002,
      sigmaMax: 120,
      sigmaData: 1,
      spacing: 'karras',
      rho: 7,
    })
    const model = await loadDiffusionModel(path, 'cpu')
    expect(resolveOptions({}, model)).toMatchObject({ sampler: 'DPM++ 2M', spacing: 'linear' })
    const size = { width: 16, height: 16 }
    const planes = Float32Array.from({ length: 3 * 256 }, (_, at) => Math.sin(at))
    const latents = await model.vae.encode(planes, size)
    const plain = await loadDiffusionModel(join(folder, 'sdxl'), 'cpu')
    const plainLatents = (await plain.vae.encode(planes, size)).map(value => value / 0.13025)
    for (const [at, value] of plainLatents.entries()) {
      const channel = Math.floor(at / 4)
      expect(latents[at]).toBeCloseTo(((value - (channel + 1)) * 0.5) / (channel + 5), 4)
    }
    const [again, first] = [
      await model.vae.decode(latents, size),
      await plain.vae.decode(
        plainLatents.map(value => value * 0.13025),
        size,
      ),
    ]
    for (const [at, value] of first.entries()) expect(again[at]).toBeCloseTo(value, 3)
    await model.close()
    await plain.close()
  })

  test('a folder with pickles is refused by their names', async () => {
    const path = await modelWith('sd1', 'model_index.json', {})
    const unet = join(path, 'unet/diffusion_pytorch_model')
    await rename(join(path, 'text_encoder/model.safetensors'), join(path, 'text_encoder/pytorch_model.bin'))
    const file = basename(path)
    expect(await problemIn(readModelFiles(path))).toEqual({
      code: 'checkpoint-is-pickle',
      file: `${file}/text_encoder/pytorch_model.bin`,
    })
    await rename(`${unet}.safetensors`, `${unet}.fp16.bin`)
    expect(await problemIn(readModelFiles(path))).toEqual({
      code: 'checkpoint-is-pickle',
      file: `${file}/unet/diffusion_pytorch_model.fp16.bin`,
    })
  })

  test('weights may be in several files, in a variant too, and a missing one is named', async () => {
    const path = await modelWith('sd1', 'model_index.json', {})
    for (const [part, name] of [
      ['unet', 'diffusion_pytorch_model'],
      ['text_encoder', 'model'],
    ] as const) {
      const whole = join(path, part, `${name}.safetensors`)
      const { tensors } = await readSafetensors(whole)
      const shard = `${name}.fp16-00001-of-00001.safetensors`
      await rename(whole, join(path, part, shard))
      const index = { weight_map: Object.fromEntries([...tensors.keys()].map(key => [key, shard])) }
      await writeFile(join(path, part, `${name}.safetensors.index.fp16.json`), JSON.stringify(index))
    }
    expect((await readModelFiles(path)).name).toBe(basename(path))
    await rm(join(path, 'text_encoder/model.fp16-00001-of-00001.safetensors'))
    expect(await problemIn(readModelFiles(path))).toEqual({
      code: 'checkpoint-incomplete',
      file: basename(path),
      missing: 'text_encoder/model.fp16-00001-of-00001.safetensors',
    })
  })

  test.each([
    ['StableDiffusion3Pipeline', 'SD3Transformer2DModel'],
    ['FluxPipeline', 'FluxTransformer2DModel'],
  ])('a folder of %s is refused by its name, with and without model_index.json', async (pipeline, transformer) => {
    const path = await mkdtemp(join(folder, 'other-'))
    await mkdir(join(path, 'transformer'))
    await writeFile(join(path, 'transformer/config.json'), JSON.stringify({ _class_name: transformer }))
    expect(await problemIn(readModelFiles(path))).toMatchObject({ code: 'model-unsupported', feature: transformer })
    await writeFile(join(path, 'model_index.json'), JSON.stringify({ _class_name: pipeline }))
    expect(await problemIn(readModelFiles(path))).toMatchObject({ code: 'model-unsupported', feature: pipeline })
  })

  test('a TCD model has its own defaults', async () => {
    const path = await modelWith('sd1', 'scheduler/scheduler_config.json', { _class_name: 'TCDScheduler' })
    const model = await loadDiffusionModel(path, 'cpu')
    expect(resolveOptions({}, model)).toMatchObject({ sampler: 'TCD', steps: 4, guidance: 1 })
    await model.close()
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
      const { negative: none, positive } = await model.encodePrompts({ negative: undefined, positive: [''] }, size)
      const [empty] = positive
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
