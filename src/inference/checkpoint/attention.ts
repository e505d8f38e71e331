import type { GraphValue } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import type { GraphOperations } from './graph-operations.js'

/**
 * Write multi-head attention (Vaswani et al. 2017) into a graph.
 *
 * @param q of shape [batch · targets, width]; k and v of [batch · sources, width]
 * @param batch the batch size, as a value of shape [1]
 * @param bias added to the scores before the softmax; shape [1, 1, targets, sources]
 * @returns shape [batch · targets, width]
 */
export function multiHeadAttention(
  { g, shape, reshape, reshapeTo, mul, add, scalar }: GraphOperations,
  kind: GraphVariant['attention'],
  q: GraphValue,
  k: GraphValue,
  v: GraphValue,
  batch: GraphValue,
  heads: number,
  width: number,
  bias?: GraphValue,
): GraphValue {
  const batched = reshapeTo(batch, -1, width)
  const flat = shape(-1, width)
  if (kind === 'fused') {
    const [query, key, value] = [q, k, v].map(one => reshape(one, batched))
    const inputs = [query, key, value, undefined, undefined, ...(bias ? [bias] : [])]
    return reshape(g.contribNode('MultiHeadAttention', bias ? inputs : inputs.slice(0, 3), { num_heads: heads }), flat)
  }
  const headChannels = width / heads
  const splitHeads = reshapeTo(batch, -1, heads, headChannels)
  const [query, key, value] = [q, k, v].map((one, index) => {
    return g.node('Transpose', [reshape(one, splitHeads)], { perm: index === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3] })
  }) as [GraphValue, GraphValue, GraphValue]
  // Queries are scaled, not scores: their products can be too large for half precision.
  const scores = g.node('MatMul', [mul(query, scalar(1 / Math.sqrt(headChannels))), key])
  const shares = g.node('Softmax', [bias ? add(scores, bias) : scores], { axis: -1 })
  const attended = g.node('Transpose', [g.node('MatMul', [shares, value])], { perm: [0, 2, 1, 3] })
  return reshape(attended, flat)
}
