import { appendToGraph, type GraphNode, parseGraph } from '../onnx/edit-graph.js'
import { ONNX_DATA_TYPES } from '../onnx/graph-builder.js'
import { bytesField, varintField } from '../onnx/protobuf.js'

/** The names of the added outputs: […, height, width] for all masks, and the predicted IoU of each. */
export const ALL_MASKS = { masks: 'all_masks', scores: 'all_scores' } as const

/** Both inputs and outputs of these operators have the same values in the same order. */
const RESHAPING = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity'])

/**
 * Add outputs for all masks to a decoder that returns only the best one (`return_single_mask` of SAM's export): it computes all
 * of them, then gathers the one with the largest score, an ArgMax.
 *
 * @param graph an ONNX model in single precision
 * @returns undefined if it has no such end
 */
export function exposeAllMasks(graph: Uint8Array, masks: string, scores: string): Uint8Array | undefined {
  const { nodes } = parseGraph(graph)
  const producers = new Map<string, GraphNode>()
  for (const node of nodes) for (const name of node.outputs) producers.set(name, node)
  const gatheredFrom = (output: string): string | undefined => {
    for (let name = output; ; ) {
      const node = producers.get(name)
      if (node?.operator.startsWith('Gather')) return unflattened(node.inputs[0]!)
      if (!node || !RESHAPING.has(node.operator)) return undefined
      name = node.inputs[0]!
    }
  }
  /** Before its axes were merged, which hides the size of a mask. */
  const unflattened = (name: string) => {
    const node = producers.get(name)
    return node?.operator === 'Flatten' ? node.inputs[0] : name
  }
  const [allMasks, allScores] = [gatheredFrom(masks), gatheredFrom(scores)]
  if (allMasks === undefined || allScores === undefined) return undefined
  if (!nodes.some(({ operator }) => operator === 'ArgMax')) return undefined
  const identity = (from: string, to: string): GraphNode => ({
    operator: 'Identity',
    inputs: [from],
    outputs: [to],
    otherFields: new Uint8Array(),
  })
  // A tensor of floats of any shape.
  const type = bytesField(1, varintField(1, ONNX_DATA_TYPES.F32))
  return appendToGraph(
    graph,
    [identity(allMasks, ALL_MASKS.masks), identity(allScores, ALL_MASKS.scores)],
    new Map([
      [ALL_MASKS.masks, type],
      [ALL_MASKS.scores, type],
    ]),
  )
}
