import {
  type GraphBuilder,
  type GraphValue,
  ONNX_DATA_TYPES,
  type StoredTensor,
  type TensorDataType,
} from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import type { ModuleWeights } from './module-weights.js'
import { weightUpdater } from './updated-weight.js'
import type { WeightUpdate, WeightUpdates } from './weight-update.js'

/** What a layer's weight and its bias are multiplied by. */
export type LayerFactors = { readonly weight: number; readonly bias: number }
const UNSCALED: LayerFactors = { weight: 1, bias: 1 }

/** Writes layers of a network into a graph. Shapes are as in torch: [batch, channels, height, width], [rows, width]. */
export function layerBuilder(g: GraphBuilder, variant: GraphVariant, weightUpdates: WeightUpdates) {
  const type: TensorDataType = variant.precision === 'half' ? 'F16' : 'F32'
  const shapeCache = new Map<string, GraphValue>()

  /** A weight in the precision of the computation. */
  function weight(tensor: StoredTensor, shape: readonly number[] = tensor.shape): GraphValue {
    const value = g.externalTensor(tensor, shape)
    return tensor.type === type ? value : g.firstNode('Cast', [value], { to: ONNX_DATA_TYPES[type] })
  }
  function cast(value: GraphValue, to: 'F32' | 'F16' | 'I64' = type === 'F16' ? 'F16' : 'F32'): GraphValue {
    return g.node('Cast', [value], { to: ONNX_DATA_TYPES[to] })
  }
  const scalar = (value: number) =>
    type === 'F16' ? cast(g.constant('F32', [value], [])) : g.constant('F32', [value], [])
  const shape = (...sides: number[]) => g.constant('I64', sides, [sides.length])
  const add = (a: GraphValue, b: GraphValue) => g.node('Add', [a, b])
  const mul = (a: GraphValue, b: GraphValue) => g.node('Mul', [a, b])
  const reshape = (value: GraphValue, to: GraphValue) => g.node('Reshape', [value, to])
  const silu = (value: GraphValue) => mul(value, g.node('Sigmoid', [value]))

  const toSingle = (tensor: StoredTensor, sides: readonly number[]) => {
    const value = g.externalTensor(tensor, sides)
    return tensor.type === 'F32' ? value : g.firstNode('Cast', [value], { to: ONNX_DATA_TYPES.F32 })
  }
  const updater = weightUpdater(g, toSingle)
  const fromSingle = (value: GraphValue) => (type === 'F16' ? cast(value) : value)

  /** A weight times a factor, computed in single precision. */
  function scaledWeight(tensor: StoredTensor, sides: readonly number[], factor: number): GraphValue {
    if (factor === 1) return weight(tensor, sides)
    return fromSingle(mul(toSingle(tensor, sides), g.constant('F32', [factor], [])))
  }

  /** A layer's weight and bias with their updates, except those that are computed next to the layer. */
  function parameters(
    w: ModuleWeights,
    hasBias: boolean,
    sides: readonly number[],
    updates: readonly WeightUpdate[],
    biasSides: readonly number[] = [sides[0]!],
    factors: LayerFactors = UNSCALED,
  ) {
    const tensor = w.get('weight')
    const bias = hasBias || w.has('bias') ? w.get('bias') : undefined
    if (updates.length === 0) {
      return {
        weight: scaledWeight(tensor, sides, factors.weight),
        bias: bias && scaledWeight(bias, biasSides, factors.bias),
      }
    }
    const [rows, length] = [tensor.shape[0]!, tensor.shape.reduce((product, side) => product * side, 1)]
    const size = [rows, length / rows] as const
    const updated = reshape(updater.updated(toSingle(tensor, size), updates, size), shape(...sides))
    const updatedBias = updater.updatedBias(bias && toSingle(bias, [rows]), updates, rows)
    return {
      weight: fromSingle(updated),
      bias: updatedBias && reshape(fromSingle(updatedBias), shape(...biasSides)),
    }
  }

  /**
   * The updates that are a narrow second path next to the layer, which needs no memory for a whole weight; and those that
   * change the weight. They are not mixed: a weight's norm depends on all updates before it.
   */
  function splitUpdates(path: string) {
    const updates = weightUpdates(path)
    const narrow = updates.flatMap(({ delta, magnitude, bias, scale }) =>
      delta?.kind === 'low rank' && !magnitude && !bias ? [{ ...delta, scale }] : [],
    )
    return narrow.length === updates.length ? { narrow, whole: [] } : { narrow: [], whole: updates }
  }

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

  /**
   * Multi-head attention (Vaswani et al. 2017).
   *
   * @param q of shape [batch · targets, width]; k and v of [batch · sources, width]
   * @param batch the batch size, as a value of shape [1]
   * @param bias added to the scores before the softmax; shape [1, 1, targets, sources]
   * @returns shape [batch · targets, width]
   */
  function attention(
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
    if (variant.attention === 'fused') {
      const [query, key, value] = [q, k, v].map(one => reshape(one, batched))
      const inputs = [query, key, value, undefined, undefined, ...(bias ? [bias] : [])]
      return reshape(
        g.contribNode('MultiHeadAttention', bias ? inputs : inputs.slice(0, 3), { num_heads: heads }),
        flat,
      )
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

  /** A shape whose first dimension is a value of shape [1]. */
  function reshapeTo(first: GraphValue, ...rest: number[]): GraphValue {
    const key = `${first.name}:${rest.join('x')}`
    const cached = shapeCache.get(key)
    if (cached) return cached
    const made = g.node('Concat', [first, shape(...rest)], { axis: 0 })
    shapeCache.set(key, made)
    return made
  }

  /** The first dimension of a value, as a value of shape [1]. */
  const batchSizeOf = (value: GraphValue) => g.node('Shape', [value], { start: 0, end: 1 })

  /**
   * [batch, channels, height, width] → [batch · height · width, channels], and the channels-last shape for the way
   * back.
   */
  function flattenPixels(x: GraphValue, channels: number): { rows: GraphValue; channelsLastShape: GraphValue } {
    const channelsLast = g.node('Transpose', [x], { perm: [0, 2, 3, 1] })
    return { rows: reshape(channelsLast, shape(-1, channels)), channelsLastShape: g.node('Shape', [channelsLast]) }
  }
  function unflattenPixels(rows: GraphValue, channelsLastShape: GraphValue): GraphValue {
    return g.node('Transpose', [reshape(rows, channelsLastShape)], { perm: [0, 3, 1, 2] })
  }

  /** Upsample to twice the width and height, nearest neighbour. */
  function upsample2x(x: GraphValue): GraphValue {
    return g.node('Resize', [x, undefined, g.constant('F32', [1, 1, 2, 2], [4])], {
      mode: 'nearest',
      nearest_mode: 'floor',
      coordinate_transformation_mode: 'asymmetric',
    })
  }

  /** The top left part of `x`, as high and wide as `like`. */
  function cropToSize(x: GraphValue, like: GraphValue): GraphValue {
    const size = g.node('Shape', [like], { start: 2, end: 4 })
    return g.node('Slice', [x, shape(0, 0), size, shape(2, 3)])
  }

  return {
    g,
    type,
    weight,
    cast,
    scalar,
    add,
    mul,
    reshape,
    shape,
    silu,
    linear,
    conv,
    groupNorm,
    layerNorm,
    attention,
    batchSizeOf,
    reshapeTo,
    flattenPixels,
    unflattenPixels,
    upsample2x,
    cropToSize,
  }
}

export type LayerBuilder = ReturnType<typeof layerBuilder>
