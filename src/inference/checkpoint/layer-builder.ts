import type { GraphBuilder, GraphValue } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { multiHeadAttention } from './attention.js'
import { graphOperations } from './graph-operations.js'
import { type LayerFactors, layerWeights } from './layer-weights.js'
import type { ModuleWeights } from './module-weights.js'
import type { WeightUpdates } from './weight-update.js'

export type LayerBuilder = ReturnType<typeof layerBuilder>

/** Writes layers of a network into a graph. Shapes are as in torch: [batch, channels, height, width], [rows, width]. */
export function layerBuilder(g: GraphBuilder, variant: GraphVariant, weightUpdates: WeightUpdates) {
  const operations = graphOperations(g, variant.precision === 'half' ? 'F16' : 'F32')
  const { type, cast, scalar, add, mul, shape, reshape } = operations
  const { weight, parameters, splitUpdates } = layerWeights(operations, weightUpdates)

  /**
   * A linear layer, x · Wᵀ + b. W may be stored as a 1 × 1 convolution.
   *
   * @param hasBias false for a layer that has none in Stable Diffusion; one in the file is used all the same
   * @param factors only for layers without updates
   */
  function linear(x: GraphValue, w: ModuleWeights, hasBias = true, factors?: LayerFactors): GraphValue {
    const tensor = w.get('weight')
    const flat = [tensor.shape[0]!, tensor.shape.slice(1).reduce((product, side) => product * side, 1)]
    const { narrow, whole } = splitUpdates(w.path)
    const own = parameters(w, hasBias, flat, whole, undefined, factors)
    let y = g.node('Gemm', own.bias ? [x, own.weight, own.bias] : [x, own.weight], { transB: 1 })
    for (const { down, up, scale } of narrow) {
      const [rank, from, to] = [down.shape[0]!, flat[1]!, flat[0]!]
      const lowRank = g.node('Gemm', [x, weight(down, [rank, from])], { transB: 1 })
      y = add(y, g.node('Gemm', [lowRank, weight(up, [to, rank])], { transB: 1, alpha: { float: scale } }))
    }
    return y
  }

  /** A value with zeros as further channels, at most as many as it has. */
  function addChannels(value: GraphValue, count: number): GraphValue {
    if (count === 0) return value
    const some = g.node('Slice', [value, shape(0), shape(count), shape(1)])
    return g.node('Concat', [value, mul(some, scalar(0))], { axis: 1 })
  }

  /** A convolution. @param factors only for layers without updates */
  function conv(
    x: GraphValue,
    w: ModuleWeights,
    stride = 1,
    pads: readonly number[] = [1, 1, 1, 1],
    factors?: LayerFactors,
  ): GraphValue {
    const tensor = w.get('weight')
    const kernel = tensor.shape.slice(2)
    const attributes = { strides: [stride, stride], pads, kernel_shape: kernel }
    const { narrow, whole } = splitUpdates(w.path)
    const own = parameters(w, true, tensor.shape, whole, undefined, factors)
    const further = variant.channels === 'multiples of 4' ? (4 - (tensor.shape[1]! % 4)) % 4 : 0
    const input = addChannels(x, further)
    let y = g.node('Conv', [input, addChannels(own.weight, further), own.bias], attributes)
    for (const { down, up, middle, scale } of narrow) {
      const pointwise = { strides: [1, 1], pads: [0, 0, 0, 0], kernel_shape: [1, 1] }
      const downShape = [down.shape[0]!, down.shape[1]!, ...(middle ? [1, 1] : kernel)]
      const narrowing = addChannels(weight(down, downShape), further)
      let lowRank = g.node('Conv', [input, narrowing], middle ? pointwise : attributes)
      if (middle) lowRank = g.node('Conv', [lowRank, weight(middle)], attributes)
      const loraOutput = g.node('Conv', [lowRank, weight(up, [up.shape[0]!, up.shape[1]!, 1, 1])], pointwise)
      y = add(y, mul(loraOutput, scalar(scale)))
    }
    return y
  }

  /** Group norm (Wu and He 2018). */
  function groupNorm(x: GraphValue, w: ModuleWeights, groups: number, epsilon: number): GraphValue {
    const tensor = w.get('weight')
    const channels = tensor.shape[0]!
    const groupedChannels = reshape(x, shape(0, groups, -1))
    const [ones, zeros] = [new Float32Array(groups).fill(1), new Float32Array(groups)]
    const constants = [ones, zeros].map(values => {
      const value = g.constant('F32', values, [groups])
      return type === 'F16' ? cast(value) : value
    })
    const normed = g.node('InstanceNormalization', [groupedChannels, ...constants], { epsilon: { float: epsilon } })
    const normalized = reshape(normed, g.node('Shape', [x]))
    const sides = [channels, 1, 1]
    const own = parameters(w, true, sides, weightUpdates(w.path), sides)
    return add(mul(normalized, own.weight), own.bias!)
  }

  function layerNorm(x: GraphValue, w: ModuleWeights, epsilon = 1e-5): GraphValue {
    const own = parameters(w, true, w.get('weight').shape, weightUpdates(w.path))
    return g.node('LayerNormalization', [x, own.weight, own.bias], {
      axis: -1,
      epsilon: { float: epsilon },
    })
  }

  /** As {@link multiHeadAttention}. */
  const attention = (
    q: GraphValue,
    k: GraphValue,
    v: GraphValue,
    batch: GraphValue,
    heads: number,
    width: number,
    bias?: GraphValue,
  ) => multiHeadAttention(operations, variant.attention, q, k, v, batch, heads, width, bias)

  return { ...operations, weight, linear, conv, groupNorm, layerNorm, attention }
}
