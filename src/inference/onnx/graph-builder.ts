import { dirname, relative } from 'node:path'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.js'

/** ONNX's types of tensors, by safetensors' names. */
export const ONNX_DATA_TYPES = {
  F32: DataType.FLOAT,
  U8: DataType.UINT8,
  I8: DataType.INT8,
  I16: DataType.INT16,
  I32: DataType.INT32,
  I64: DataType.INT64,
  F16: DataType.FLOAT16,
  F64: DataType.DOUBLE,
  BF16: DataType.BFLOAT16,
  F8_E4M3: DataType.FLOAT8E4M3FN,
  F8_E5M2: DataType.FLOAT8E5M2,
} as const
export type TensorDataType = keyof typeof ONNX_DATA_TYPES

/** A tensor inside a file, in row-major order, little-endian. */
export type StoredTensor = {
  readonly file: string
  readonly type: TensorDataType
  readonly shape: readonly number[]
  /** Offset and length in bytes. */
  readonly offset: number
  readonly length: number
}

/** A value in a graph: the output of a node, an input or an initializer. */
export type GraphValue = { readonly name: string }

type Attribute = number | readonly number[] | { readonly float: number } | string

/** The length of an axis, or a name if it is free. */
type Axis = number | string

/** The domain of onnxruntime's contrib operators. */
const CONTRIB_DOMAIN = 'com.microsoft'

const OPSET_VERSION = 20n
const IR_VERSION = 9n

type NodeFields = MessageInitShape<typeof NodeProtoSchema>
type ValueFields = MessageInitShape<typeof ValueInfoProtoSchema>

/**
 * Writes an ONNX graph with external data: initializers point to a file, an offset and a
 * length.
 *
 * @param folder contains all of these files, at any depth
 */
export function graphBuilder(name: string, folder: string) {
  const nodes: NodeFields[] = []
  const firstNodes: NodeFields[] = []
  const initializers = new Map<string, MessageInitShape<typeof TensorProtoSchema>>()
  const inputs: ValueFields[] = []
  const outputs: ValueFields[] = []
  let count = 0

  const value = (label: string): GraphValue => ({ name: label })

  function addNode(
    operator: string,
    from: readonly (GraphValue | undefined)[],
    attributes: Readonly<Record<string, Attribute>>,
    outputCount: number,
    domain: string,
    list = nodes,
  ): GraphValue[] {
    const newOutputs = Array.from({ length: outputCount }, () => value(`v${count++}`))
    list.push({
      input: from.map(input => input?.name ?? ''),
      output: newOutputs.map(output => output.name),
      opType: operator,
      ...(domain !== '' && { domain }),
      attribute: Object.entries(attributes).map(([key, content]) => ({ name: key, ...attributeValue(content) })),
    })
    return newOutputs
  }

  return {
    /** Add an input of the graph. @param axes undefined for any shape */
    input(valueName: string, type: TensorDataType, axes?: readonly Axis[]): GraphValue {
      inputs.push({ name: valueName, type: tensorType(type, axes) })
      return value(valueName)
    },

    /** Add a node with one output. */
    node(
      operator: string,
      from: readonly (GraphValue | undefined)[],
      attributes: Readonly<Record<string, Attribute>> = {},
    ): GraphValue {
      return addNode(operator, from, attributes, 1, '')[0]!
    },

    /**
     * Add a node that reads only initializers, before all others. onnxruntime runs of a node's inputs that of the last node
     * first: so it runs just before its result is read, and not before all that the reader's other inputs need.
     */
    firstNode(
      operator: string,
      from: readonly GraphValue[],
      attributes: Readonly<Record<string, Attribute>>,
    ): GraphValue {
      return addNode(operator, from, attributes, 1, '', firstNodes)[0]!
    },

    /** Add a node with several outputs. */
    nodeWithOutputs(
      operator: string,
      from: readonly (GraphValue | undefined)[],
      attributes: Readonly<Record<string, Attribute>>,
      outputCount: number,
    ): GraphValue[] {
      return addNode(operator, from, attributes, outputCount, '')
    },

    /** Add a node with one of onnxruntime's contrib operators. */
    contribNode(
      operator: string,
      from: readonly (GraphValue | undefined)[],
      attributes: Readonly<Record<string, Attribute>>,
    ): GraphValue {
      return addNode(operator, from, attributes, 1, CONTRIB_DOMAIN)[0]!
    },

    /** Add an initializer with external data. @param shape reinterprets the tensor */
    externalTensor(tensor: StoredTensor, shape: readonly number[] = tensor.shape): GraphValue {
      const tensorName = `${tensor.file}:${tensor.offset}:${shape.join('x')}`
      if (!initializers.has(tensorName)) {
        // Relative to the folder, with forward slashes.
        const location = relative(folder, tensor.file).replaceAll('\\', '/')
        const external = { location, offset: String(tensor.offset), length: String(tensor.length) }
        initializers.set(tensorName, {
          name: tensorName,
          dims: shape.map(BigInt),
          dataType: ONNX_DATA_TYPES[tensor.type],
          dataLocation: DataLocation.EXTERNAL,
          externalData: Object.entries(external).map(([key, text]) => ({ key, value: text })),
        })
      }
      return value(tensorName)
    },

    /** Add a constant, stored in the graph itself. */
    constant(type: 'F32' | 'I64', numbers: readonly number[] | Float32Array, shape: readonly number[]): GraphValue {
      const data =
        type === 'F32' ? Float32Array.from(numbers) : BigInt64Array.from([...numbers].map(one => BigInt(one)))
      const rawData = Buffer.from(data.buffer)
      const content = rawData.length > 64 ? `c${count++}` : rawData.toString('hex')
      const tensorName = `${type}:${shape.join('x')}:${content}`
      initializers.set(tensorName, {
        name: tensorName,
        dims: shape.map(BigInt),
        dataType: ONNX_DATA_TYPES[type],
        rawData,
      })
      return value(tensorName)
    },

    /** Make a value an output of the graph, under this name. @param axes undefined for any shape */
    output(outputName: string, from: GraphValue, type: TensorDataType, axes?: readonly Axis[]): void {
      nodes.push({ input: [from.name], output: [outputName], opType: 'Identity' })
      outputs.push({ name: outputName, type: tensorType(type, axes) })
    },

    /** The encoded ONNX model. */
    bytes(): Uint8Array {
      const model = create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        opsetImport: [
          { domain: '', version: OPSET_VERSION },
          { domain: CONTRIB_DOMAIN, version: 1n },
        ],
        graph: {
          name,
          node: [...firstNodes, ...nodes],
          initializer: [...initializers.values()],
          input: inputs,
          output: outputs,
        },
      })
      return toBinary(ModelProtoSchema, model)
    },
  }
}

export type GraphBuilder = ReturnType<typeof graphBuilder>

/** The deepest folder that contains all of these files. */
export function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!)
  while (!files.every(file => file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`))) {
    const parent = dirname(folder)
    if (parent === folder) break
    folder = parent
  }
  return folder
}

/** The type of a tensor. @param axes undefined for any shape */
export function tensorType(type: TensorDataType, axes?: readonly Axis[]): TypeProto {
  const dim = axes?.map(axis => ({
    value:
      typeof axis === 'number'
        ? { case: 'dimValue' as const, value: BigInt(axis) }
        : { case: 'dimParam' as const, value: axis },
  }))
  const value = { elemType: ONNX_DATA_TYPES[type], ...(dim && { shape: { dim } }) }
  return create(TypeProtoSchema, { value: { case: 'tensorType', value } })
}

function attributeValue(content: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof content === 'number') return { type: AttributeType.INT, i: BigInt(content) }
  if (typeof content === 'string') return { type: AttributeType.STRING, s: Buffer.from(content) }
  if ('float' in content) return { type: AttributeType.FLOAT, f: content.float }
  return { type: AttributeType.INTS, ints: content.map(BigInt) }
}
