import { appendToGraph, type GraphNode, parseGraph } from '../../../onnx/edit-graph.js'

/**
 * The graph of a text encoder whose layers also come out by themselves, each through the last layer norm, which graphs of SD 1 and
 * SD 2 keep to themselves: outputs `normed_states.N` as those of `textGraph`.
 *
 * A transformer is a sum that every layer adds to twice, what it attended to and what it made of that (Vaswani et al. 2017): the
 * sums of two things that were both computed are found backwards from the result, and the nodes after the last of them, which are
 * the layer norm in whatever operators, are written once more for each layer.
 *
 * @param graph an ONNX model
 * @param output its last layer's rows, after the norm
 * @returns undefined where it is not built like that, as when its operators were fused
 */
export function exposeHiddenStates(graph: Uint8Array, output: string): Uint8Array | undefined {
  const { nodes, inputs, outputs } = parseGraph(graph)
  const maker = new Map<string, GraphNode>()
  for (const node of nodes) for (const name of node.outputs) maker.set(name, node)
  const computed = reached(nodes, inputs)
  const isSum = (name: string) => {
    const node = maker.get(name)
    return node?.operator === 'Add' && node.inputs.every(input => computed.has(input))
  }

  // Backwards to the last of these sums, which is what the norm is taken of.
  const seen = new Set<string>()
  const open = [output]
  let last: string | undefined
  while (open.length > 0 && last === undefined) {
    const name = open.shift()!
    if (seen.has(name)) continue
    seen.add(name)
    if (isSum(name)) last = name
    else open.push(...(maker.get(name)?.inputs ?? []))
  }
  if (last === undefined || last === output) return undefined

  const sums = [last]
  for (;;) {
    const before = maker.get(sums.at(-1)!)!.inputs.filter(isSum)
    if (before.length !== 1) break
    sums.push(before[0]!)
  }
  const count = Math.floor(sums.length / 2)
  const norm = between(nodes, last, output)
  const inside = new Set(norm.flatMap(node => node.outputs))
  const more: GraphNode[] = []
  const given = new Map<string, Uint8Array>()
  for (let layer = 1; layer <= count; layer++) {
    const label = `normed_states.${count + 1 - layer}`
    const renamed = (name: string) => {
      if (name === output) return label
      if (name === last) return sums[2 * (layer - 1)]!
      return inside.has(name) ? `${label}/${name}` : name
    }
    for (const node of norm) {
      more.push({ ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) })
    }
    given.set(label, outputs.get(output)!)
  }
  return count > 1 ? appendToGraph(graph, more, given) : undefined
}

/** Values that are, or are computed from, these. */
function reached(nodes: readonly GraphNode[], from: Iterable<string>): Set<string> {
  const found = new Set(from)
  for (const node of nodes) {
    if (node.inputs.some(name => found.has(name))) for (const name of node.outputs) found.add(name)
  }
  return found
}

/** The nodes that make one value of another. */
function between(nodes: readonly GraphNode[], from: string, to: string): GraphNode[] {
  const after = reached(nodes, [from])
  const before = new Set([to])
  const found: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    const isOnTheWay = node.outputs.some(name => before.has(name)) && node.inputs.some(name => after.has(name))
    if (!isOnTheWay || node.outputs.includes(from)) continue
    found.unshift(node)
    for (const name of node.inputs) before.add(name)
  }
  return found
}
