import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layerBuilder } from '../../../src/inference/checkpoint/layer-builder.js'
import { type ModuleWeights, moduleWeights } from '../../../src/inference/checkpoint/module-weights.js'
import { readSafetensors } from '../../../src/inference/checkpoint/safetensors.js'
import { feedForward, sinusoidalEmbedding } from '../../../src/inference/checkpoint/unet-blocks.js'
import { commonFolder, type GraphValue, graphBuilder } from '../../../src/inference/onnx/graph-builder.js'
import { type GraphVariant, openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { encodeSafetensors, type Tensor, tensorValues } from '../../support/checkpoints.js'

/** Shapes of the layers' weights. */
const WEIGHTS = {
  'linear.weight': [5, 12],
  'linear.bias': [5],
  'bare.weight': [5, 12],
  'conv.weight': [4, 8, 3, 3],
  'conv.bias': [4],
  'norm.weight': [8],
  'norm.bias': [8],
  'wide.weight': [12],
  'wide.bias': [12],
  'net.0.proj.weight': [20, 12],
  'net.0.proj.bias': [20],
  'net.2.weight': [12, 10],
  'net.2.bias': [12],
} as const

const INPUTS = {
  x: [2, 8, 6, 5],
  rows: [7, 12],
  q: [2, 6, 12],
  k: [2, 6, 12],
  v: [2, 6, 12],
  bias: [1, 1, 6, 6],
  others: [2, 9, 12],
} as const

type Builder = ReturnType<typeof layerBuilder>
type GivenInput = (name: keyof typeof INPUTS, as?: string) => GraphValue

const attentionLayer = (
  { attention, shape, reshape }: Builder,
  q: GraphValue,
  k: GraphValue,
  v: GraphValue,
  bias?: GraphValue,
) => {
  const rows = (value: GraphValue) => reshape(value, shape(-1, 12))
  return attention(rows(q), rows(k), rows(v), shape(2), 3, 12, bias)
}

/** Each kind of layer, by its name in `tools/reference/layers.py`. */
const LAYERS: Record<string, (kit: Builder, given: GivenInput, w: ModuleWeights) => GraphValue> = {
  linear: ({ linear }, given, w) => linear(given('rows'), w.submodule('linear')),
  'linear without bias': ({ linear }, given, w) => linear(given('rows'), w.submodule('bare'), false),
  conv: ({ conv }, given, w) => conv(given('x'), w.submodule('conv')),
  'conv of stride 2': ({ conv }, given, w) => conv(given('x'), w.submodule('conv'), 2),
  'conv with a pixel more on two sides': ({ conv }, given, w) => conv(given('x'), w.submodule('conv'), 2, [0, 0, 1, 1]),
  'group norm': ({ groupNorm }, given, w) => groupNorm(given('x'), w.submodule('norm'), 4, 1e-5),
  'layer norm': ({ layerNorm }, given, w) => layerNorm(given('rows'), w.submodule('wide')),
  'attention to itself': (kit, given) => attentionLayer(kit, given('q'), given('k'), given('v')),
  'attention to others': (kit, given) => attentionLayer(kit, given('q'), given('others', 'k'), given('others', 'v')),
  'attention with a bias': (kit, given) => attentionLayer(kit, given('q'), given('k'), given('v'), given('bias')),
  SiLU: ({ silu }, given) => silu(given('x')),
  'twice the size': ({ upsample2x: doubled }, given) => doubled(given('x')),
  'gated feed forward': (kit, given, w) => feedForward(kit, given('rows'), w.submodule('net')),
  sinusoids: kit => {
    const waves = sinusoidalEmbedding(kit, kit.g.constant('F32', [0, 3.5, 999], [3]), 8)
    return kit.type === 'F16' ? kit.cast(waves) : waves
  },
}

let folder: string
let expected: Record<string, { shape: number[]; values: number[] }>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-layers-'))
  expected = JSON.parse(await readFile('test/fixtures/diffusion/layers.json', 'utf8'))
  const weights = Object.entries(WEIGHTS).map(([name, shape]): [string, Tensor] => {
    return [name, { shape, values: tensorValues(name === 'bare.weight' ? 'linear.weight' : name, shape, 10) }]
  })
  for (const precision of ['F32', 'F16', 'BF16'] as const) {
    await writeFile(join(folder, `${precision}.safetensors`), encodeSafetensors(new Map(weights), precision))
  }
})
afterAll(() => rm(folder, { recursive: true }))

test('every kind of layer of the fixture is tested', () => {
  expect(Object.keys(LAYERS).sort()).toEqual(Object.keys(expected).sort())
})

/** Stored type, graph variant, and tolerance relative to the largest value. */
const VARIANTS = [
  ['F32', { precision: 'single', attention: 'fused' }, 1e-5],
  ['F32', { precision: 'single', attention: 'primitive' }, 1e-5],
  ['F16', { precision: 'single', attention: 'fused' }, 1e-5],
  ['F16', { precision: 'half', attention: 'fused' }, 4e-3],
  ['F32', { precision: 'half', attention: 'primitive' }, 4e-3],
  ['BF16', { precision: 'single', attention: 'fused' }, 2e-2],
] as const satisfies readonly (readonly [string, GraphVariant, number])[]

const all = Object.keys(LAYERS).flatMap(name =>
  VARIANTS.map(([stored, form, tolerance]) => ({ name, stored, ...form, off: tolerance })),
)

test.each(all)('$name matches torch: $stored weights, $precision precision, $attention attention', async way => {
  const { tensors } = await readSafetensors(join(folder, `${way.stored}.safetensors`))
  const inputs: Record<string, { data: Float32Array; dims: readonly number[] }> = {}
  const writeGraph = (variant: GraphVariant) => {
    const g = graphBuilder('layer', commonFolder([...tensors.values()].map(({ file }) => file)))
    const kit = layerBuilder(g, variant, () => [])
    const given: GivenInput = (name, as = name) => {
      inputs[as] = { data: tensorValues(as, INPUTS[name], 10), dims: INPUTS[name] }
      const value = g.input(as, 'F32', INPUTS[name])
      return kit.type === 'F16' ? kit.cast(value) : value
    }
    const result = LAYERS[way.name]!(kit, given, moduleWeights(tensors, new Set()))
    g.output('result', kit.type === 'F16' ? kit.cast(result, 'F32') : result, 'F32', ['a'])
    return g.bytes()
  }
  const source = { name: 'layer', folder, writeGraph: () => writeGraph(way) }
  const session = await openOnnxSession(source, CPU_PROVIDER)
  const { result } = await session.run(inputs, ['result'])
  await session.close()
  const { shape, values } = expected[way.name]!
  expect(result.dims).toEqual(shape)
  const largestValue = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0)
  const largestDifference = values.reduce((size, value, at) => Math.max(size, Math.abs(value - result.data[at]!)), 0)
  expect(largestDifference / largestValue).toBeLessThan(way.off)
})
