import { ONNX_DATA_TYPES } from '../graph-builder.js'
import type { AttributeValue, ReadGraph, ReadNode } from './read-graph.js'

/** Type and shape of a value. */
export type ValueShape = {
  /** A number of TensorProto.DataType. */
  readonly type: number
  readonly dims: readonly number[]
  /** The values of a short list of integers, where they are known without the input data. */
  readonly integers?: readonly number[] | undefined
}

/** The shapes of a graph's inputs by their names. */
export type InputShapes = Readonly<Record<string, readonly number[]>>

const { F32, I64 } = ONNX_DATA_TYPES

/**
 * The shapes of all values of a graph, by the rules of ONNX's operators (onnx.ai, "ONNX Operators"), for inputs of these
 * shapes.
 *
 * @param order the indices of the nodes, each after those that it reads
 * @throws RangeError for an input without a shape, and for operators that Overscan's own graphs don't have
 */
export function inferShapes(graph: ReadGraph, order: readonly number[], inputs: InputShapes): Map<string, ValueShape> {
  const shapes = new Map<string, ValueShape>(graph.initializers)
  for (const [name, { type }] of graph.inputs) {
    const dims = inputs[name]
    if (!dims) throw new RangeError(`the input ${name} has no shape`)
    shapes.set(name, { type, dims })
  }
  for (const index of order) {
    const node = graph.nodes[index]!
    const rule = RULES[node.operator]
    if (!rule) throw new RangeError(`the shape of ${node.operator} is not known`)
    const results = rule(nodeContext(node, shapes))
    for (const [at, name] of node.outputs.entries()) if (name !== '') shapes.set(name, results[at]!)
  }
  return shapes
}

/** What a rule reads. */
type NodeContext = {
  readonly inputs: readonly (ValueShape | undefined)[]
  readonly outputCount: number
  input(at: number): ValueShape
  /** The integers of an input, which must be known. */
  integers(at: number): readonly number[]
  number(attribute: string, otherwise: number): number
  numbers(attribute: string): readonly number[] | undefined
}

type Rule = (node: NodeContext) => ValueShape[]

function nodeContext(node: ReadNode, shapes: ReadonlyMap<string, ValueShape>): NodeContext {
  const inputs = node.inputs.map(name => shapes.get(name))
  const attribute = (name: string): AttributeValue | undefined => node.attributes.get(name)
  const fail = (what: string): never => {
    throw new RangeError(`the shape of ${node.operator} depends on ${what}`)
  }
  return {
    inputs,
    outputCount: node.outputs.length,
    input: at => inputs[at] ?? fail(`a missing input ${at}`),
    integers: at => inputs[at]?.integers ?? fail(`data: input ${at}`),
    number(name, otherwise) {
      const found = attribute(name)
      return typeof found === 'number' ? found : otherwise
    },
    numbers(name) {
      const found = attribute(name)
      return typeof found === 'object' ? found : undefined
    },
  }
}

/** The result has type and shape of the first input. */
const like: Rule = node => [{ type: node.input(0).type, dims: node.input(0).dims }]

/** Element by element, with broadcasting. @param combine computes the integers of a shape */
function elementwise(combine?: (a: number, b: number) => number): Rule {
  return node => {
    const [a, b] = [node.input(0), node.input(1)]
    const dims = broadcast(a.dims, b.dims)
    const known = combine && a.integers && b.integers && { a: a.integers, b: b.integers }
    const length = count(dims)
    const at = (values: readonly number[], index: number) => values[values.length === 1 ? 0 : index]!
    const integers = known && Array.from({ length }, (_, index) => combine(at(known.a, index), at(known.b, index)))
    return [{ type: a.type, dims, integers }]
  }
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1]
    return one === 1 ? other : one
  })
}

export function count(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * side, 1)
}

const wrap = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

const matMul: Rule = node => {
  const [a, b] = [node.input(0), node.input(1)]
  const batch = broadcast(a.dims.slice(0, -2), b.dims.slice(0, -2))
  return [{ type: a.type, dims: [...batch, a.dims.at(-2)!, b.dims.at(-1)!] }]
}

const gemm: Rule = node => {
  const [a, b] = [node.input(0), node.input(1)]
  const rows = a.dims[node.number('transA', 0) ? 1 : 0]!
  return [{ type: a.type, dims: [rows, b.dims[node.number('transB', 0) ? 0 : 1]!] }]
}

const conv: Rule = node => {
  const [x, weight] = [node.input(0), node.input(1)]
  const sides = x.dims.slice(2)
  const strides = node.numbers('strides') ?? sides.map(() => 1)
  const pads = node.numbers('pads') ?? [...sides, ...sides].map(() => 0)
  const dilations = node.numbers('dilations') ?? sides.map(() => 1)
  const out = sides.map((side, axis) => {
    const kernel = (weight.dims[axis + 2]! - 1) * dilations[axis]! + 1
    return Math.floor((side + pads[axis]! + pads[axis + sides.length]! - kernel) / strides[axis]!) + 1
  })
  return [{ type: x.type, dims: [x.dims[0]!, weight.dims[0]!, ...out] }]
}

const reshape: Rule = node => {
  const [x, target] = [node.input(0), node.integers(1)]
  const dims = target.map((side, axis) => (side === 0 && node.number('allowzero', 0) === 0 ? x.dims[axis]! : side))
  const known = dims.reduce((product, side) => (side === -1 ? product : product * side), 1)
  return [{ type: x.type, dims: dims.map(side => (side === -1 ? count(x.dims) / known : side)), integers: x.integers }]
}

const shape: Rule = node => {
  const { dims } = node.input(0)
  const end = node.number('end', dims.length)
  const integers = dims.slice(wrap(node.number('start', 0), dims.length), wrap(end, dims.length))
  return [{ type: I64, dims: [integers.length], integers }]
}

const concat: Rule = node => {
  const parts = node.inputs.map((_, at) => node.input(at))
  const [first] = parts
  const axis = wrap(node.number('axis', 0), first!.dims.length)
  const length = parts.reduce((sum, { dims }) => sum + dims[axis]!, 0)
  const integers = parts.every(one => one.integers) ? parts.flatMap(one => one.integers!) : undefined
  return [{ type: first!.type, dims: first!.dims.with(axis, length), integers }]
}

const gather: Rule = node => {
  const [x, indices] = [node.input(0), node.input(1)]
  const axis = wrap(node.number('axis', 0), x.dims.length)
  const known = x.integers && indices.integers
  const integers = known && indices.integers.map(at => x.integers!.at(at)!)
  return [{ type: x.type, dims: [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)], integers }]
}

const slice: Rule = node => {
  const x = node.input(0)
  const [starts, ends] = [node.integers(1), node.integers(2)]
  const axes = node.inputs[3] ? node.integers(3) : starts.map((_, at) => at)
  let { dims } = x
  for (const [at, axis] of axes.entries()) {
    const side = dims[wrap(axis, dims.length)]!
    const clamp = (value: number) => Math.min(side, Math.max(0, value < 0 ? value + side : value))
    dims = dims.with(wrap(axis, dims.length), Math.max(0, clamp(ends[at]!) - clamp(starts[at]!)))
  }
  return [{ type: x.type, dims }]
}

const split: Rule = node => {
  const x = node.input(0)
  const axis = wrap(node.number('axis', 0), x.dims.length)
  const length = Math.ceil(x.dims[axis]! / node.outputCount)
  return Array.from({ length: node.outputCount }, () => ({ type: x.type, dims: x.dims.with(axis, length) }))
}

/** The one of Overscan's graphs, whose scales are 1, 1, 2, 2. */
const UPSAMPLING = 2
const resize: Rule = node => {
  const { type, dims } = node.input(0)
  return [{ type, dims: dims.map((side, axis) => (axis < 2 ? side : side * UPSAMPLING)) }]
}

const reduce: Rule = node => {
  const x = node.input(0)
  const axes = node.inputs[1] ? node.integers(1) : (node.numbers('axes') ?? [node.number('axis', 0)])
  const reduced = new Set(axes.map(axis => wrap(axis, x.dims.length)))
  const keeps = node.number('keepdims', 1) === 1
  const dims = x.dims.flatMap((side, axis) => (reduced.has(axis) ? (keeps ? [1] : []) : [side]))
  return [{ type: x.type, dims }]
}

const depthToSpace: Rule = node => {
  const { type, dims } = node.input(0)
  const block = node.number('blocksize', 1)
  return [{ type, dims: [dims[0]!, dims[1]! / block ** 2, dims[2]! * block, dims[3]! * block] }]
}

const RULES: Readonly<Record<string, Rule>> = {
  Add: elementwise((a, b) => a + b),
  ArgMax: node => reduce(node).map(one => ({ ...one, type: I64 })),
  Cast: node => [{ ...node.input(0), type: node.number('to', F32) }],
  Concat: concat,
  ConstantOfShape: node => [{ type: F32, dims: node.integers(0) }],
  Conv: conv,
  Cos: like,
  DepthToSpace: depthToSpace,
  Div: elementwise((a, b) => Math.floor(a / b)),
  Expand: node => [{ type: node.input(0).type, dims: broadcast(node.input(0).dims, node.integers(1)) }],
  EyeLike: like,
  Gather: gather,
  Gelu: like,
  Gemm: gemm,
  Identity: node => [node.input(0)],
  InstanceNormalization: like,
  LayerNormalization: like,
  LeakyRelu: like,
  MatMul: matMul,
  Max: elementwise(Math.max),
  Mod: elementwise((a, b) => a % b),
  Mul: elementwise((a, b) => a * b),
  MultiHeadAttention: like,
  PRelu: like,
  QuickGelu: like,
  ReduceMean: reduce,
  Reshape: reshape,
  Resize: resize,
  Shape: shape,
  Sigmoid: like,
  Sin: like,
  Slice: slice,
  Softmax: like,
  Split: split,
  Sub: elementwise((a, b) => a - b),
  Transpose: node => {
    const { type, dims } = node.input(0)
    const permutation = node.numbers('perm') ?? dims.map((_, axis) => dims.length - 1 - axis)
    return [{ type, dims: permutation.map(axis => dims[axis]!) }]
  },
}
