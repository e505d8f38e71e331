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
  prependHeader,
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
  ['<lora:ink:0.8:0.5>, a cat', ', a cat', [{ name: 'ink', weight: 0.5, textWeight: 0.8 }]],
  ['<lora:ink:0.8:te=0.5>', '', [{ name: 'ink', weight: 0.5 }]],
  ['<lora:ink:unet=0.5>', '', [{ name: 'ink', weight: 0.5, textWeight: 1 }]],
  ['<lora:ink: 0.8>', '', [{ name: 'ink', weight: 0.8 }]],
  ['<lora:ink:te=0.5:unet=1>', '', [{ name: 'ink', weight: 1, textWeight: 0.5 }]],
  ['<lora:ink:unet=0.5:te=0.5>', '', [{ name: 'ink', weight: 0.5 }]],
  ['<lora:ink:te=0.3>', '', [{ name: 'ink', weight: 0.3 }]],
  ['<lora:ink:99>', '', [{ name: 'ink', weight: 10 }]],
  ['a < b <lora:> c', 'a < b <lora:> c', []],
])('%s', (prompt, rest, loras) => {
  expect(extractLoras(prompt)).toEqual({ prompt: rest, loras })
})

test.each(['<lora:ink:strong>', '<lora:ink:>', '<lora:ink:te=a>', '<lora:ink:0,8>', '<lora:ink:1:1:8>'])(
  '%s is refused',
  tag => {
    expect(problemOf(() => extractLoras(`a cat ${tag}`))).toEqual({ code: 'lora-weight-invalid', tag })
  },
)

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
    expect(unet(layer)).toMatchObject([
      { delta: { kind: 'low rank', down: { shape: [4, 32] }, up: { shape: [32, 4] } }, scale: 0.5 },
    ])
    expect(unet('down_blocks.0.resnets.0.conv1')).toEqual([])
  })

  test.each([
    ['PEFT’s own', `base_model.model.${layer}`, 'lora_A', 'lora_B'],
    ['PEFT’s own, with the network', `unet.base_model.model.${layer}`, 'lora_A', 'lora_B'],
    ['bare', layer, 'lora_A', 'lora_B'],
    ['ComfyUI’s', 'diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q', 'lora_down', 'lora_up'],
  ])('is understood by %s names', async (_, name, down, up) => {
    await writeFile(join(folder, 'lora', 'named.safetensors'), plainLora(`${name}.${down}`, `${name}.${up}`))
    const { unet } = await readLoras(folder, [{ name: 'named', weight: 1 }], model)
    expect(unet(layer)).toMatchObject([
      { delta: { kind: 'low rank', down: { shape: [4, 32] }, up: { shape: [32, 4] } }, scale: 1 },
    ])
  })

  function plainLora(down: string, up: string, metadata?: object): Buffer {
    const tensors = new Map([
      [`${down}.weight`, square],
      [`${up}.weight`, wide],
    ])
    const file = encodeSafetensors(tensors, 'F32')
    if (!metadata) return file
    const length = Number(file.readBigUInt64LE())
    const header = JSON.parse(file.toString('utf8', 8, 8 + length))
    header.__metadata__ = { lora_adapter_metadata: JSON.stringify(metadata) }
    return prependHeader(JSON.stringify(header), file.subarray(8 + length))
  }

  test.each([
    [{ 'unet.lora_alpha': 8, 'unet.r': 4 }, 2],
    [{ 'unet.lora_alpha': 8, 'unet.use_rslora': true }, 4],
    [{ lora_alpha: 2 }, 0.5],
    [{ 'unet.lora_alpha': 8, 'unet.alpha_pattern': { [layer]: 1, 'attn1.to_k': 2 } }, 0.25],
    [{ 'text_encoder.lora_alpha': 8 }, 1],
  ])('is scaled as its metadata says: %j', async (metadata, scale) => {
    const file = plainLora(`unet.${layer}.lora_A`, `unet.${layer}.lora_B`, metadata)
    await writeFile(join(folder, 'lora', 'scaled.safetensors'), file)
    const { unet } = await readLoras(folder, [{ name: 'scaled', weight: 1 }], model)
    expect(unet(layer)[0]!.scale).toBeCloseTo(scale, 12)
  })

  test('may have an alpha that is a whole number', async () => {
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    const file = plainLora(`${name}.lora_down`, `${name}.lora_up`)
    const length = Number(file.readBigUInt64LE())
    const header = JSON.parse(file.toString('utf8', 8, 8 + length))
    const end = file.length - 8 - length
    const alpha = Buffer.alloc(8)
    alpha.writeBigInt64LE(8n)
    header[`${name}.alpha`] = { dtype: 'I64', shape: [], data_offsets: [end, end + 8] }
    const whole = prependHeader(JSON.stringify(header), Buffer.concat([file.subarray(8 + length), alpha]))
    await writeFile(join(folder, 'lora', 'whole.safetensors'), whole)
    const { unet } = await readLoras(folder, [{ name: 'whole', weight: 1 }], model)
    expect(unet(layer)[0]!.scale).toBe(2)
  })

  test('skips layers that the model lacks, and says so', async () => {
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    const tensors = new Map<string, Tensor>([
      [`${name}.lora_down.weight`, square],
      [`${name}.lora_up.weight`, wide],
      ['lora_unet_some_new_block_attn_to_q.lora_down.weight', square],
      ['lora_unet_some_new_block_attn_to_q.lora_up.weight', wide],
      ['bundle_emb.word.string_to_param.*', square],
    ])
    await writeFile(join(folder, 'lora', 'more.safetensors'), encodeSafetensors(tensors, 'F32'))
    const lines: string[] = []
    const { unet } = await readLoras(folder, [{ name: 'more', weight: 1 }], model, line => lines.push(line))
    expect(unet(layer)).toHaveLength(1)
    expect(lines).toEqual(['LoRA more: 1 layers are not in m, e.g. lora_unet_some_new_block_attn_to_q'])
  })

  test.each([
    ['oft_r', 'an old form of OFT'],
    ['boft_R', 'PEFT’s BOFT'],
    ['a1.weight', 'GLoRA'],
    ['what', `“lora_unet_${layer.replaceAll('.', '_')}.what”`],
  ])('of another kind is refused by its name: %s', async (tensor, kind) => {
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    const tensors = new Map<string, Tensor>([
      [`${name}.lora_down.weight`, square],
      [`${name}.lora_up.weight`, wide],
      [`${name}.${tensor}`, square],
    ])
    await writeFile(join(folder, 'lora', 'other.safetensors'), encodeSafetensors(tensors, 'F32'))
    const problem = await problemIn(readLoras(folder, [{ name: 'other', weight: 1 }], model))
    expect(problem).toEqual({ code: 'lora-kind-unsupported', lora: 'other', kind })
  })

  test('is refused if it lacks a tensor or has other shapes', async () => {
    const at = (name: string, tensors: Record<string, Tensor>) =>
      writeFile(join(folder, 'lora', `${name}.safetensors`), encodeSafetensors(new Map(Object.entries(tensors)), 'F32'))
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    await at('half', { [`${name}.lora_down.weight`]: square })
    const problem = await problemIn(readLoras(folder, [{ name: 'half', weight: 1 }], model))
    expect(problem).toEqual({ code: 'lora-incompatible', lora: 'half', model: 'm' })
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
