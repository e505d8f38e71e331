import { clearField, clone, create, type DescField, mergeFromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  type GraphProto,
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

/**
 * A model with only these outputs, and of its nodes, inputs and initializers only those that they need. onnxruntime computes all
 * outputs of a graph, also those that nobody takes.
 *
 * @param outputs names of the model's outputs
 */
export function pruneGraph(model: Uint8Array, outputs: readonly string[]): Uint8Array {
  const needed = neededValues(parseGraph(model).nodes, outputs)
  const isWanted = ({ number, content, encoded }: EncodedField): boolean => {
    const part = () => mergeFromBinary(GraphProtoSchema, create(GraphProtoSchema), encoded)
    const { node, input, output, initializer } = GraphProtoSchema.field
    switch (number) {
      case node.number:
        return part().node[0]!.output.some(name => needed.has(name))
      case input.number:
        return needed.has(part().input[0]!.name)
      case output.number:
        return outputs.includes(part().output[0]!.name)
      case initializer.number:
        return needed.has(tensorName(content))
      default:
        return true
    }
  }
  const writer = new BinaryWriter()
  for (const field of encodedFields(model)) {
    if (field.number !== ModelProtoSchema.field.graph.number) writer.raw(field.encoded)
    else {
      const kept = [...encodedFields(field.content)].filter(isWanted).map(({ encoded }) => encoded)
      writer.tag(field.number, WireType.LengthDelimited).bytes(Buffer.concat(kept))
    }
  }
  return writer.finish()
}

/** The values that are needed to compute the outputs, and the outputs. */
function neededValues(nodes: readonly NodeProto[], outputs: readonly string[]): ReadonlySet<string> {
  const producers = new Map(nodes.flatMap(node => node.output.map(name => [name, node] as const)))
  const needed = new Set<string>()
  const open = [...outputs]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue
    needed.add(name)
    const node = producers.get(name)
    if (node) open.push(...inputsOf(node))
  }
  return needed
}

/** What a node reads. The graphs inside it (If, Loop) read values from around them, which are not among its inputs. */
function inputsOf({ input, attribute }: NodeProto): string[] {
  const inner = attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs))
  const readInside = ({ node, output }: GraphProto) => [...node.flatMap(inputsOf), ...output.map(({ name }) => name)]
  return [...input, ...inner.flatMap(readInside)].filter(name => name !== '')
}

/** A copy of a node that reads and makes other values. Its name is left out: names of nodes are unique. */
export function copyNode(node: NodeProto, renameValue: (name: string) => string): NodeProto {
  const copy = clone(NodeProtoSchema, node)
  clearField(copy, NodeProtoSchema.field.name)
  return Object.assign(copy, { input: node.input.map(renameValue), output: node.output.map(renameValue) })
}

/** @property content of bytes, strings and embedded messages @property encoded with its tag */
type EncodedField = { readonly number: number; readonly content: Uint8Array; readonly encoded: Uint8Array }

/** The fields of an encoded message. Nothing is copied or decoded. */
function* encodedFields(message: Uint8Array): Generator<EncodedField> {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [number, type] = reader.tag()
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
