import { clearField, create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { exposeHiddenStates } from '../../../../src/inference/engines/diffusion/model/expose-hidden-states.js'
import {
  ModelProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../../../src/inference/onnx/generated/onnx_pb.js'
import {
  type GraphValue,
  graphBuilder,
  ONNX_DATA_TYPES,
  tensorType,
} from '../../../../src/inference/onnx/graph-builder.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'

const FACTORS = [0.5, -0.25, 2, 0.125, -3, 0.75]

/** Three layers with two residual sums each, and a layer norm of primitive operators, as exported for opset 14. */
function textEncoderGraph() {
  const g = graphBuilder('text_encoder', '/')
  const ids = g.node('Cast', [g.input('input_ids', 'I64', [1, 4])], { to: 1 })
  let x = g.node('Add', [ids, g.node('Sin', [ids])])
  for (const factor of FACTORS) {
    // Exporters store equal weights once and pass them on by Identity nodes.
    const bias = g.node('Identity', [g.constant('F32', [0.1, 0.2, 0.3, 0.4], [4])])
    const made = g.node('Mul', [g.node('Sin', [x]), g.constant('F32', [factor], [1])])
    x = g.node('Add', [x, g.node('Add', [bias, made])])
  }
  const mean = (value: GraphValue) => g.node('ReduceMean', [value, g.constant('I64', [-1], [1])])
  const centred = g.node('Sub', [x, mean(x)])
  const variance = mean(g.node('Mul', [centred, centred]))
  const deviation = g.node('Sqrt', [g.node('Add', [variance, g.constant('F32', [1e-5], [1])])])
  g.output('last_hidden_state', g.node('Div', [centred, deviation]), 'F32', [1, 4])
  return g.bytes()
}

function expected(ids: readonly number[], layers: number): number[] {
  let x = ids.map(id => id + Math.sin(id))
  for (const factor of FACTORS.slice(0, 2 * layers)) {
    x = x.map((value, at) => value + factor * Math.sin(value) + 0.1 * (at + 1))
  }
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
  return x.map(value => (value - mean) / Math.sqrt(variance + 1e-5))
}

/** As some exporters write it: numbers in lists instead of bytes, and weights as inputs too. */
function withListedWeights(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  const graph = model.graph!
  for (const tensor of graph.initializer) {
    const { rawData, dataType } = tensor
    graph.input.push(create(ValueInfoProtoSchema, { name: tensor.name, type: tensorType(typeName(dataType)) }))
    if (dataType !== ONNX_DATA_TYPES.F32) continue
    tensor.floatData = [...new Float32Array(rawData.slice().buffer)]
    clearField(tensor, TensorProtoSchema.field.rawData)
  }
  return toBinary(ModelProtoSchema, model)
}

const typeName = (dataType: number) => (dataType === ONNX_DATA_TYPES.F32 ? 'F32' : 'I64')

test.each([
  ['a text encoder', textEncoderGraph()],
  ['a text encoder whose weights are lists, and inputs', withListedWeights(textEncoderGraph())],
])('every layer of %s becomes an output after the final layer norm', async (_, model) => {
  const graph = exposeHiddenStates(model, 'last_hidden_state')!
  const session = await openOnnxSession({ name: 'text_encoder', folder: '/', graph }, CPU_PROVIDER)
  const ids = [3, 1, 4, 15]
  const labels = [1, 2, 3].map(layer => `normed_states.${layer}`)
  expect(session.outputs).toEqual(expect.arrayContaining(['last_hidden_state', ...labels]))
  const results = await session.run({ input_ids: { data: Float32Array.from(ids), dims: [1, 4] } }, labels)
  for (const [index, label] of labels.entries()) {
    for (const [at, value] of expected(ids, index + 1).entries()) {
      expect(results[label]!.data[at]).toBeCloseTo(value, 4)
    }
  }
  await session.close()
})

test('a graph without residual sums is not changed', () => {
  const g = graphBuilder('text_encoder', '/')
  const ids = g.node('Cast', [g.input('input_ids', 'I64', [1, 4])], { to: 1 })
  g.output('last_hidden_state', g.node('Sin', [ids]), 'F32', [1, 4])
  expect(exposeHiddenStates(g.bytes(), 'last_hidden_state')).toBeUndefined()
})
