import { ONNX_DATA_TYPES } from '../graph-builder.js'
import type { ReadGraph, ReadNode } from './read-graph.js'

/**
 * The graph as onnxruntime runs it, as far as that changes memory or order: `QuickGeluFusion`, the shapes that its
 * transpose optimizer takes from before a transposition, and no nodes that only name an output.
 */
export function optimizeGraph(graph: ReadGraph): ReadGraph {
  const producers = producersOf(graph)
  const readerCounts = countReaders(graph)
  const initializers = new Map(graph.initializers)
  const replaced = new Map<number, ReadNode | undefined>()
  // New nodes have higher numbers than all others, which changes the order of execution.
  const added: ReadNode[] = []
  const producer = (name: string | undefined, operator: string): { index: number; node: ReadNode } | undefined => {
    const index = name === undefined ? undefined : producers.get(name)
    const node = index === undefined ? undefined : graph.nodes[index]!
    return node?.operator === operator ? { index: index!, node } : undefined
  }
  const fusible = (name: string | undefined, operator: string) =>
    readerCounts.get(name!) === 1 ? producer(name, operator) : undefined

  for (const [index, node] of graph.nodes.entries()) {
    const [output] = node.outputs
    if (node.operator === 'Mul') {
      // x · sigmoid(α · x)
      const sigmoid = node.inputs.map(name => fusible(name, 'Sigmoid')).find(Boolean)
      if (!sigmoid) continue
      const [argument] = sigmoid.node.inputs
      const scaling = node.inputs.includes(argument!) ? undefined : fusible(argument, 'Mul')
      const source = scaling ? scaling.node.inputs.find(name => node.inputs.includes(name)) : argument
      if (!node.inputs.includes(source!)) continue
      for (const one of [index, sigmoid.index, scaling?.index]) if (one !== undefined) replaced.set(one, undefined)
      added.push({ operator: 'QuickGelu', inputs: [source!], outputs: node.outputs, attributes: new Map() })
    }
    const transpose = node.operator === 'Shape' ? producer(node.inputs[0], 'Transpose') : undefined
    const permutation = transpose?.node.attributes.get('perm')
    if (transpose && typeof permutation === 'object') {
      const [before, indices] = [`${output} before`, `${output} permutation`]
      initializers.set(indices, { type: ONNX_DATA_TYPES.I64, dims: [permutation.length], integers: permutation })
      replaced.set(index, { ...node, inputs: transpose.node.inputs, outputs: [before] })
      added.push({ operator: 'Gather', inputs: [before, indices], outputs: node.outputs, attributes: new Map() })
    }
    if (node.operator === 'Identity' && graph.outputs.includes(output!)) replaced.set(index, undefined)
  }
  const nodes = graph.nodes.map((node, index) => (replaced.has(index) ? replaced.get(index) : node))
  const outputs = graph.outputs.map(name => producer(name, 'Identity')?.node.inputs[0] ?? name)
  return { ...graph, nodes: [...nodes.filter(node => node !== undefined), ...added], initializers, outputs }
}

/** How often each value is read by nodes. */
function countReaders({ nodes }: ReadGraph): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of nodes.flatMap(({ inputs }) => inputs)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** The index of the node that makes each value. */
function producersOf({ nodes }: ReadGraph): Map<string, number> {
  return new Map(nodes.flatMap(({ outputs }, index) => outputs.map(name => [name, index] as const)))
}

/**
 * The order in which onnxruntime runs the nodes by default (`GraphViewer`, `Graph::ReverseDFSFrom`): depth first from
 * the outputs, of a node's inputs that of the highest number first.
 *
 * @returns indices of nodes
 */
export function executionOrder(graph: ReadGraph): number[] {
  const producers = producersOf(graph)
  const inputNodes = graph.nodes.map(({ inputs }) => {
    const found = inputs.flatMap(name => producers.get(name) ?? [])
    return [...new Set(found)].sort((a, b) => a - b)
  })
  const isRead = new Set(inputNodes.flat())
  const stack = graph.nodes.flatMap((_, index) => (isRead.has(index) ? [] : [{ index, isLeft: false }]))
  const visited = new Set<number>()
  const order: number[] = []
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { index, isLeft } = entry
    if (isLeft) order.push(index)
    if (isLeft || visited.has(index)) continue
    visited.add(index)
    stack.push({ index, isLeft: true })
    for (const input of inputNodes[index]!) if (!visited.has(input)) stack.push({ index: input, isLeft: false })
  }
  return order
}
