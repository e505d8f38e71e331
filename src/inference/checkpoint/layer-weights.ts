import { type GraphValue, ONNX_DATA_TYPES, type StoredTensor } from '../onnx/graph-builder.js'
import type { GraphOperations } from './graph-operations.js'
import type { ModuleWeights } from './module-weights.js'
import { weightUpdater } from './updated-weight.js'
import type { WeightUpdate, WeightUpdates } from './weight-update.js'

/** What a layer's weight and its bias are multiplied by. */
export type LayerFactors = { readonly weight: number; readonly bias: number }
const UNSCALED: LayerFactors = { weight: 1, bias: 1 }

/** Writes the weights of layers into a graph, with their updates: those of LoRAs, for example. */
export function layerWeights({ g, type, cast, mul, shape, reshape }: GraphOperations, weightUpdates: WeightUpdates) {
  function stored(tensor: StoredTensor, sides: readonly number[], as: 'F16' | 'F32'): GraphValue {
    const value = g.externalTensor(tensor, sides)
    return tensor.type === as ? value : g.firstNode('Cast', [value], { to: ONNX_DATA_TYPES[as] })
  }
  /** A weight in the precision of the computation. */
  const weight = (tensor: StoredTensor, sides: readonly number[] = tensor.shape) => stored(tensor, sides, type)
  const toSingle = (tensor: StoredTensor, sides: readonly number[]) => stored(tensor, sides, 'F32')
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

  return { weight, parameters, splitUpdates }
}
