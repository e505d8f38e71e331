import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { bytesField, concatBytes } from './protobuf.js'

/** A node of a graph that is read; inputs that are left out are empty. */
export type GraphNode = {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Its attributes and whatever else, as they were written. */
  readonly otherFields: Uint8Array
}

/** What is read of a graph: how its values come about, not what its weights are. */
export type ParsedGraph = {
  readonly nodes: readonly GraphNode[]
  /** What it is given. */
  readonly inputs: ReadonlySet<string>
  /** What it gives, each with its type as it was written. */
  readonly outputs: ReadonlyMap<string, Uint8Array>
}

/** Fields of onnx.proto (ONNX 1.17). */
const MODEL = { graph: 7 } as const
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const
const NODE = { input: 1, output: 2, name: 3, operator: 4 } as const
const TENSOR = { name: 8 } as const
const INFO = { name: 1, type: 2 } as const

/** Read what the nodes of an ONNX model are. @throws RangeError and Error where it is none */
export function parseGraph(model: Uint8Array): ParsedGraph {
  const nodes: GraphNode[] = []
  const stored = new Set<string>()
  const inputs = new Set<string>()
  const outputs = new Map<string, Uint8Array>()
  for (const graph of fieldsOf(model).filter(({ field }) => field === MODEL.graph)) {
    for (const { field, content } of fieldsOf(graph.content)) {
      if (field === GRAPH.node) nodes.push(nodeOf(content))
      if (field === GRAPH.input) inputs.add(textIn(content, INFO.name))
      if (field === GRAPH.initializer) stored.add(textIn(content, TENSOR.name))
      if (field === GRAPH.output) {
        const type = fieldsOf(content).find(one => one.field === INFO.type)
        outputs.set(textIn(content, INFO.name), type?.content ?? new Uint8Array())
      }
    }
  }
  // Old models name their weights there too.
  for (const name of stored) inputs.delete(name)
  return { nodes, inputs, outputs }
}

/**
 * A model with more nodes and outputs. They are appended: of a protobuf message whose field comes twice, both count together
 * (protobuf.dev, "Encoding", last one wins).
 *
 * @param more nodes after those that are there
 * @param outputs names and types of what they give
 */
export function appendToGraph(
  model: Uint8Array,
  more: readonly GraphNode[],
  outputs: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const graph = [
    ...more.map(node =>
      bytesField(
        GRAPH.node,
        concatBytes([
          ...node.inputs.map(name => bytesField(NODE.input, name)),
          ...node.outputs.map(name => bytesField(NODE.output, name)),
          bytesField(NODE.operator, node.operator),
          node.otherFields,
        ]),
      ),
    ),
    ...[...outputs].map(([name, type]) =>
      bytesField(GRAPH.output, concatBytes([bytesField(INFO.name, name), bytesField(INFO.type, type)])),
    ),
  ]
  return concatBytes([model, bytesField(MODEL.graph, concatBytes(graph))])
}

function nodeOf(message: Uint8Array): GraphNode {
  const fields = fieldsOf(message)
  const texts = (field: number) => fields.filter(one => one.field === field).map(one => decoder.decode(one.content))
  const named: readonly number[] = Object.values(NODE)
  return {
    operator: texts(NODE.operator)[0] ?? '',
    inputs: texts(NODE.input),
    outputs: texts(NODE.output),
    otherFields: concatBytes(fields.filter(({ field }) => !named.includes(field)).map(({ whole }) => whole)),
  }
}

function textIn(message: Uint8Array, field: number): string {
  const found = fieldsOf(message).find(one => one.field === field)
  return found ? decoder.decode(found.content) : ''
}

const decoder = new TextDecoder()

/** The fields of a message: what is in them, if that has a length, and all of them with their tags. Nothing is copied. */
function fieldsOf(message: Uint8Array): { field: number; content: Uint8Array; whole: Uint8Array }[] {
  const reader = new BinaryReader(message)
  const fields = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [field, type] = reader.tag()
    const hasLength = type === WireType.LengthDelimited
    const content = hasLength ? reader.bytes() : new Uint8Array()
    if (!hasLength) reader.skip(type)
    fields.push({ field, content, whole: message.subarray(start, reader.pos) })
  }
  return fields
}
