import { bytesField, concatBytes, readFields } from './protobuf.js'

/** A parsed node. Omitted optional inputs are empty strings. */
export type GraphNode = {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Attributes and all other fields, encoded. */
  readonly otherFields: Uint8Array
}

/** The structure of a graph, without its weights. */
export type ParsedGraph = {
  readonly nodes: readonly GraphNode[]
  /** Inputs, without initializers. */
  readonly inputs: ReadonlySet<string>
  /** Outputs with their encoded types. */
  readonly outputs: ReadonlyMap<string, Uint8Array>
}

/** Field numbers of onnx.proto (ONNX 1.17). */
const MODEL_FIELD = { graph: 7 } as const
const GRAPH_FIELD = { node: 1, initializer: 5, input: 11, output: 12 } as const
const NODE_FIELD = { input: 1, output: 2, name: 3, operator: 4 } as const
const TENSOR_FIELD = { name: 8 } as const
const VALUE_INFO_FIELD = { name: 1, type: 2 } as const

/** Parse the nodes of an ONNX model. @throws RangeError or Error if the bytes are not one */
export function parseGraph(model: Uint8Array): ParsedGraph {
  const nodes: GraphNode[] = []
  const initializers = new Set<string>()
  const inputs = new Set<string>()
  const outputs = new Map<string, Uint8Array>()
  for (const graph of readFields(model).filter(({ field }) => field === MODEL_FIELD.graph)) {
    for (const { field, content } of readFields(graph.content)) {
      if (field === GRAPH_FIELD.node) nodes.push(parseNode(content))
      if (field === GRAPH_FIELD.input) inputs.add(readString(content, VALUE_INFO_FIELD.name))
      if (field === GRAPH_FIELD.initializer) initializers.add(readString(content, TENSOR_FIELD.name))
      if (field === GRAPH_FIELD.output) {
        const type = readFields(content).find(one => one.field === VALUE_INFO_FIELD.type)
        outputs.set(readString(content, VALUE_INFO_FIELD.name), type?.content ?? new Uint8Array())
      }
    }
  }
  // Models before IR version 4 list initializers as inputs too.
  for (const name of initializers) inputs.delete(name)
  return { nodes, inputs, outputs }
}

/**
 * Append nodes and outputs to a model. They are written as a second graph field: protobuf parsers merge repeated
 * occurrences of an embedded message (protobuf.dev, "Encoding", "Last One Wins").
 *
 * @param outputs names with encoded types
 */
export function appendToGraph(
  model: Uint8Array,
  nodes: readonly GraphNode[],
  outputs: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const graph = [
    ...nodes.map(node =>
      bytesField(
        GRAPH_FIELD.node,
        concatBytes([
          ...node.inputs.map(name => bytesField(NODE_FIELD.input, name)),
          ...node.outputs.map(name => bytesField(NODE_FIELD.output, name)),
          bytesField(NODE_FIELD.operator, node.operator),
          node.otherFields,
        ]),
      ),
    ),
    ...[...outputs].map(([name, type]) =>
      bytesField(
        GRAPH_FIELD.output,
        concatBytes([bytesField(VALUE_INFO_FIELD.name, name), bytesField(VALUE_INFO_FIELD.type, type)]),
      ),
    ),
  ]
  return concatBytes([model, bytesField(MODEL_FIELD.graph, concatBytes(graph))])
}

function parseNode(message: Uint8Array): GraphNode {
  const fields = readFields(message)
  const strings = (field: number) => fields.filter(one => one.field === field).map(one => decoder.decode(one.content))
  const knownFields: readonly number[] = Object.values(NODE_FIELD)
  return {
    operator: strings(NODE_FIELD.operator)[0] ?? '',
    inputs: strings(NODE_FIELD.input),
    outputs: strings(NODE_FIELD.output),
    otherFields: concatBytes(
      fields.filter(({ field }) => !knownFields.includes(field)).map(({ encoded: whole }) => whole),
    ),
  }
}

function readString(message: Uint8Array, field: number): string {
  const found = readFields(message).find(one => one.field === field)
  return found ? decoder.decode(found.content) : ''
}

const decoder = new TextDecoder()
