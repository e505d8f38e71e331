import { ONNX_DATA_TYPES } from '../graph-builder.js'
import { type Field, readFields, readPacked } from '../protobuf.js'

/** An attribute of a node. Graphs and tensors of attributes are not read. */
export type AttributeValue = number | string | readonly number[]

export type ReadNode = {
  readonly operator: string
  /** Omitted optional inputs are empty strings. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, AttributeValue>
}

/** A tensor that is stored with the graph. */
export type Initializer = {
  /** A number of TensorProto.DataType. */
  readonly type: number
  readonly dims: readonly number[]
  /** The values of a short list of int64, which may be a shape; undefined for all others. */
  readonly integers: readonly number[] | undefined
}

export type GraphInput = { readonly type: number; readonly dims: readonly (number | string)[] }

/** What determines the memory of a graph: its operators and shapes, without the weights themselves. */
export type ReadGraph = {
  readonly nodes: readonly ReadNode[]
  readonly initializers: ReadonlyMap<string, Initializer>
  /** Without initializers. */
  readonly inputs: ReadonlyMap<string, GraphInput>
  readonly outputs: readonly string[]
}

/** Field numbers of onnx.proto (ONNX 1.17). */
const MODEL = { graph: 7 } as const
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const
const NODE = { input: 1, output: 2, operator: 4, attribute: 5 } as const
const ATTRIBUTE = { name: 1, float: 2, integer: 3, string: 4, integers: 8, type: 20 } as const
const ATTRIBUTE_TYPE = { float: 1, integer: 2, string: 3, integers: 7 } as const
const TENSOR = { dims: 1, type: 2, integers: 7, name: 8, raw: 9 } as const
const VALUE_INFO = { name: 1, type: 2 } as const
const TYPE = { tensor: 1 } as const
const TENSOR_TYPE = { type: 1, shape: 2 } as const
const SHAPE = { dimension: 1 } as const
const DIMENSION = { length: 1, name: 2 } as const

/** The numbers of the fields that say where a graph's inputs and outputs are. */
export const MODEL_FIELDS = { model: MODEL, graph: GRAPH } as const

/** The longest list of integers that can be a shape, or the indices, starts and ends of one. */
const MAX_SHAPE_VALUES = 16

const decoder = new TextDecoder()

/** Read an ONNX model. @throws RangeError or Error if the bytes are not one */
export function readGraph(model: Uint8Array): ReadGraph {
  const nodes: ReadNode[] = []
  const initializers = new Map<string, Initializer>()
  const inputs = new Map<string, GraphInput>()
  const outputs: string[] = []
  for (const graph of all(readFields(model), MODEL.graph)) {
    for (const { field, content } of readFields(graph.content)) {
      if (field === GRAPH.node) nodes.push(readNode(content))
      if (field === GRAPH.initializer) initializers.set(...readInitializer(content))
      if (field === GRAPH.input) inputs.set(...readValueInfo(content))
      if (field === GRAPH.output) outputs.push(text(readFields(content), VALUE_INFO.name))
    }
  }
  // Models before IR version 4 list initializers as inputs too.
  for (const name of initializers.keys()) inputs.delete(name)
  return { nodes, initializers, inputs, outputs }
}

function all(fields: readonly Field[], field: number): Field[] {
  return fields.filter(one => one.field === field)
}

function text(fields: readonly Field[], field: number): string {
  const found = fields.find(one => one.field === field)
  return found ? decoder.decode(found.content) : ''
}

/** A repeated int64 field, packed or not. */
function integers(fields: readonly Field[], field: number): number[] {
  return all(fields, field).flatMap(one => (one.content.length > 0 ? readPacked(one.content) : [one.value]))
}

function number(fields: readonly Field[], field: number): number {
  return fields.find(one => one.field === field)?.value ?? 0
}

function readNode(message: Uint8Array): ReadNode {
  const fields = readFields(message)
  const names = (field: number) => all(fields, field).map(({ content }) => decoder.decode(content))
  const attributes = all(fields, NODE.attribute).flatMap(({ content }) => readAttribute(content))
  return {
    operator: text(fields, NODE.operator),
    inputs: names(NODE.input),
    outputs: names(NODE.output),
    attributes: new Map(attributes),
  }
}

function readAttribute(message: Uint8Array): [string, AttributeValue][] {
  const fields = readFields(message)
  const name = text(fields, ATTRIBUTE.name)
  switch (number(fields, ATTRIBUTE.type)) {
    case ATTRIBUTE_TYPE.float:
      return [[name, number(fields, ATTRIBUTE.float)]]
    case ATTRIBUTE_TYPE.integer:
      return [[name, number(fields, ATTRIBUTE.integer)]]
    case ATTRIBUTE_TYPE.string:
      return [[name, text(fields, ATTRIBUTE.string)]]
    case ATTRIBUTE_TYPE.integers:
      return [[name, integers(fields, ATTRIBUTE.integers)]]
    default:
      return []
  }
}

function readInitializer(message: Uint8Array): [string, Initializer] {
  const fields = readFields(message)
  const dims = integers(fields, TENSOR.dims)
  const type = number(fields, TENSOR.type)
  const length = dims.reduce((product, side) => product * side, 1)
  const isShape = type === ONNX_DATA_TYPES.I64 && length <= MAX_SHAPE_VALUES
  return [text(fields, TENSOR.name), { type, dims, integers: isShape ? readShapeValues(fields, length) : undefined }]
}

function readShapeValues(fields: readonly Field[], length: number): number[] {
  const raw = fields.find(one => one.field === TENSOR.raw)?.content
  if (!raw) return integers(fields, TENSOR.integers)
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  return Array.from({ length }, (_, at) => Number(view.getBigInt64(8 * at, true)))
}

/** The name, the type and the shape of an input or output. */
export function readValueInfo(message: Uint8Array): [string, GraphInput] {
  const fields = readFields(message)
  const inside = (parent: readonly Field[], field: number) => all(parent, field).flatMap(one => readFields(one.content))
  const tensor = inside(inside(fields, VALUE_INFO.type), TYPE.tensor)
  const dims = all(inside(tensor, TENSOR_TYPE.shape), SHAPE.dimension).map(({ content }) => {
    const dimension = readFields(content)
    return text(dimension, DIMENSION.name) || number(dimension, DIMENSION.length)
  })
  return [text(fields, VALUE_INFO.name), { type: number(tensor, TENSOR_TYPE.type), dims }]
}
