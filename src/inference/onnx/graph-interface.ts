import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { fromBinary } from '@bufbuild/protobuf'
import { WireType } from '@bufbuild/protobuf/wire'
import { GraphProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from './generated/onnx_pb.js'
import { ONNX_DATA_TYPES, type TensorDataType } from './graph-builder.js'
import { type GraphInput, readValueType } from './memory/read-graph.js'
import { isRegularFile } from './model-file.js'

/** The length of a free axis is a name. */
type InterfaceInput = { readonly type: TensorDataType | undefined; readonly dims: GraphInput['dims'] }

/** The inputs and outputs of a graph. */
export type GraphInterface = {
  readonly inputs: ReadonlyMap<string, InterfaceInput>
  /** In order. */
  readonly outputs: readonly string[]
}

const GRAPH = ModelProtoSchema.field.graph.number
const { input: INPUT, output: OUTPUT } = GraphProtoSchema.field

/** The longest description of an input or output, in bytes. */
const MAX_VALUE_BYTES = 65_536

/**
 * Read the inputs and outputs of an ONNX model. Weights and nodes are skipped, so that gigabytes in the same file are not read.
 *
 * @returns undefined if the file isn't an ONNX model
 */
export function readGraphInterface(file: string): GraphInterface | undefined {
  if (!isRegularFile(file)) return undefined
  const handle = openSync(file, 'r')
  try {
    const inputs = new Map<string, InterfaceInput>()
    const outputs: string[] = []
    const size = fstatSync(handle).size
    for (const graph of fieldsBetween(handle, 0, size)) {
      if (graph.field !== GRAPH) continue
      for (const { field, start, end } of fieldsBetween(handle, graph.start, graph.end)) {
        const isValue = field === INPUT.number || field === OUTPUT.number
        if (!isValue || end - start > MAX_VALUE_BYTES) continue
        const value = fromBinary(ValueInfoProtoSchema, readBytes(handle, start, end - start))
        const { type, dims } = readValueType(value)
        if (field === OUTPUT.number) outputs.push(value.name)
        else inputs.set(value.name, { type: TYPE_NAMES.get(type), dims })
      }
    }
    return outputs.length > 0 ? { inputs, outputs } : undefined
  } catch (error) {
    if (error instanceof Error && !('syscall' in error)) return undefined
    throw error
  } finally {
    closeSync(handle)
  }
}

const TYPE_NAMES = new Map(
  Object.entries(ONNX_DATA_TYPES).map(([name, type]) => [type as number, name as TensorDataType]),
)

/** A field of a message: where its content is in the file. */
type FieldAt = { readonly field: number; readonly start: number; readonly end: number }

/** @throws RangeError if the bytes are not a message */
function* fieldsBetween(handle: number, from: number, to: number): Generator<FieldAt> {
  let at = from
  while (at < to) {
    const head = readBytes(handle, at, Math.min(20, to - at))
    const tag = readVarint(head, 0)
    const value =
      tag.value % 8 === WireType.Bit32 || tag.value % 8 === WireType.Bit64 ? undefined : readVarint(head, tag.next)
    const isBytes = tag.value % 8 === WireType.LengthDelimited
    if (!isBytes && ![WireType.Varint, WireType.Bit32, WireType.Bit64].some(type => type === tag.value % 8)) {
      throw new RangeError('not a message')
    }
    const fixed = tag.value % 8 === WireType.Bit32 ? 4 : 8
    const start = at + (value ? value.next : tag.next)
    const end = isBytes ? start + value!.value : value ? start : start + fixed
    if (end > to) throw new RangeError('not a message')
    yield { field: Math.floor(tag.value / 8), start, end }
    at = end
  }
}

function readBytes(handle: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const read = readSync(handle, bytes, 0, length, position)
  return bytes.subarray(0, read)
}

/** A number of up to ten bytes, seven bits in each. */
function readVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let at = from; at < Math.min(bytes.length, from + 10); at++) {
    value += (bytes[at]! & 127) * 2 ** (7 * (at - from))
    if (bytes[at]! < 128) return { value, next: at + 1 }
  }
  throw new RangeError('not a message')
}
