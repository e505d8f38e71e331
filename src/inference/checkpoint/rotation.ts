import type { LayerTensors } from './lora-tensors.js'
import { readTensor } from './safetensors.js'
import type { Rotation } from './weight-update.js'

/**
 * The rotation of a layer's weight by the tensors of OFT (Qiu et al. 2023) or BOFT (Liu et al. 2024, "butterfly").
 *
 * @param weight shape of the layer's weight
 * @returns undefined if there is none, or if the tensors don't fit the weight
 */
export async function rotationOf(tensors: LayerTensors, weight: readonly number[]): Promise<Rotation | undefined> {
  const { skewBlocks, rotationBlocks, skewTriangles, rescale } = tensors
  const [rows, columns] = [weight[0]!, weight.slice(1).reduce((product, side) => product * side, 1)]
  if (skewTriangles) return columnRotation(skewTriangles, columns)
  const blocks = skewBlocks ?? rotationBlocks
  if (!blocks || blocks.shape.length < 3) return undefined
  const [size, other, count, factors = 1] = blocks.shape.toReversed() as [number, number, number, number?]
  const fitsButterfly = blocks.shape.length === 3 || (size % 2 === 0 && rows % (2 ** (factors - 1) * size) === 0)
  const fitsRescale = rescale === undefined || rescale.shape.reduce((product, side) => product * side, 1) === rows
  if (size !== other || count * size !== rows || !fitsButterfly || !fitsRescale) return undefined
  const common = { blocks, count, size, rescale, butterflyFactors: blocks.shape.length === 4 ? factors : undefined }
  if (!skewBlocks) return { ...common, form: 'rotation', scale: 1, largestSquare: 0 }
  const { norm, largestBlockNorm } = skewNorms(await readTensor(skewBlocks), size)
  // kohya's scripts and LyCORIS limit the norm by alpha.
  const limit = tensors.alpha ? (await readTensor(tensors.alpha))[0]! * rows : 0
  const scale = limit > 0 && norm > limit ? limit / norm : 1
  // The singular values of a skew-symmetric matrix come in pairs.
  return { ...common, form: 'skew', scale, largestSquare: (scale * largestBlockNorm) ** 2 / 2 }
}

/** PEFT rotates the inputs, and stores the upper triangles. */
function columnRotation(blocks: NonNullable<LayerTensors['skewTriangles']>, columns: number): Rotation | undefined {
  const [count, values = 0] = blocks.shape as [number, number?]
  const size = Math.round((1 + Math.sqrt(1 + 8 * values)) / 2)
  const isShared = count === 1 && columns % size === 0
  if ((size * (size - 1)) / 2 !== values || !(isShared || count * size === columns)) return undefined
  return { blocks, count, size, form: 'triangle', scale: 1, largestSquare: 0 }
}

/** The Frobenius norms of B − Bᵀ: of all blocks together, and the largest of one. */
function skewNorms(values: Float32Array, size: number): { norm: number; largestBlockNorm: number } {
  let [sum, largest] = [0, 0]
  for (let start = 0; start < values.length; start += size * size) {
    let square = 0
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < row; column++) {
        square += 2 * (values[start + row * size + column]! - values[start + column * size + row]!) ** 2
      }
    }
    sum += square
    largest = Math.max(largest, square)
  }
  return { norm: Math.sqrt(sum), largestBlockNorm: Math.sqrt(largest) }
}
