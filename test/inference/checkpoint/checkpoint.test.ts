import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readCheckpoint } from '../../../src/inference/checkpoint/read-checkpoint.js'
import { diffusionEngine } from '../../../src/inference/engines/diffusion/engine.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { listModelNames } from '../../../src/inference/engines/model-folder.js'
import { createCanvas } from '../../../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../../../src/inference/pipeline/layout.js'
import { compareParityCases } from '../../../tools/compare.js'
import { landscape } from '../../contracts/engine.js'
import {
  encodeSafetensors,
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

test('the moving average of training is ignored, and bf16 works', async () => {
  const average = new Map([...tensors].map(([name, one]) => [name.replace('model.', 'model_ema.'), one]))
  await writeFile(file('ema.safetensors'), encodeSafetensors(new Map([...average, ...tensors]), 'BF16'))
  await writeParityCase('sd1', file('cases/one'), file('ema.safetensors'))
  const found = []
  for await (const one of compareParityCases(file('cases'))) found.push(one)
  // bf16 rounds the weights to 8 bits, so the result is similar, but not within the bound.
  expect(found[0]!.mean).toBeLessThan(0.1)
  expect(found[0]!.largest).toBeGreaterThan(1e-3)
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
    // Biases are optional, weights are not.
    expect(await problemIn(readModelFiles(file('one.safetensors')))).toEqual({
      code: 'checkpoint-incomplete',
      file: 'one.safetensors',
      missing: 'unet/up_blocks.0.resnets.1.conv2.weight',
    })
    await write('two.safetensors', tensorsWithout(/^cond_stage_model/))
    expect(await problemIn(readModelFiles(file('two.safetensors')))).toMatchObject({ missing: 'cond_stage_model' })
    await write('three.safetensors', tensorsWithout(/middle_block|time_embed/))
    expect(await problemIn(readModelFiles(file('three.safetensors')))).toMatchObject({
      missing: expect.stringMatching(/^unet\/.* \(\d+\)$/),
    })
  })

  test('a model of another architecture', async () => {
    const flux = 'model.diffusion_model.double_blocks.0.img_attn.qkv.weight'
    await write('flux.safetensors', new Map([[flux, { shape: [3], values: new Float32Array(3) }]]))
    expect(await problemIn(readModelFiles(file('flux.safetensors')))).toEqual({
      code: 'checkpoint-unknown',
      file: 'flux.safetensors',
    })
  })

  test('SDXL’s refiner', async () => {
    const one = { shape: [1], values: new Float32Array(1) }
    await write(
      'refiner.safetensors',
      new Map([...tensorsWithout(/^cond_stage/), ['conditioner.embedders.0.model.ln_final.weight', one]]),
    )
    expect(await problemIn(readModelFiles(file('refiner.safetensors')))).toMatchObject({ code: 'checkpoint-unknown' })
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
