import { executionOrder, optimizeGraph } from './execution-order.js'
import { byteLength, peakBytes } from './peak.js'
import { type ReadGraph, readGraph } from './read-graph.js'
import { type InputShapes, inferShapes, type ValueShape } from './shapes.js'
import { cpuWorkspace, gpuWorkspace } from './workspace.js'

/** What a graph needs, in bytes. */
export type GraphMemory = {
  /** Weights, as the device holds them. */
  readonly weights: number
  /** The largest sum of all intermediate values that exist at the same time, while the graph runs. */
  readonly activations: number
}

/**
 * The memory of one of Overscan's own graphs, from its operators and shapes alone. Nothing is opened or run.
 *
 * On the CPU weights stay in their file, and casts of weights to another type are intermediate values. A GPU holds
 * weights and inputs itself, and weights in the type that they are computed in.
 *
 * @param model the encoded graph
 * @param inputs the shape of each input
 * @throws RangeError for a missing shape, and for operators that Overscan's own graphs don't have
 */
export function estimateGraphMemory(model: Uint8Array, inputs: InputShapes, device: 'cpu' | 'gpu'): GraphMemory {
  const graph = optimizeGraph(readGraph(model))
  const order = executionOrder(graph)
  const shapes = inferShapes(graph, order, inputs)
  const isGpu = device === 'gpu'
  const constants = isGpu ? foldedConstants(graph, order) : new Set(graph.initializers.keys())
  const workspace = isGpu ? gpuWorkspace : cpuWorkspace
  return {
    weights: weightBytes(graph, shapes, constants),
    activations: peakBytes(graph, order, shapes, constants, isGpu, workspace),
  }
}

/** Initializers, and all values that depend on nothing else: onnxruntime computes them when it opens the graph. */
function foldedConstants(graph: ReadGraph, order: readonly number[]): Set<string> {
  const constants = new Set(graph.initializers.keys())
  for (const index of order) {
    const { inputs, outputs } = graph.nodes[index]!
    if (inputs.every(name => name === '' || constants.has(name))) for (const name of outputs) constants.add(name)
  }
  return constants
}

/** The sum of all constants that a node reads which is not constant itself. */
function weightBytes(
  graph: ReadGraph,
  shapes: ReadonlyMap<string, ValueShape>,
  constants: ReadonlySet<string>,
): number {
  const computed = graph.nodes.filter(({ outputs }) => !outputs.every(name => constants.has(name)))
  const read = new Set(computed.flatMap(({ inputs }) => inputs).filter(name => constants.has(name)))
  return [...read].reduce((sum, name) => sum + byteLength(shapes.get(name)!), 0)
}
