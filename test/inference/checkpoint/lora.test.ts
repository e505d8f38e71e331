import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ldmUnetNames } from '../../../src/inference/checkpoint/ldm-names.js'
import { readLoras } from '../../../src/inference/checkpoint/lora.js'
import { readSafetensors } from '../../../src/inference/checkpoint/safetensors.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { extractLoras } from '../../../src/inference/engines/diffusion/prompt/lora-tags.js'
import { compareParityCases } from '../../../tools/compare.js'
import {
  encodeSafetensors,
  singleFileNames,
  type Tensor,
  TINY_CHECKPOINTS,
  writeDiffusersFolder,
  writeLora,
  writeParityCase,
  writeSingleFile,
} from '../../support/checkpoints.js'
import { problemIn, problemOf } from '../../support/problems.js'

test.each([
  ['a cat <lora:ink:0.8>', 'a cat', [{ name: 'ink', weight: 0.8 }]],
  [
    '<lora:ink>a cat<lora:my style:-.5>',
    'a cat',
    [
      { name: 'ink', weight: 1 },
      { name: 'my style', weight: -0.5 },
    ],
  ],
  ['<lora:ink:0.8:0.5>, a cat', ', a cat', [{ name: 'ink', weight: 0.8 }]],
  ['<lora:ink: 0.8>', '', [{ name: 'ink', weight: 0.8 }]],
  ['<lora:ink:te=0.5:unet=1>', '', [{ name: 'ink', weight: 1, textWeight: 0.5 }]],
  ['<lora:ink:unet=0.5:te=0.5>', '', [{ name: 'ink', weight: 0.5 }]],
  ['<lora:ink:te=0.3>', '', [{ name: 'ink', weight: 0.3 }]],
  ['<lora:ink:99>', '', [{ name: 'ink', weight: 10 }]],
  ['a < b <lora:> c', 'a < b <lora:> c', []],
])('%s', (prompt, rest, loras) => {
  expect(extractLoras(prompt)).toEqual({ prompt: rest, loras })
})

test.each(['<lora:ink:strong>', '<lora:ink:>', '<lora:ink:te=a>', '<lora:ink:0,8>'])('%s is refused', tag => {
  expect(problemOf(() => extractLoras(`a cat ${tag}`))).toEqual({ code: 'lora-weight-invalid', tag })
})

test.each(TINY_CHECKPOINTS)('UNet layers get their names in single files: %s', async name => {
  const names = [...(await singleFileNames(name))].filter(([own]) => own.endsWith('.weight'))
  const bare = (text: string) => text.slice(0, -'.weight'.length)
  const aliases = ldmUnetNames(names.map(([own]) => bare(own)))
  for (const [own, theirs] of names) expect(aliases.get(bare(own))).toBe(bare(theirs))
})

describe('a LoRA', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-loras-'))
    await writeSingleFile('sd1', join(folder, 'sd1.safetensors'))
    await writeDiffusersFolder('sd1', join(folder, 'sd1-folder'))
    await writeDiffusersFolder('sdxl', join(folder, 'sdxl'))
    await writeLora(join(folder, 'lora', 'tiny.safetensors'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(['sd1.safetensors', 'sd1-folder'])('changes %s as in diffusers', async model => {
    const at = join(folder, `case-${model}`)
    await writeParityCase('sd1-lora', join(at, 'lora'), join(folder, model))
    const found = []
    for await (const one of compareParityCases(at)) found.push(one)
    expect(found.map(({ of, isSame }) => [of, isSame])).toEqual([
      ['latents', true],
      ['picture', true],
    ])
  })

  test('is refused if it doesn’t exist or doesn’t fit', async () => {
    const sd1 = join(folder, 'sd1.safetensors')
    expect(await problemIn(readModelFiles(sd1, [{ name: 'big', weight: 1 }]))).toEqual({
      code: 'lora-unknown',
      lora: 'big',
      known: 'tiny',
    })
    expect(await problemIn(readModelFiles(join(folder, 'sdxl'), [{ name: 'tiny', weight: 1 }]))).toEqual({
      code: 'lora-incompatible',
      lora: 'tiny',
      model: 'sdxl',
    })
    const graphs = 'test/fixtures/diffusion/models/sd1'
    expect(await problemIn(readModelFiles(graphs, [{ name: 'tiny', weight: 1 }]))).toEqual({
      code: 'lora-needs-checkpoint',
      model: 'sd1',
    })
    // A LoRA is not a model.
    expect(await problemIn(readModelFiles(join(folder, 'lora', 'tiny.safetensors')))).toEqual({
      code: 'checkpoint-is-lora',
      file: 'tiny.safetensors',
    })
  })

  const layer = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'
  const square = { shape: [4, 32], values: new Float32Array(128) } satisfies Tensor
  const wide = { shape: [32, 4], values: new Float32Array(128) } satisfies Tensor
  const weights = [`${layer}.weight`, 'down_blocks.0.resnets.0.conv1.weight']
  const model = { name: 'm', unet: new Map(weights.map(name => [name, { shape: [32, 32] }])), textEncoders: [] }

  test.each([
    ['kohya’s', `lora_unet_${layer.replaceAll('.', '_')}`, 'lora_down', 'lora_up'],
    ['kohya’s for single files', 'lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q', 'lora_down', 'lora_up'],
    ['PEFT’s', `unet.${layer}`, 'lora_A', 'lora_B'],
    ['diffusers’', `unet.${layer}`, 'lora.down', 'lora.up'],
  ])('is understood by %s names', async (_, name, down, up) => {
    const tensors = new Map<string, Tensor>([
      [`${name}.${down}.weight`, square],
      [`${name}.${up}.weight`, wide],
    ])
    await writeFile(join(folder, 'lora', 'named.safetensors'), encodeSafetensors(tensors, 'F32'))
    const { unet } = await readLoras(folder, [{ name: 'named', weight: 0.5 }], model)
    expect(unet(layer)).toMatchObject([{ down: { shape: [4, 32] }, up: { shape: [32, 4] }, scale: 0.5 }])
    expect(unet('down_blocks.0.resnets.0.conv1')).toEqual([])
  })

  test('is refused if it has another decomposition or other shapes', async () => {
    const at = (name: string, tensors: Record<string, Tensor>) =>
      writeFile(join(folder, 'lora', `${name}.safetensors`), encodeSafetensors(new Map(Object.entries(tensors)), 'F32'))
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    await at('loha', { [`${name}.hada_w1_a`]: square })
    await at('half', { [`${name}.lora_down.weight`]: square })
    for (const lora of ['loha', 'half']) {
      const problem = await problemIn(readLoras(folder, [{ name: lora, weight: 1 }], model))
      expect(problem).toEqual({ code: 'lora-incompatible', lora, model: 'm' })
    }
    const { tensors } = await readSafetensors(join(folder, 'lora', 'half.safetensors'))
    expect(tensors.size).toBe(1)
    const other = { shape: [4, 16], values: new Float32Array(64) }
    await at('narrow', { [`${name}.lora_down.weight`]: other, [`${name}.lora_up.weight`]: wide })
    expect(await problemIn(readModelFiles(join(folder, 'sd1.safetensors'), [{ name: 'narrow', weight: 1 }]))).toEqual({
      code: 'lora-incompatible',
      lora: 'narrow',
      model: 'sd1',
    })
  })
})
