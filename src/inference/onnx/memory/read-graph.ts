import { fromBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../generated/onnx_pb.js'
import { ONNX_DATA_TYPES } from '../graph-builder.js'

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
  readonly inputs: ReadonlyMap<string, GraphInput>
  readonly outputs: readonly string[]
}

/** The longest list of integers that can be a shape, or the indices, starts and ends of one. */
const MAX_SHAPE_VALUES = 16

/** Read one of Overscan's own graphs. @throws RangeError or Error if the bytes are not an ONNX model */
export function readGraph(model: Uint8Array): ReadGraph {
  const { node = [], initializer = [], input = [], output = [] } = fromBinary(ModelProtoSchema, model).graph ?? {}
  return {
    nodes: node.map(readNode),
    initializers: new Map(initializer.map(tensor => [tensor.name, readInitializer(tensor)])),
    inputs: new Map(input.map(one => [one.name, readValueType(one)])),
    outputs: output.map(({ name }) => name),
  }
}

function readNode({ opType, input, output, attribute }: NodeProto): ReadNode {
  return { operator: opType, inputs: input, outputs: output, attributes: new Map(attribute.flatMap(readAttribute)) }
}

function readAttribute({ name, type, f, i, s, ints }: AttributeProto): [string, AttributeValue][] {
  switch (type) {
    case AttributeType.FLOAT:
      return [[name, f]]
    case AttributeType.INT:
      return [[name, Number(i)]]
    case AttributeType.STRING:
      return [[name, new TextDecoder().decode(s)]]
    case AttributeType.INTS:
      return [[name, ints.map(Number)]]
    default:
      return []
  }
}

function readInitializer(tensor: TensorProto): Initializer {
  const dims = tensor.dims.map(Number)
  const length = dims.reduce((product, side) => product * side, 1)
  const isShape = tensor.dataType === ONNX_DATA_TYPES.I64 && length <= MAX_SHAPE_VALUES
  return { type: tensor.dataType, dims, integers: isShape ? readIntegers(tensor, length) : undefined }
}

function readIntegers({ rawData, int64Data }: TensorProto, length: number): number[] {
  if (int64Data.length > 0) return int64Data.map(Number)
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
  return Array.from({ length }, (_, at) => Number(view.getBigInt64(8 * at, true)))
}

/** Type and shape of an input or output; of values that are no tensors, type 0 without a shape. */
export function readValueType({ type }: ValueInfoProto): GraphInput {
  if (type?.value.case !== 'tensorType') return { type: DataType.UNDEFINED, dims: [] }
  const { elemType, shape } = type.value.value
  const dims = (shape?.dim ?? []).map(({ value }) => (value.case === 'dimParam' ? value.value : Number(value.value)))
  return { type: elemType, dims }
}
