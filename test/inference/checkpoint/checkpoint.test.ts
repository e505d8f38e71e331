import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../../src/inference/checkpoint/read-checkpoint.js'
import { readSafetensors, readTensor } from '../../../src/inference/checkpoint/safetensors.js'
import { diffusionEngine } from '../../../src/inference/engines/diffusion/engine.js'
import { loadDiffusionModel } from '../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { listModelNames } from '../../../src/inference/engines/model-folder.js'
import { createCanvas } from '../../../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../../../src/inference/pipeline/layout.js'
import { compareParityCases } from '../../../tools/compare.js'
import { landscape } from '../../contracts/engine.js'
import {
  encodeSafetensors,
  prependHeader,
  singleFileTensors,
  type Tensor,
  writeDiffusersFolder,
  writeParityCase,
  writeSingleFile,
} from '../../support/checkpoints.js'
import { problemIn } from '../../support/problems.js'

let folder: string
const file = (name: string) => join(folder, name)
let tensors: Map<string, Tensor>
beforeAll(async () => {
  tensors = await singleFileTensors('sd1')
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-checkpoint-'))
})
afterAll(() => rm(folder, { recursive: true }))

const write = (name: string, all: ReadonlyMap<string, Tensor>) => writeFile(file(name), encodeSafetensors(all, 'F32'))
const tensorsWithout = (pattern: RegExp) => new Map([...tensors].filter(([name]) => !pattern.test(name)))

describe('the kind of a checkpoint follows from its tensors:', () => {
  test.each([
    ['sd1', 'SD 1', 4, 64, 'epsilon'],
    ['sd1-inpaint', 'SD 1', 9, 64, 'epsilon'],
    ['sd2-v', 'SD 2', 4, 96, 'v_prediction'],
    ['sdxl', 'SDXL', 4, 128, 'epsilon'],
  ] as const)('%s', async (name, kind, channels, sampleSize, prediction) => {
    await writeSingleFile(name, file('one.safetensors'), 'F16')
    const found = await readCheckpoint(file('one.safetensors'))
    expect(found).toMatchObject({ name: 'one', kind, sampleSize, schedulerConfig: { prediction_type: prediction } })
    expect(found.unet.get('conv_in.weight')!.shape[1]).toBe(channels)
    const { unet, precision } = await readModelFiles(file('one.safetensors'))
    expect(
      'writeGraph' in unet && unet.writeGraph({ precision: 'half', attention: 'primitive' }).length,
    ).toBeGreaterThan(10_000)
    expect(precision).toBe(kind === 'SD 2' ? 'single' : 'half')
  })

  test('the tensor v_pred marks velocity prediction', async () => {
    const one = { shape: [0], values: new Float32Array() }
    await write('v.safetensors', new Map([...tensors, ['v_pred', one], ['ztsnr', one]]))
    expect((await readCheckpoint(file('v.safetensors'))).schedulerConfig).toMatchObject({
      prediction_type: 'v_prediction',
      rescale_betas_zero_snr: true,
    })
  })
})

test('Playground 2.5 and CosXL in one file have the schedules and latents of these models', async () => {
  const channels = { shape: [4], values: Float32Array.of(1, 2, 3, 4) }
  const write = async (name: string, more: [string, Tensor][]) => {
    await writeFile(file(name), encodeSafetensors(new Map([...tensors, ...more]), 'F32'))
    return readCheckpoint(file(name))
  }
  const playground = await write('playground.safetensors', [
    ['edm_mean', channels],
    ['edm_std', channels],
  ])
  expect(playground.latentScale).toEqual({ factor: 0.5, mean: [1, 2, 3, 4], deviation: [1, 2, 3, 4] })
  expect(playground.schedulerConfig).toMatchObject({ _class_name: 'EDMDPMSolverMultistepScheduler', sigma_data: 0.5 })
  const cosXl = await write('cosxl.safetensors', [['edm_vpred.sigma_max', { shape: [], values: Float32Array.of(120) }]])
  expect(cosXl.schedulerConfig).toMatchObject({
    _class_name: 'EDMEulerScheduler',
    prediction_type: 'v_prediction',
    sigma_max: 120,
    sigma_schedule: 'exponential',
  })
})

test('the moving average of training is ignored, and bf16 works', async () => {
  const average = new Map([...tensors].map(([name, one]) => [name.replace('model.', 'model_ema.'), one]))
  await writeFile(file('ema.safetensors'), encodeSafetensors(new Map([...average, ...tensors]), 'BF16'))
  await writeParityCase('sd1', file('cases/one'), file('ema.safetensors'))
  const found = []
  for await (const one of compareParityCases(file('cases'))) found.push(one)
  // bf16 rounds the weights to 8 bits, so the result is similar, but not within the bound.
  expect(found[0]).toMatchObject({ of: 'latents', isSame: false })
  expect(found[0]?.of === 'latents' && found[0].mean).toBeLessThan(0.1)
})

test.each(['F8_E4M3', 'F8_E5M2'] as const)('weights of 8 bits (%s) are computed as what they stand for', async type => {
  const isUnet = (name: string) => name.startsWith('model.')
  const header: Record<string, unknown> = {}
  const data: Buffer[] = []
  let at = 0
  for (const [name, { shape, values }] of tensors) {
    const bytes = isUnet(name)
      ? Buffer.from(Uint8Array.from(values, (_, index) => ((index * 29) % 0x18) | (index & 1 ? 0x80 : 0)))
      : Buffer.from(values.buffer)
    header[name] = { dtype: isUnet(name) ? type : 'F32', shape, data_offsets: [at, at + bytes.length] }
    data.push(bytes)
    at += bytes.length
  }
  await writeFile(file('eight.safetensors'), prependHeader(JSON.stringify(header), Buffer.concat(data)))
  const stored = (await readSafetensors(file('eight.safetensors'))).tensors
  const wide = new Map<string, Tensor>()
  for (const [name, tensor] of stored) wide.set(name, { shape: tensor.shape, values: await readTensor(tensor) })
  // The prefix of ComfyUI's files.
  await write('wide.safetensors', new Map([...wide].map(([name, one]) => [name.replace(/^model\./, ''), one])))
  const predict = async (name: string) => {
    const model = await loadDiffusionModel(file(name), 'cpu')
    const { negative: condition } = await model.encodePrompts(
      { negative: 'a cat', positive: [] },
      { width: 64, height: 64 },
    )
    const sample = Float32Array.from({ length: 256 }, (_, index) => Math.sin(index))
    const [output] = await model.unet.predict([{ sample, condition: condition! }], 500, {
      size: [8, 8],
      guidanceScale: 1,
    })
    await model.close()
    return output!
  }
  const output = await predict('eight.safetensors')
  expect(output.every(Number.isFinite) && output.some(value => value !== 0)).toBe(true)
  expect(output).toEqual(await predict('wide.safetensors'))
})

test('a VAE next to a checkpoint replaces its own, in either layout', async () => {
  await write('one.safetensors', tensorsWithout(/^first_stage_model\./))
  const noOwn = await problemIn(readCheckpoint(file('one.safetensors')))
  expect(noOwn).toEqual({ code: 'checkpoint-incomplete', file: 'one.safetensors', missing: 'first_stage_model' })
  const vae = [...tensors].filter(([name]) => name.startsWith('first_stage_model.'))
  await write('one.vae.safetensors', new Map(vae.map(([name, one]) => [name.replace('first_stage_model.', ''), one])))
  await writeParityCase('sd1', file('cases/one'), file('one.safetensors'))
  await writeDiffusersFolder('sd1', file('folder'))
  await rename(file('folder/vae/diffusion_pytorch_model.safetensors'), file('two.vae.safetensors'))
  await write('two.safetensors', tensorsWithout(/^first_stage_model\./))
  await writeParityCase('sd1', file('cases/two'), file('two.safetensors'))
  for await (const { isSame } of compareParityCases(file('cases'))) expect(isSame).toBe(true)
  // A VAE is not listed as a model.
  expect(listModelNames(folder)).toEqual(['folder', 'one', 'two'])
})

test('a network’s weights can be in several files', async () => {
  await writeDiffusersFolder('sd1', file('parts'))
  const unet = file('parts/unet/diffusion_pytorch_model.safetensors')
  await rename(unet, file('parts/unet/diffusion_pytorch_model-00001-of-00002.safetensors'))
  const more = encodeSafetensors(new Map([['more', { shape: [1], values: Float32Array.of(1) }]]), 'F32')
  await writeFile(file('parts/unet/diffusion_pytorch_model-00002-of-00002.safetensors'), more)
  const files = {
    a: 'diffusion_pytorch_model-00001-of-00002.safetensors',
    b: '../unet/diffusion_pytorch_model-00002-of-00002.safetensors',
  }
  await writeFile(`${unet}.index.json`, JSON.stringify({ weight_map: files }))
  const { unet: found } = await readCheckpoint(file('parts'))
  expect(found.has('conv_in.weight')).toBe(true)
  expect(found.has('more')).toBe(true)
})

describe('a checkpoint that can’t be used fails with the reason:', () => {
  test('missing files or weights by name', async () => {
    await write(
      'one.safetensors',
      tensorsWithout(/output_blocks\.1\.0\.out_layers\.3\.weight|encoder\.layers\.1\.mlp\.fc1\.bias/),
    )
    expect(await problemIn(readModelFiles(file('one.safetensors')))).toEqual({
      code: 'checkpoint-incomplete',
      file: 'one.safetensors',
      missing: 'unet/up_blocks.0.resnets.1.conv2.weight, text_encoder/encoder.layers.1.mlp.fc1.bias',
    })
    await write('bias.safetensors', tensorsWithout(/time_embed\.2\.bias/))
    expect(await problemIn(readModelFiles(file('bias.safetensors')))).toMatchObject({
      missing: 'unet/time_embedding.linear_2.bias',
    })
    await write('two.safetensors', tensorsWithout(/^cond_stage_model/))
    expect(await problemIn(readModelFiles(file('two.safetensors')))).toMatchObject({ missing: 'cond_stage_model' })
    await write('three.safetensors', tensorsWithout(/middle_block|time_embed/))
    expect(await problemIn(readModelFiles(file('three.safetensors')))).toMatchObject({
      missing: expect.stringMatching(/^unet\/.* \(\d+\)$/),
    })
  })

  test.each([
    ['model.diffusion_model.double_blocks.0.img_attn.qkv.weight', 'Flux'],
    ['model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight', 'Stable Diffusion 3'],
    ['scaled_fp8', 'scaled fp8 weights'],
  ])('a model of another kind, by its name: %s', async (name, feature) => {
    await write('other.safetensors', new Map([...tensors, [name, { shape: [3], values: new Float32Array(3) }]]))
    expect(await problemIn(readModelFiles(file('other.safetensors')))).toEqual({
      code: 'model-unsupported',
      model: 'other',
      feature,
    })
  })

  test('only a moving average, or only a UNet', async () => {
    const average = [...tensors].map(([name, one]) => [name.replace(/^model\.d/, 'model_ema.d'), one] as const)
    await write('ema.safetensors', new Map(average))
    expect(await problemIn(readModelFiles(file('ema.safetensors')))).toMatchObject({
      missing: 'model.diffusion_model.',
    })
    const unet = [...tensors]
      .filter(([name]) => name.startsWith('model.'))
      .map(([name, one]) => [name.slice(6), one] as const)
    await write('unet.safetensors', new Map(unet))
    expect(await problemIn(readModelFiles(file('unet.safetensors')))).toMatchObject({ missing: 'cond_stage_model' })
  })

  test('a folder without one of its files', async () => {
    await writeDiffusersFolder('sd1', file('lacking'))
    await rm(file('lacking/vae/diffusion_pytorch_model.safetensors'))
    expect(await problemIn(readModelFiles(file('lacking')))).toEqual({
      code: 'checkpoint-incomplete',
      file: 'lacking',
      missing: 'vae/diffusion_pytorch_model.safetensors',
    })
    await mkdir(file('lacking/nothing'))
  })

  test('weights whose shapes don’t match', async () => {
    const odd = new Map(tensors)
    odd.set('model.diffusion_model.out.2.weight', { shape: [4, 8, 3, 3], values: new Float32Array(4 * 8 * 9) })
    await write('odd.safetensors', odd)
    const engine = diffusionEngine('odd', file('odd.safetensors'), 'cpu')
    const layout = layoutCanvas({ kind: 'square' }, { width: 64, height: 48 })
    const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    const canvas = createCanvas(layout, landscape(64, 48))
    const problem = await problemIn(engine.paint(canvas, { ...task, options: { steps: 1 } }))
    await engine.close()
    expect(problem).toMatchObject({ code: 'model-unreadable', model: 'odd' })
  })
})
