import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listEmbeddings, readEmbeddings } from '../../../src/inference/checkpoint/embeddings.js'
import { diffusionEngine } from '../../../src/inference/engines/diffusion/engine.js'
import {
  type DiffusionModel,
  loadDiffusionModel,
} from '../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { splitAtEmbeddings } from '../../../src/inference/engines/diffusion/prompt/prompt-embeddings.js'
import { defaultClipTokenizer } from '../../../src/inference/engines/diffusion/prompt/tokenizer.js'
import { filledMask, filledPixels, PAINT } from '../../../src/inference/image/pixels.js'
import {
  encodeSafetensors,
  singleFileTensors,
  type Tensor,
  writeDiffusersFolder,
  writeLora,
  writeSingleFile,
} from '../../support/checkpoints.js'
import { problemIn } from '../../support/problems.js'

const TOKEN_TABLE = 'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight'
const CAT = 2368
const SEA = 2102

describe('an embedding', () => {
  let folder: string
  let catAndSea: Tensor
  const size = { width: 64, height: 64 }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-embeddings-'))
    await mkdir(join(folder, 'embeddings'))
    await writeSingleFile('sd1', join(folder, 'sd1.safetensors'))
    const { values, shape } = (await singleFileTensors('sd1')).get(TOKEN_TABLE)!
    const width = shape[1]!
    const row = (id: number) => [...values.subarray(id * width, (id + 1) * width)]
    catAndSea = { shape: [2, width], values: Float32Array.from([...row(CAT), ...row(SEA)]) }
    await write('Cat-Sea', new Map([['emb_params', catAndSea]]))
    await write('wide', new Map([['emb_params', { shape: [1, 768], values: new Float32Array(768) }]]))
    await write(
      'for-xl',
      new Map([
        ['clip_l', { shape: [1, 64], values: new Float32Array(64).fill(0.1) }],
        ['clip_g', { shape: [1, 128], values: new Float32Array(128).fill(0.1) }],
      ]),
    )
    await writeFile(join(folder, 'embeddings', 'old.pt'), 'PK\x03\x04')
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true }))

  const encode = async (model: DiffusionModel, prompts: readonly string[]) =>
    (await model.encodePrompts({ positive: prompts, negative: undefined }, size)).positive
  const write = (name: string, tensors: ReadonlyMap<string, Tensor>) =>
    writeFile(join(folder, 'embeddings', `${name}.safetensors`), encodeSafetensors(tensors, 'F32'))

  test('is the same as the words whose vectors it has, with their weights', async () => {
    const lines: string[] = []
    const model = await loadDiffusionModel(join(folder, 'sd1.safetensors'), 'cpu', { log: line => lines.push(line) })
    const prompts = ['a (cat sea:1.2), dusk', 'a (cat-SEA:1.2), dusk']
    const [words, embedding] = await encode(model, prompts)
    expect(embedding!.promptEmbeds.data).toEqual(words!.promptEmbeds.data)
    await model.close()
    expect(lines).toEqual([
      'embedding for-xl is for another kind of model',
      'embedding wide is for another kind of model',
    ])
  }, 60_000)

  test('of SDXL has vectors for both text encoders', async () => {
    await writeDiffusersFolder('sdxl', join(folder, 'sdxl'))
    const model = await loadDiffusionModel(join(folder, 'sdxl'), 'cpu')
    const [none, used] = await encode(model, ['a dog', 'a for-xl'])
    expect(used!.promptEmbeds.data).not.toEqual(none!.promptEmbeds.data)
    expect(used!.promptEmbeds.data.every(Number.isFinite)).toBe(true)
    await model.close()
  }, 60_000)

  test('may be bundled in a LoRA', async () => {
    await writeLora(join(folder, 'lora', 'tiny.safetensors'))
    const layer = 'lora_unet_mid_block_attentions_0_proj_in'
    const tensors = new Map<string, Tensor>([
      [`${layer}.diff`, { shape: [64, 64, 1, 1], values: new Float32Array(64 * 64) }],
      ['bundle_emb.harbor.string_to_param.*', catAndSea],
    ])
    await writeFile(join(folder, 'lora', 'bundle.safetensors'), encodeSafetensors(tensors, 'F32'))
    const loras = [{ name: 'bundle', weight: 1 }]
    const model = await loadDiffusionModel(join(folder, 'sd1.safetensors'), 'cpu', { loras })
    const [words, embedding] = await encode(model, ['a cat sea', 'a harbor'])
    expect(embedding!.promptEmbeds.data).toEqual(words!.promptEmbeds.data)
    await model.close()
  }, 60_000)

  test('that is a pickle is refused if a prompt names it', async () => {
    expect(listEmbeddings(folder)).toEqual({ names: ['Cat-Sea', 'for-xl', 'wide'], pickles: ['old.pt'] })
    const engine = diffusionEngine('sd1', join(folder, 'sd1.safetensors'), 'cpu')
    const canvas = {
      pixels: filledPixels(size),
      mask: filledMask(size, PAINT),
      old: { x: 0, y: 0, width: 0, height: 0 },
    }
    const task = { seeds: [1], signal: new AbortController().signal, onProgress: () => {} }
    const problem = { code: 'embedding-is-pickle', file: 'old.pt' }
    expect(await problemIn(engine.paint(canvas, { ...task, prompt: 'a cat, OLD' }))).toEqual(problem)
    const options = { negative: '(old:1.2)' }
    expect(await problemIn(engine.paint(canvas, { ...task, prompt: 'a cat', options }))).toEqual(problem)
    await engine.close()
  })

  test('is not split between chunks', async () => {
    const words = [{ name: 'many', count: 10, firstId: 50_000 }]
    const tokenizer = await defaultClipTokenizer('end', words)
    const chunks = tokenizer.chunks(`${'cat '.repeat(70)}many`)
    expect(chunks.map(({ ids }) => ids.filter(id => id >= 50_000))).toEqual([
      [],
      Array.from({ length: 10 }, (_, at) => 50_000 + at),
    ])
  })

  test('that doesn’t fit the model is left out', async () => {
    const found = await readEmbeddings(folder, [64])
    expect(found.map(({ name, count }) => [name, count])).toEqual([['Cat-Sea', 2]])
  })
})

test('names of embeddings are whole words, and the longest counts', () => {
  const words = ['bad', 'bad-hands', 'a+b'].map((name, at) => ({ name, count: 1, firstId: at }))
  const names = (text: string) =>
    splitAtEmbeddings(text, words).map(piece => (typeof piece === 'string' ? piece : [piece.name]))
  expect(names('bad-hands, BAD, badly, abad')).toEqual([['bad-hands'], ', ', ['bad'], ', badly, abad'])
  expect(names('x a+b')).toEqual(['x ', ['a+b']])
})
