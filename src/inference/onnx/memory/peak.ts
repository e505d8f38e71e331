import { ONNX_DATA_TYPES, type TensorDataType } from '../graph-builder.js'
import type { ReadGraph, ReadNode } from './read-graph.js'
import { count, type ValueShape } from './shapes.js'

const { F32, U8, I8, I16, I32, I64, F16, F64, BF16, F8_E4M3, F8_E5M2 } = ONNX_DATA_TYPES

const TYPE_BYTES = new Map<number, number>(
  (
    [
      [1, [U8, I8, F8_E4M3, F8_E5M2]],
      [2, [I16, F16, BF16]],
      [4, [F32, I32]],
      [8, [I64, F64]],
    ] as const satisfies readonly (readonly [number, readonly (typeof ONNX_DATA_TYPES)[TensorDataType][]])[]
  ).flatMap(([bytes, types]) => types.map(type => [type, bytes] as const)),
)

/** The size of a value. @throws RangeError for types that Overscan's graphs don't have */
export function byteLength({ type, dims }: ValueShape): number {
  const bytes = TYPE_BYTES.get(type)
  if (bytes === undefined) throw new RangeError(`the size of type ${type} is not known`)
  return bytes * count(dims)
}

/** The result is the first input's memory with another shape. */
const ALIASING: ReadonlySet<string> = new Set(['Reshape', 'Identity', 'Squeeze', 'Unsqueeze', 'Flatten'])

/** The memory of a node's own computation, without its inputs and outputs, in bytes. */
export type Workspace = (node: ReadNode, shapeOf: (name: string) => ValueShape | undefined) => number

/**
 * The largest sum of all values that are alive at the same time. A value lives from the node that makes it until the last
 * node that reads it; outputs live until the end.
 *
 * @param order the indices of the nodes in the order of their execution
 * @param constants names of values that exist before the graph runs: initializers, and what is computed from them
 * @param hasInputs whether the inputs are values of the graph's own memory
 */
export function peakBytes(
  graph: ReadGraph,
  order: readonly number[],
  shapes: ReadonlyMap<string, ValueShape>,
  constants: ReadonlySet<string>,
  hasInputs: boolean,
  workspace: Workspace,
): number {
  const nodes = order.map(index => graph.nodes[index]!)
  const owners = bufferOwners(nodes)
  const owner = (name: string) => owners.get(name) ?? name
  const lastReaders = new Map<string, number>()
  for (const [at, { inputs }] of nodes.entries()) for (const name of inputs) lastReaders.set(owner(name), at)
  for (const name of graph.outputs) lastReaders.set(owner(name), nodes.length)

  const live = new Map<string, number>()
  let sum = 0
  const allocate = (name: string) => {
    if (name === '' || owner(name) !== name || constants.has(name)) return
    const bytes = byteLength(shapes.get(name)!)
    live.set(name, bytes)
    sum += bytes
  }
  const release = (name: string) => {
    sum -= live.get(name) ?? 0
    live.delete(name)
  }
  if (hasInputs) for (const name of graph.inputs.keys()) allocate(name)
  let peak = sum
  for (const [at, node] of nodes.entries()) {
    if (node.outputs.every(name => constants.has(name))) continue
    for (const name of node.outputs) allocate(name)
    peak = Math.max(peak, sum + workspace(node, name => shapes.get(name)))
    for (const name of [...node.inputs, ...node.outputs].map(owner))
      if ((lastReaders.get(name) ?? at) <= at) release(name)
  }
  return peak
}

/** For each value that is another one's memory: which value's. */
function bufferOwners(nodes: readonly ReadNode[]): Map<string, string> {
  const owners = new Map<string, string>()
  for (const { operator, inputs, outputs } of nodes) {
    if (ALIASING.has(operator)) owners.set(outputs[0]!, owners.get(inputs[0]!) ?? inputs[0]!)
  }
  return owners
}
