import { dirname, relative } from 'node:path'
import { bytesField, concatBytes, floatField, packedField, varintField } from './protobuf.js'

/** TensorProto.DataType of onnx.proto, by safetensors' names of types. */
export const ONNX_DATA_TYPES = {
  F32: 1,
  U8: 2,
  I8: 3,
  I16: 5,
  I32: 6,
  I64: 7,
  F16: 10,
  F64: 11,
  BF16: 16,
  F8_E4M3: 17,
  F8_E5M2: 19,
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

const OPSET_VERSION = 20
const IR_VERSION = 9

/**
 * Writes an ONNX graph (onnx.proto of ONNX 1.17) with external data: initializers point to a file, an offset and a
 * length.
 *
 * @param folder contains all of these files, at any depth
 */
export function graphBuilder(name: string, folder: string) {
  const nodes: Uint8Array[] = []
  const firstNodes: Uint8Array[] = []
  const initializers = new Map<string, Uint8Array>()
  const inputs: Uint8Array[] = []
  const outputs: Uint8Array[] = []
  let count = 0

  const value = (label: string): GraphValue => ({ name: label })

  function encodeValueInfo(valueName: string, type: TensorDataType, axes: readonly Axis[]): Uint8Array {
    const dims = axes.map(axis => bytesField(1, typeof axis === 'number' ? varintField(1, axis) : bytesField(2, axis)))
    const tensor = concatBytes([varintField(1, ONNX_DATA_TYPES[type]), bytesField(2, concatBytes(dims))])
    return concatBytes([bytesField(1, valueName), bytesField(2, bytesField(1, tensor))])
  }

  function addNode(
    operator: string,
    from: readonly (GraphValue | undefined)[],
    attributes: Readonly<Record<string, Attribute>>,
    outputCount: number,
    domain: string,
    list = nodes,
  ): GraphValue[] {
    const newOutputs = Array.from({ length: outputCount }, () => value(`v${count++}`))
    list.push(
      concatBytes([
        ...from.map(input => bytesField(1, input?.name ?? '')),
        ...newOutputs.map(output => bytesField(2, output.name)),
        bytesField(4, operator),
        ...Object.entries(attributes).map(([key, content]) => bytesField(5, encodeAttribute(key, content))),
        ...(domain ? [bytesField(7, domain)] : []),
      ]),
    )
    return newOutputs
  }

  return {
    /** Add an input of the graph. */
    input(valueName: string, type: TensorDataType, axes: readonly Axis[]): GraphValue {
      inputs.push(encodeValueInfo(valueName, type, axes))
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
        const entries = Object.entries(external).map(([key, text]) =>
          bytesField(13, concatBytes([bytesField(1, key), bytesField(2, text)])),
        )
        const head = concatBytes([
          packedField(1, shape),
          varintField(2, ONNX_DATA_TYPES[tensor.type]),
          bytesField(8, tensorName),
        ])
        initializers.set(tensorName, concatBytes([head, ...entries, varintField(14, 1)]))
      }
      return value(tensorName)
    },

    /** Add a constant, stored in the graph itself. */
    constant(type: 'F32' | 'I64', numbers: readonly number[] | Float32Array, shape: readonly number[]): GraphValue {
      const data =
        type === 'F32' ? Float32Array.from(numbers) : BigInt64Array.from([...numbers].map(one => BigInt(one)))
      const raw = Buffer.from(data.buffer)
      const tensorName = `${type}:${shape.join('x')}:${raw.length > 64 ? `c${count++}` : raw.toString('hex')}`
      if (!initializers.has(tensorName)) {
        const head = concatBytes([
          packedField(1, shape),
          varintField(2, ONNX_DATA_TYPES[type]),
          bytesField(8, tensorName),
        ])
        initializers.set(tensorName, concatBytes([head, bytesField(9, raw)]))
      }
      return value(tensorName)
    },

    /** Make a value an output of the graph, under this name. */
    output(outputName: string, from: GraphValue, type: TensorDataType, axes: readonly Axis[]): void {
      nodes.push(concatBytes([bytesField(1, from.name), bytesField(2, outputName), bytesField(4, 'Identity')]))
      outputs.push(encodeValueInfo(outputName, type, axes))
    },

    /** The encoded ONNX model. */
    bytes(): Uint8Array {
      const graph = concatBytes([
        ...[...firstNodes, ...nodes].map(node => bytesField(1, node)),
        bytesField(2, name),
        ...[...initializers.values()].map(tensor => bytesField(5, tensor)),
        ...inputs.map(one => bytesField(11, one)),
        ...outputs.map(one => bytesField(12, one)),
      ])
      const opsets = [
        concatBytes([bytesField(1, ''), varintField(2, OPSET_VERSION)]),
        concatBytes([bytesField(1, CONTRIB_DOMAIN), varintField(2, 1)]),
      ]
      return concatBytes([varintField(1, IR_VERSION), bytesField(7, graph), ...opsets.map(set => bytesField(8, set))])
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

function encodeAttribute(name: string, content: Attribute): Uint8Array {
  const head = bytesField(1, name)
  if (typeof content === 'number') return concatBytes([head, varintField(3, content), varintField(20, 2)])
  if (typeof content === 'string') return concatBytes([head, bytesField(4, content), varintField(20, 3)])
  if ('float' in content) return concatBytes([head, floatField(2, content.float), varintField(20, 1)])
  return concatBytes([head, packedField(8, content), varintField(20, 7)])
}
