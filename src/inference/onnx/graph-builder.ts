import { dirname, relative } from 'node:path'
import { bytes, float, joined, packed, varint } from './protobuf.js'

/** Types of numbers, by their numbers in onnx.proto (TensorProto.DataType). */
export const TYPES = { F32: 1, U8: 2, I32: 6, I64: 7, F16: 10, F64: 11, BF16: 16 } as const
export type Type = keyof typeof TYPES

/** Numbers that lie in a file, in row-major order, little-endian. */
export type Stored = {
  readonly file: string
  readonly type: Type
  readonly shape: readonly number[]
  /** In bytes from the file's beginning. */
  readonly offset: number
  readonly length: number
}

/** Something that a node computes, or is given. */
export type Value = { readonly name: string }

type Attribute = number | readonly number[] | { readonly float: number } | string

/** An axis is a length, or a name where it may have any. */
type Axis = number | string

/** Operators that are onnxruntime's own. */
const OWN = 'com.microsoft'

const OPSET = 20
const IR = 9

/**
 * Writes an ONNX graph (onnx.proto of ONNX 1.17) whose weights stay where they are: initializers name a file, an offset and a
 * length.
 *
 * @param folder under which all of these files lie
 */
export function graphBuilder(name: string, folder: string) {
  const nodes: Uint8Array[] = []
  const initializers = new Map<string, Uint8Array>()
  const inputs: Uint8Array[] = []
  const outputs: Uint8Array[] = []
  let count = 0

  const value = (label: string): Value => ({ name: label })

  function described(label: string, type: Type, axes: readonly Axis[]): Uint8Array {
    const dims = axes.map(axis => bytes(1, typeof axis === 'number' ? varint(1, axis) : bytes(2, axis)))
    const tensor = joined([varint(1, TYPES[type]), bytes(2, joined(dims))])
    return joined([bytes(1, label), bytes(2, bytes(1, tensor))])
  }

  function nodeOf(
    operator: string,
    from: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>>,
    howMany: number,
    domain: string,
  ): Value[] {
    const made = Array.from({ length: howMany }, () => value(`v${count++}`))
    nodes.push(
      joined([
        ...from.map(input => bytes(1, input?.name ?? '')),
        ...made.map(output => bytes(2, output.name)),
        bytes(4, operator),
        ...Object.entries(attributes).map(([key, content]) => bytes(5, attributeOf(key, content))),
        ...(domain ? [bytes(7, domain)] : []),
      ]),
    )
    return made
  }

  return {
    /** An input of the whole graph. */
    input(label: string, type: Type, axes: readonly Axis[]): Value {
      inputs.push(described(label, type, axes))
      return value(label)
    },

    /** What a node of one output computes. */
    node(
      operator: string,
      from: readonly (Value | undefined)[],
      attributes: Readonly<Record<string, Attribute>> = {},
    ): Value {
      return nodeOf(operator, from, attributes, 1, '')[0]!
    },

    /** The same for one of several. */
    nodes(
      operator: string,
      from: readonly (Value | undefined)[],
      attributes: Readonly<Record<string, Attribute>>,
      howMany: number,
    ): Value[] {
      return nodeOf(operator, from, attributes, howMany, '')
    },

    /** The same for an operator that is onnxruntime's own. */
    own(
      operator: string,
      from: readonly (Value | undefined)[],
      attributes: Readonly<Record<string, Attribute>>,
    ): Value {
      return nodeOf(operator, from, attributes, 1, OWN)[0]!
    },

    /** Numbers that stay in their file. @param shape another one for the same numbers */
    stored(tensor: Stored, shape: readonly number[] = tensor.shape): Value {
      const label = `${tensor.file}:${tensor.offset}:${shape.join('x')}`
      if (!initializers.has(label)) {
        // Seen from the folder, with the separators of URLs.
        const place = relative(folder, tensor.file).replaceAll('\\', '/')
        const external = { location: place, offset: String(tensor.offset), length: String(tensor.length) }
        const entries = Object.entries(external).map(([key, text]) =>
          bytes(13, joined([bytes(1, key), bytes(2, text)])),
        )
        const head = joined([packed(1, shape), varint(2, TYPES[tensor.type]), bytes(8, label)])
        initializers.set(label, joined([head, ...entries, varint(14, 1)]))
      }
      return value(label)
    },

    /** Numbers in the graph itself. */
    constant(type: 'F32' | 'I64', numbers: readonly number[] | Float32Array, shape: readonly number[]): Value {
      const data =
        type === 'F32' ? Float32Array.from(numbers) : BigInt64Array.from([...numbers].map(one => BigInt(one)))
      const raw = Buffer.from(data.buffer)
      const label = `${type}:${shape.join('x')}:${raw.length > 64 ? `c${count++}` : raw.toString('hex')}`
      if (!initializers.has(label)) {
        const head = joined([packed(1, shape), varint(2, TYPES[type]), bytes(8, label)])
        initializers.set(label, joined([head, bytes(9, raw)]))
      }
      return value(label)
    },

    /** Give a value a name by which it can be asked for. */
    output(label: string, from: Value, type: Type, axes: readonly Axis[]): void {
      nodes.push(joined([bytes(1, from.name), bytes(2, label), bytes(4, 'Identity')]))
      outputs.push(described(label, type, axes))
    },

    /** The whole model. */
    bytes(): Uint8Array {
      const graph = joined([
        ...nodes.map(node => bytes(1, node)),
        bytes(2, name),
        ...[...initializers.values()].map(tensor => bytes(5, tensor)),
        ...inputs.map(one => bytes(11, one)),
        ...outputs.map(one => bytes(12, one)),
      ])
      const opsets = [joined([bytes(1, ''), varint(2, OPSET)]), joined([bytes(1, OWN), varint(2, 1)])]
      return joined([varint(1, IR), bytes(7, graph), ...opsets.map(set => bytes(8, set))])
    },
  }
}

export type GraphBuilder = ReturnType<typeof graphBuilder>

/** The folder that all of these files lie under, for {@link graphBuilder} and onnxruntime. */
export function folderOf(files: readonly string[]): string {
  let folder = dirname(files[0]!)
  while (!files.every(file => file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`))) {
    const above = dirname(folder)
    if (above === folder) break
    folder = above
  }
  return folder
}

function attributeOf(name: string, content: Attribute): Uint8Array {
  const head = bytes(1, name)
  if (typeof content === 'number') return joined([head, varint(3, content), varint(20, 2)])
  if (typeof content === 'string') return joined([head, bytes(4, content), varint(20, 3)])
  if ('float' in content) return joined([head, float(2, content.float), varint(20, 1)])
  return joined([head, packed(8, content), varint(20, 7)])
}
