import { appendToGraph, copyNode, parseGraph } from '../../../onnx/edit-graph.js'
import type { NodeProto, TypeProto } from '../../../onnx/generated/onnx_pb.js'

/**
 * Add outputs for the hidden states of every layer to a text encoder's graph, for clip skip: `normed_states.N`, each
 * after the final layer norm, as `textEncoderGraph` names them. Exported graphs of SD 1 and SD 2 only output the last
 * layer.
 *
 * Every transformer layer adds to the residual stream twice, after attention and after the MLP (Vaswani et al. 2017).
 * These sums are found backwards from the output. The nodes after the last sum are the final layer norm; they are
 * copied for each layer.
 *
 * @param graph an ONNX model
 * @param output name of the last layer's hidden states, after the norm
 * @returns undefined if no such sums are found, for example because operators are fused
 */
export function exposeHiddenStates(graph: Uint8Array, output: string): Uint8Array | undefined {
  const { nodes, inputs, outputs } = parseGraph(graph)
  const producers = new Map<string, NodeProto>()
  for (const node of nodes) for (const name of node.output) producers.set(name, node)
  const computedValues = findDependents(nodes, inputs)
  const isSum = (name: string) => {
    const node = producers.get(name)
    return node?.opType === 'Add' && node.input.every(input => computedValues.has(input))
  }

  // Breadth-first from the output back to the last residual sum, the input of the final layer norm.
  const visited = new Set<string>()
  const queue = [output]
  let lastSum: string | undefined
  while (queue.length > 0 && lastSum === undefined) {
    const name = queue.shift()!
    if (visited.has(name)) continue
    visited.add(name)
    if (isSum(name)) lastSum = name
    else queue.push(...(producers.get(name)?.input ?? []))
  }
  if (lastSum === undefined || lastSum === output) return undefined

  const sums = [lastSum]
  for (;;) {
    const previousSums = producers.get(sums.at(-1)!)!.input.filter(isSum)
    if (previousSums.length !== 1) break
    sums.push(previousSums[0]!)
  }
  const count = Math.floor(sums.length / 2)
  const layerNormNodes = nodesBetween(nodes, lastSum, output)
  const layerNormOutputs = new Set(layerNormNodes.flatMap(node => node.output))
  const addedNodes: NodeProto[] = []
  const addedOutputs = new Map<string, TypeProto>()
  for (let layer = 1; layer <= count; layer++) {
    const outputName = `normed_states.${count + 1 - layer}`
    const renameValue = (name: string) => {
      if (name === output) return outputName
      if (name === lastSum) return sums[2 * (layer - 1)]!
      return layerNormOutputs.has(name) ? `${outputName}/${name}` : name
    }
    addedNodes.push(...layerNormNodes.map(node => copyNode(node, renameValue)))
    addedOutputs.set(outputName, outputs.get(output)!)
  }
  return count > 1 ? appendToGraph(graph, addedNodes, addedOutputs) : undefined
}

/** These values and all that are computed from them. */
function findDependents(nodes: readonly NodeProto[], from: Iterable<string>): Set<string> {
  const found = new Set(from)
  for (const node of nodes) {
    if (node.input.some(name => found.has(name))) for (const name of node.output) found.add(name)
  }
  return found
}

/** The nodes on the paths from one value to another. */
function nodesBetween(nodes: readonly NodeProto[], from: string, to: string): NodeProto[] {
  const after = findDependents(nodes, [from])
  const before = new Set([to])
  const found: NodeProto[] = []
  for (const node of nodes.toReversed()) {
    const isOnTheWay = node.output.some(name => before.has(name)) && node.input.some(name => after.has(name))
    if (!isOnTheWay || node.output.includes(from)) continue
    found.unshift(node)
    for (const name of node.input) before.add(name)
  }
  return found
}
