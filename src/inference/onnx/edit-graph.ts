import { clearField, clone, create, type DescField, mergeFromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
  type TypeProto,
} from './generated/onnx_pb.js'

/** The structure of a graph, without its weights. */
export type ParsedGraph = {
  readonly nodes: readonly NodeProto[]
  /** Inputs, without initializers. */
  readonly inputs: ReadonlySet<string>
  /** Outputs with their types. */
  readonly outputs: ReadonlyMap<string, TypeProto | undefined>
}

/**
 * Parse the nodes of an ONNX model. Initializers are skipped, except for their names: as messages, lists of numbers would
 * take several times the memory of the file.
 *
 * @throws RangeError or Error if the bytes are not a model
 */
export function parseGraph(model: Uint8Array): ParsedGraph {
  const graph = create(GraphProtoSchema)
  const initializers = new Set<string>()
  for (const part of embeddedMessages(model, ModelProtoSchema.field.graph)) {
    for (const { number, content, encoded } of encodedFields(part)) {
      if (number === GraphProtoSchema.field.initializer.number) initializers.add(tensorName(content))
      else mergeFromBinary(GraphProtoSchema, graph, encoded)
    }
  }
  // Models before IR version 4 list initializers as inputs too.
  const inputs = graph.input.map(({ name }) => name).filter(name => !initializers.has(name))
  return {
    nodes: graph.node,
    inputs: new Set(inputs),
    outputs: new Map(graph.output.map(({ name, type }) => [name, type])),
  }
}

/**
 * Append nodes and outputs to a model. They are written as a second graph field: protobuf parsers merge repeated
 * occurrences of an embedded message (protobuf.dev, "Encoding", "Last One Wins").
 */
export function appendToGraph(
  model: Uint8Array,
  nodes: readonly NodeProto[],
  outputs: ReadonlyMap<string, TypeProto>,
): Uint8Array {
  const output = Array.from(outputs, ([name, type]) => ({ name, type }))
  const addition = create(ModelProtoSchema, { graph: { node: [...nodes], output } })
  return Buffer.concat([model, toBinary(ModelProtoSchema, addition)])
}

/** A copy of a node that reads and makes other values. Its name is left out: names of nodes are unique. */
export function copyNode(node: NodeProto, renameValue: (name: string) => string): NodeProto {
  const copy = clone(NodeProtoSchema, node)
  clearField(copy, NodeProtoSchema.field.name)
  return Object.assign(copy, { input: node.input.map(renameValue), output: node.output.map(renameValue) })
}

/** The fields of an encoded message. Nothing is copied or decoded. */
function* encodedFields(message: Uint8Array) {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [number, type] = reader.tag()
    /** Of bytes, strings and embedded messages. */
    const content = type === WireType.LengthDelimited ? reader.bytes() : reader.skip(type)
    yield { number, content, encoded: message.subarray(start, reader.pos) }
  }
}

function embeddedMessages(message: Uint8Array, field: DescField): Uint8Array[] {
  return [...encodedFields(message)].filter(({ number }) => number === field.number).map(({ content }) => content)
}

function tensorName(tensor: Uint8Array): string {
  const [name] = embeddedMessages(tensor, TensorProtoSchema.field.name)
  return new TextDecoder().decode(name)
}
