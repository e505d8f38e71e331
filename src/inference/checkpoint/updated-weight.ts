import type { GraphBuilder, GraphValue, StoredTensor } from '../onnx/graph-builder.js'
import { weightRotator } from './rotated-weight.js'
import type { Factor, LowRank, WeightDelta, WeightUpdate } from './weight-update.js'

/** Smallest norm that a weight is divided by. */
const MIN_NORM = 1e-12

/**
 * Writes the computation of updated weights into a graph, in single precision: their factors are small, and products of
 * them are smaller.
 *
 * @param toSingle the values of a tensor in single precision
 */
export function weightUpdater(
  g: GraphBuilder,
  toSingle: (tensor: StoredTensor, shape: readonly number[]) => GraphValue,
) {
  const shapeOf = (...sides: number[]) => g.constant('I64', sides, [sides.length])
  const reshape = (value: GraphValue, ...sides: number[]) => g.node('Reshape', [value, shapeOf(...sides)])
  const scalar = (value: number) => g.constant('F32', [value], [])
  const add = (a: GraphValue, b: GraphValue) => g.node('Add', [a, b])
  const mul = (a: GraphValue, b: GraphValue) => g.node('Mul', [a, b])
  const rotate = weightRotator(g, toSingle)
  const matMul = (a: GraphValue, b: GraphValue) => g.node('MatMul', [a, b])

  /** up · down as a matrix of shape [to, from · kernel]. */
  function lowRank({ up, down, middle, isUpTransposed }: LowRank): GraphValue {
    const [first, second] = [up.shape[0]!, up.shape[1]!]
    const [to, rank] = isUpTransposed ? [second, first] : [first, second]
    const stored = toSingle(up, [first, second])
    const upMatrix = isUpTransposed ? g.node('Transpose', [stored], { perm: [1, 0] }) : stored
    const from = down.shape[1]!
    if (!middle) {
      const width = down.shape.slice(1).reduce((product, side) => product * side, 1)
      return matMul(upMatrix, toSingle(down, [rank, width]))
    }
    // Σ up[to, n] · middle[n, m, kernel] · down[m, from]
    const kernel = middle.shape.slice(2).reduce((product, side) => product * side, 1)
    const ranks = down.shape[0]!
    const half = matMul(upMatrix, toSingle(middle, [rank, ranks * kernel]))
    const byKernel = g.node('Transpose', [reshape(half, to, ranks, kernel)], { perm: [0, 2, 1] })
    const product = matMul(byKernel, toSingle(down, [ranks, from]))
    return reshape(g.node('Transpose', [product], { perm: [0, 2, 1] }), to, from * kernel)
  }

  /** The value of a factor with its sides: rows, columns and kernel. */
  function factor(one: Factor): { value: GraphValue; to: number; from: number; kernel: number } {
    if (!('whole' in one)) {
      const kernel = (one.middle ?? one.down).shape.slice(2).reduce((product, side) => product * side, 1)
      return { value: lowRank(one), to: one.up.shape[one.isUpTransposed ? 1 : 0]!, from: one.down.shape[1]!, kernel }
    }
    const [to = 1, from = 1, ...rest] = one.whole.shape
    const kernel = rest.reduce((product, side) => product * side, 1)
    return { value: toSingle(one.whole, [to, from * kernel]), to, from, kernel }
  }

  /** A delta as a matrix of shape [to, from · kernel]. @param weight the matrix that it is added to */
  function deltaMatrix(delta: WeightDelta, weight: GraphValue, [to, width]: readonly [number, number]): GraphValue {
    switch (delta.kind) {
      case 'low rank':
        return lowRank(delta)
      case 'hadamard':
        return mul(lowRank(delta.first), lowRank(delta.second))
      case 'kronecker': {
        const [a, b] = [factor(delta.first), factor(delta.second)]
        const left = reshape(a.value, a.to, 1, a.from, 1, 1)
        const right = reshape(b.value, 1, b.to, 1, b.from, b.kernel)
        return reshape(mul(left, right), to, width)
      }
      case 'rotation':
        return rotate(weight, delta, [to, width])
      case 'whole':
        return toSingle(delta.whole, [to, width])
      case 'rescaling': {
        const by = add(toSingle(delta.by, delta.shape), scalar(-delta.offset))
        // A value for each input channel repeats for its kernel.
        const [rows, columns] = delta.shape as readonly [number, number]
        if (rows !== 1 || columns === width) return mul(weight, by)
        const kernel = width / columns
        const scaled = mul(reshape(weight, to, columns, kernel), reshape(by, 1, columns, 1))
        return reshape(scaled, to, width)
      }
    }
  }

  function withMagnitude(
    weight: GraphValue,
    updated: GraphValue,
    { magnitude, strength }: WeightUpdate,
    [to, width]: readonly [number, number],
  ): GraphValue {
    const { norms, shape } = magnitude!
    const [rows, columns] = shape as readonly [number, number]
    const isByRow = rows === to
    // By row as PEFT; by column, with the kernel, as LyCORIS.
    const blocks = reshape(updated, to, isByRow ? 1 : columns, isByRow ? width : width / columns)
    const axes = shapeOf(isByRow ? 2 : 0, isByRow ? 1 : 2)
    const norm = g.node('Max', [g.node('ReduceL2', [blocks, axes], { keepdims: 1 }), scalar(MIN_NORM)])
    const wanted = toSingle(norms, isByRow ? [to, 1, 1] : [1, columns, 1])
    const normalized = reshape(mul(blocks, g.node('Div', [wanted, norm])), to, width)
    if (isByRow) return normalized
    return add(weight, mul(g.node('Sub', [normalized, weight]), scalar(strength)))
  }

  return {
    /** A weight after all updates, as a matrix of this size. */
    updated(weight: GraphValue, updates: readonly WeightUpdate[], size: readonly [number, number]): GraphValue {
      let current = weight
      for (const update of updates) {
        if (!update.delta) continue
        const changed = add(current, mul(deltaMatrix(update.delta, current, size), scalar(update.scale)))
        current = update.magnitude ? withMagnitude(current, changed, update, size) : changed
      }
      return current
    },

    /** A bias after all updates; undefined if there is none. */
    updatedBias(
      bias: GraphValue | undefined,
      updates: readonly WeightUpdate[],
      length: number,
    ): GraphValue | undefined {
      let current = bias
      for (const { bias: added, delta, strength } of updates) {
        // PEFT's IA3 on the output multiplies all of the output.
        if (current && delta?.kind === 'rescaling' && delta.offset === 1 && delta.shape[0] === length) {
          const factor = add(toSingle(delta.by, [length]), scalar(-1))
          current = add(current, mul(mul(current, factor), scalar(strength)))
        }
        if (!added) continue
        const scaled = mul(toSingle(added, [length]), scalar(strength))
        current = current ? add(current, scaled) : scaled
      }
      return current
    },
  }
}
