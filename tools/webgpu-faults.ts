import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type GraphValue, graphBuilder } from '../src/inference/onnx/graph-builder.js'
import { type ExecutionProvider, openOnnxSession } from '../src/inference/onnx/session.js'
import type { TensorData } from '../src/inference/onnx/tensor-data.js'
import { CPU_PROVIDER, relativeDifference } from '../src/inference/onnx/verified-session.js'

// npm run webgpu-faults -- [--only TEXT] [--write FOLDER] [--json]
//   The smallest graphs that onnxruntime's WebGPU provider is known to compute wrong, each in both layouts, compared with the CPU.
//   --only takes the cases whose names contain a text; --write puts the graphs into a folder, for a report.

type Case = {
  readonly name: string
  readonly graph: Uint8Array
  readonly inputs: Readonly<Record<string, TensorData>>
}

const wave = (dims: readonly number[], phase = 0): TensorData => {
  const count = dims.reduce((product, side) => product * side, 1)
  return { data: Float32Array.from({ length: count }, (_, at) => Math.sin((at + phase) * 12.9898)), dims }
}

/** A 3 × 3 convolution; `padTo` adds channels of zeros to the input and the weight. */
function convolution(channels: number, outputs: number, side: number, padTo = channels): Case {
  const g = graphBuilder('conv', '/')
  const x = g.input('x', 'F32', [1, channels, side, side])
  const weight = g.constant('F32', wave([outputs, channels, 3, 3], 5).data, [outputs, channels, 3, 3])
  const padded = (value: GraphValue, sides: readonly number[]) => {
    if (padTo === channels) return value
    const zeros = g.constant('F32', new Float32Array(sides.reduce((product, one) => product * one, 1)), sides)
    return g.node('Concat', [value, zeros], { axis: 1 })
  }
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] }
  const missing = padTo - channels
  const input = padded(x, [1, missing, side, side])
  g.output('y', g.node('Conv', [input, padded(weight, [outputs, missing, 3, 3])], attributes), 'F32', [
    1,
    outputs,
    side,
    side,
  ])
  const name = `Conv 3×3, ${channels} channels${padTo === channels ? '' : ` with zeros up to ${padTo}`}, to ${outputs}, ${side}×${side}`
  return { name, graph: g.bytes(), inputs: { x: wave([1, channels, side, side]) } }
}

/** com.microsoft.MultiHeadAttention without mask or past. */
function attention(tokens: number, keys: number, heads: number, headSize: number): Case {
  const g = graphBuilder('attention', '/')
  const width = heads * headSize
  const [q, k, v] = [
    g.input('q', 'F32', [1, tokens, width]),
    g.input('k', 'F32', [1, keys, width]),
    g.input('v', 'F32', [1, keys, width]),
  ]
  g.output('y', g.contribNode('MultiHeadAttention', [q, k, v], { num_heads: heads }), 'F32', [1, tokens, width])
  const inputs = { q: wave([1, tokens, width]), k: wave([1, keys, width], 3), v: wave([1, keys, width], 7) }
  return {
    name: `MultiHeadAttention, ${tokens} queries, ${keys} keys, ${heads} heads of ${headSize}`,
    graph: g.bytes(),
    inputs,
  }
}

const CASES: readonly Case[] = [
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map(channels => convolution(channels, 32, 8)),
  convolution(9, 32, 8, 12),
  convolution(9, 320, 64),
  convolution(9, 320, 64, 12),
  attention(64, 64, 2, 16),
  attention(64, 77, 2, 16),
  attention(64, 64, 8, 40),
  attention(256, 77, 8, 40),
  attention(256, 77, 8, 64),
]

const LAYOUTS: readonly (readonly [string, ExecutionProvider])[] = [
  ['default layout', { name: 'webgpu' }],
  ['NCHW', { name: 'webgpu', layout: 'NCHW' }],
]

async function run({ name, graph, inputs }: Case, provider: ExecutionProvider): Promise<TensorData> {
  const session = await openOnnxSession({ name, folder: '/', graph }, provider, true)
  return session
    .run(inputs, ['y'])
    .then(({ y }) => y)
    .finally(() => session.close())
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    write: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const found: Record<string, Record<string, number>> = {}
for (const one of CASES.filter(({ name }) => name.includes(values.only))) {
  const expected = await run(one, CPU_PROVIDER)
  const differences: Record<string, number> = {}
  for (const [layout, provider] of LAYOUTS) {
    differences[layout] = relativeDifference(expected, await run(one, provider))
  }
  found[one.name] = differences
  if (values.write !== undefined) {
    await mkdir(values.write, { recursive: true })
    await writeFile(join(values.write, `${one.name.replaceAll(/[^a-zA-Z0-9]+/g, '-')}.onnx`), one.graph)
  }
  if (!values.json) {
    const texts = Object.entries(differences).map(([layout, value]) => `${layout}: off by ${(100 * value).toFixed(4)}%`)
    process.stdout.write(`${one.name}: ${texts.join(', ')}\n`)
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`)
