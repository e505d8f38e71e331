import type { StoredTensor } from '../onnx/graph-builder.js'
import type { LayerTensors } from './lora-tensors.js'
import type { Factor, LowRank, WeightDelta } from './weight-update.js'

/** A layer's delta, and the rank that its alpha is divided by; undefined if it isn't scaled. */
export type RankedDelta = { readonly delta: WeightDelta; readonly rank: number | undefined }

/**
 * What the tensors of a layer add to its weight.
 *
 * @param weight shape of the layer's weight
 * @param isOnInput for LyCORIS' IA3
 * @returns undefined if tensors are missing or have other shapes
 */
export function deltaOf(tensors: LayerTensors, weight: readonly number[], isOnInput: boolean): RankedDelta | undefined {
  const found = describeDelta(tensors, weight, isOnInput)
  return found && fits(found.delta, weight) ? found : undefined
}

function describeDelta(
  tensors: LayerTensors,
  [to, from]: readonly number[],
  isOnInput: boolean,
): RankedDelta | undefined {
  const { down, up, middle, difference, rescaling, multiplier } = tensors
  if (down && up) return { delta: { kind: 'low rank', down, up, middle }, rank: down.shape[0] }
  if (difference) return { delta: { kind: 'whole', whole: difference }, rank: undefined }
  const [w1, w2] = [lowRankOf(tensors, 'w1'), lowRankOf(tensors, 'w2')]
  if (w1 && w2) return { delta: { kind: 'hadamard', first: w1, second: w2 }, rank: tensors.w1b!.shape[0] }
  const [k1, k2] = [factorOf(tensors, 'k1'), factorOf(tensors, 'k2')]
  if (k1 && k2) {
    // Two whole factors have no rank, and their alpha is not used.
    const rank = (tensors.k1b ?? tensors.k2b)?.shape[0]
    return { delta: { kind: 'kronecker', first: k1, second: k2 }, rank }
  }
  const vector = (by: StoredTensor, isByColumn: boolean, offset: number): RankedDelta => ({
    delta: { kind: 'rescaling', by, shape: isByColumn ? [1, from!] : [to!, 1], offset },
    rank: undefined,
  })
  if (rescaling) return vector(rescaling, isOnInput, 0)
  // PEFT multiplies by the vector, LyCORIS adds the product.
  return multiplier && vector(multiplier, multiplier.shape[0] === 1 && to !== 1, 1)
}

/** LyCORIS stores the factors of a Tucker decomposition transposed. */
function lowRankOf(tensors: LayerTensors, name: 'w1' | 'w2' | 'k1' | 'k2'): LowRank | undefined {
  const [up, down, middle] = [tensors[`${name}a`], tensors[`${name}b`], tensors[`${name}core`]]
  if (!up || !down) return undefined
  return middle ? { up, down, middle, isUpTransposed: true } : { up, down }
}

function factorOf(tensors: LayerTensors, name: 'k1' | 'k2'): Factor | undefined {
  const whole = tensors[name]
  return whole ? { whole } : lowRankOf(tensors, name)
}

/** Whether a delta has the shape of the weight: as many rows and columns, and as many values. */
function fits(delta: WeightDelta, weight: readonly number[]): boolean {
  const matches = (sides: Sides | undefined) =>
    sides !== undefined && sides.to === weight[0] && sides.to * sides.from * sides.kernel === product(weight)
  switch (delta.kind) {
    case 'low rank':
      return matches(sidesOf(delta)) && sidesOf(delta)!.from === (weight[1] ?? 1)
    case 'hadamard':
      return matches(sidesOf(delta.first)) && matches(sidesOf(delta.second))
    case 'kronecker': {
      const [a, b] = [sidesOf(delta.first), sidesOf(delta.second)]
      return matches(a && b && { to: a.to * b.to, from: a.from * b.from, kernel: a.kernel * b.kernel })
    }
    case 'whole':
      return product(delta.whole.shape) === product(weight)
    case 'rescaling':
      return product(delta.by.shape) === product(delta.shape)
    case 'rotation':
      return true // checked where it is read
  }
}

type Sides = { readonly to: number; readonly from: number; readonly kernel: number }

/** The sides of a factor; undefined if its own factors don't fit each other. */
function sidesOf(factor: Factor): Sides | undefined {
  if ('whole' in factor) {
    const [to = 1, from = 1, ...kernel] = factor.whole.shape
    return { to, from, kernel: product(kernel) }
  }
  const { up, down, middle, isUpTransposed } = factor
  const [to, rank] = isUpTransposed ? [up.shape[1], up.shape[0]] : [up.shape[0], up.shape[1]]
  const [downRank, from, ...kernel] = down.shape
  const fitsMiddle = middle ? middle.shape[0] === rank && middle.shape[1] === downRank : rank === downRank
  if (!fitsMiddle || to === undefined) return undefined
  // Without a middle, all but the first side of `down` may be flat.
  return { to, from: from ?? 1, kernel: product(middle ? middle.shape.slice(2) : kernel) }
}

function product(sides: readonly number[]): number {
  return sides.reduce((result, side) => result * side, 1)
}
