import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layerBuilder } from '../../../src/inference/checkpoint/layer-builder.js'
import { readLoras } from '../../../src/inference/checkpoint/lora.js'
import { moduleWeights } from '../../../src/inference/checkpoint/module-weights.js'
import { readSafetensors } from '../../../src/inference/checkpoint/safetensors.js'
import { graphBuilder } from '../../../src/inference/onnx/graph-builder.js'
import { type GraphVariant, openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { encodeSafetensors, type Tensor, tensorValues } from '../../support/checkpoints.js'

type Values = { shape: number[]; values: number[] }
/** Written by tools/reference/fine_tuning.py. */
type Case = {
  kind: string
  target: 'linear' | 'conv'
  alpha: number | null
  tensors: Record<string, Values>
  expected: Values
}
const cases: Case[] = JSON.parse(
  readFileSync(new URL('../../fixtures/diffusion/fine-tuning.json', import.meta.url), 'utf8'),
)

const WEIGHTS = { 'linear.weight': [5, 12], 'linear.bias': [5], 'conv.weight': [4, 8, 3, 3], 'conv.bias': [4] } as const
const INPUTS = { linear: ['rows', [7, 12]], conv: ['x', [2, 8, 6, 5]] } as const

const toTensor = ({ shape, values }: Values): Tensor => ({ shape, values: Float32Array.from(values) })

describe('a layer with fine-tuning gives the same output as in PEFT or LyCORIS:', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-fine-tuning-'))
    await mkdir(join(folder, 'lora'))
    const weights = Object.entries(WEIGHTS).map(([name, shape]): [string, Tensor] => {
      return [name, { shape, values: tensorValues(name, shape, 10) }]
    })
    await writeFile(join(folder, 'model.safetensors'), encodeSafetensors(new Map(weights), 'F32'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** The output of a layer with a file applied to it at a strength. */
  async function outputOf({ target, tensors, alpha }: Case, strength: number, variant: GraphVariant) {
    const file = new Map(Object.entries(tensors).map(([name, one]) => [name, toTensor(one)]))
    // diffusers writes PEFT's alpha into the metadata; here it is a tensor as kohya's.
    const layers = new Set(Object.keys(tensors).map(name => name.split(`.${target}.`)[0]))
    if (alpha !== null)
      for (const layer of layers) file.set(`${layer}.${target}.alpha`, { shape: [], values: Float32Array.of(alpha) })
    await writeFile(join(folder, 'lora', 'one.safetensors'), encodeSafetensors(file, 'F32'))
    const { tensors: weights } = await readSafetensors(join(folder, 'model.safetensors'))
    const model = { name: 'model', unet: weights, textEncoders: [] }
    const { unet } = await readLoras(folder, [{ name: 'one', weight: strength }], model)
    const g = graphBuilder('layer', folder)
    const layer = layerBuilder(g, variant, unet)
    const [name, dims] = INPUTS[target]
    const given = g.input(name, 'F32', dims)
    const x = variant.precision === 'half' ? layer.cast(given) : given
    const result = layer[target](x, moduleWeights(weights, new Set()).submodule(target))
    g.output('result', variant.precision === 'half' ? layer.cast(result, 'F32') : result, 'F32', ['a'])
    const session = await openOnnxSession({ name: 'layer', folder, graph: g.bytes() }, CPU_PROVIDER)
    const { result: output } = await session.run({ [name]: { data: tensorValues(name, dims, 10), dims } }, ['result'])
    await session.close()
    return output.data
  }

  test.each(cases)('$kind, $target', async one => {
    const size = Math.max(...one.expected.values.map(Math.abs))
    for (const [precision, tolerance] of [
      ['single', 1e-5],
      ['half', 4e-3],
    ] as const) {
      const output = await outputOf(one, 1, { precision, attention: 'fused' })
      expect(output.length).toBe(one.expected.values.length)
      const differences = one.expected.values.map((value, at) => Math.abs(value - output[at]!) / size)
      expect(Math.max(...differences)).toBeLessThan(tolerance)
    }
  })

  test('a strength of 0 changes nothing, except that PEFT’s DoRA sets the norms', async () => {
    const single = { precision: 'single', attention: 'fused' } as const
    for (const one of cases.filter(({ kind }) => kind !== 'PEFT’s DoRA')) {
      const none = await outputOf(one, 0, single)
      const plain = await outputOf(
        { ...one, alpha: null, tensors: { [`lora_unet_${one.target}.diff`]: zeros(WEIGHTS[`${one.target}.weight`]) } },
        1,
        single,
      )
      for (const [at, value] of plain.entries()) expect(none[at], one.kind).toBeCloseTo(value, 5)
    }
  })

  const zeros = (shape: readonly number[]): Values => ({
    shape: [...shape],
    values: Array<number>(shape.reduce((product, side) => product * side, 1)).fill(0),
  })
})
