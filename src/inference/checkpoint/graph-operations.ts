import { type GraphBuilder, type GraphValue, ONNX_DATA_TYPES, type TensorDataType } from '../onnx/graph-builder.js'

export type GraphOperations = ReturnType<typeof graphOperations>

/** Writes operations without weights into a graph. Shapes are as in torch: [batch, channels, height, width], [rows, width]. */
export function graphOperations(g: GraphBuilder, type: Extract<TensorDataType, 'F16' | 'F32'>) {
  const shapeCache = new Map<string, GraphValue>()

  function cast(value: GraphValue, to: 'F32' | 'F16' | 'I64' = type): GraphValue {
    return g.node('Cast', [value], { to: ONNX_DATA_TYPES[to] })
  }
  const scalar = (value: number) =>
    type === 'F16' ? cast(g.constant('F32', [value], [])) : g.constant('F32', [value], [])
  const shape = (...sides: number[]) => g.constant('I64', sides, [sides.length])
  const add = (a: GraphValue, b: GraphValue) => g.node('Add', [a, b])
  const mul = (a: GraphValue, b: GraphValue) => g.node('Mul', [a, b])
  const reshape = (value: GraphValue, to: GraphValue) => g.node('Reshape', [value, to])
  const silu = (value: GraphValue) => mul(value, g.node('Sigmoid', [value]))

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
    cast,
    scalar,
    add,
    mul,
    reshape,
    shape,
    silu,
    batchSizeOf,
    reshapeTo,
    flattenPixels,
    unflattenPixels,
    upsample2x,
    cropToSize,
  }
}
