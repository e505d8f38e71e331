import { create, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { appendToGraph, parseGraph, pruneGraph } from '../../../src/inference/onnx/edit-graph.js'
import { ModelProtoSchema, NodeProtoSchema } from '../../../src/inference/onnx/generated/onnx_pb.js'
import { graphBuilder, tensorType } from '../../../src/inference/onnx/graph-builder.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'

test('a graph keeps what its outputs need, and computes the same', async () => {
  const g = graphBuilder('small and large', '/')
  const [x, size] = [g.input('x', 'F32', [2]), g.input('size', 'F32', [2])]
  const small = g.node('Mul', [x, g.constant('F32', [3], [1])])
  g.output('small', small, 'F32', [2])
  g.output('large', g.node('Add', [g.node('Mul', [small, size]), g.constant('F32', [7, 8], [2])]), 'F32', [2])
  const negated = create(NodeProtoSchema, { opType: 'Neg', input: [small.name], output: ['negated'] })
  const whole = appendToGraph(g.bytes(), [negated], new Map([['negated', tensorType('F32', [2])]]))

  const graph = pruneGraph(whole, ['negated'])
  const { nodes, inputs, outputs } = parseGraph(graph)
  expect(nodes.map(({ opType }) => opType)).toEqual(['Mul', 'Neg'])
  expect([[...inputs], [...outputs.keys()]]).toEqual([['x'], ['negated']])
  expect(graph.length).toBeLessThan(whole.length)
  const session = await openOnnxSession({ name: 'pruned', folder: '/', graph }, CPU_PROVIDER)
  const { negated: result } = await session.run({ x: { data: Float32Array.of(1, 2), dims: [2] } }, ['negated'])
  expect([...result.data]).toEqual([-3, -6])
  await session.close()
})

test('what the graph inside a node reads is kept', () => {
  const node = (opType: string, input: string[], output: string) => ({ opType, input, output: [output] })
  const branch = { name: 'branch', node: [node('Neg', ['outer'], 'inner')], output: [{ name: 'inner' }] }
  const condition = { ...node('If', ['x'], 'y'), attribute: [{ name: 'then_branch', g: branch }] }
  const model = create(ModelProtoSchema, {
    graph: {
      name: 'conditional',
      node: [node('Abs', ['z'], 'outer'), node('Cos', ['z'], 'unused'), condition],
      input: [{ name: 'x' }, { name: 'z' }],
      output: [{ name: 'y' }, { name: 'unused' }],
    },
  })
  const { nodes, inputs } = parseGraph(pruneGraph(toBinary(ModelProtoSchema, model), ['y']))
  expect([nodes.map(({ opType }) => opType), [...inputs]]).toEqual([
    ['Abs', 'If'],
    ['x', 'z'],
  ])
})
