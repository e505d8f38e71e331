import { create } from '@bufbuild/protobuf'
import { appendToGraph, parseGraph } from '../onnx/edit-graph.js'
import { type NodeProto, NodeProtoSchema } from '../onnx/generated/onnx_pb.js'
import { tensorType } from '../onnx/graph-builder.js'

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
  const producers = new Map<string, NodeProto>()
  for (const node of nodes) for (const name of node.output) producers.set(name, node)
  const gatheredFrom = (output: string): string | undefined => {
    for (let name = output; ; ) {
      const node = producers.get(name)
      if (node?.opType.startsWith('Gather')) return unflattened(node.input[0]!)
      if (!node || !RESHAPING.has(node.opType)) return undefined
      name = node.input[0]!
    }
  }
  /** Before its axes were merged, which hides the size of a mask. */
  const unflattened = (name: string) => {
    const node = producers.get(name)
    return node?.opType === 'Flatten' ? node.input[0] : name
  }
  const [allMasks, allScores] = [gatheredFrom(masks), gatheredFrom(scores)]
  if (allMasks === undefined || allScores === undefined) return undefined
  if (!nodes.some(({ opType }) => opType === 'ArgMax')) return undefined
  const identity = (from: string, to: string) =>
    create(NodeProtoSchema, { opType: 'Identity', input: [from], output: [to] })
  const type = tensorType('F32')
  return appendToGraph(
    graph,
    [identity(allMasks, ALL_MASKS.masks), identity(allScores, ALL_MASKS.scores)],
    new Map([
      [ALL_MASKS.masks, type],
      [ALL_MASKS.scores, type],
    ]),
  )
}
