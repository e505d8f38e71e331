import type { GraphBuilder, GraphValue, StoredTensor } from '../onnx/graph-builder.js'
import type { Rotation } from './weight-update.js'

/** Newton's method for an inverse ends when its residual is smaller than this: single precision. */
const MAX_RESIDUAL = 1e-9

/** Writes the rotation of a weight's blocks into a graph. @param toSingle the values of a tensor in single precision */
export function weightRotator(
  g: GraphBuilder,
  toSingle: (tensor: StoredTensor, shape: readonly number[]) => GraphValue,
) {
  const shapeOf = (...sides: number[]) => g.constant('I64', sides, [sides.length])
  const reshape = (value: GraphValue, ...sides: number[]) => g.node('Reshape', [value, shapeOf(...sides)])
  const transpose = (value: GraphValue, ...perm: number[]) => g.node('Transpose', [value], { perm })
  const scaled = (value: GraphValue, by: number) => g.node('Mul', [value, g.constant('F32', [by], [])])
  const matMul = (a: GraphValue, b: GraphValue) => g.node('MatMul', [a, b])
  const add = (a: GraphValue, b: GraphValue) => g.node('Add', [a, b])
  const subtract = (a: GraphValue, b: GraphValue) => g.node('Sub', [a, b])
  const identity = (size: number) => g.node('EyeLike', [g.node('ConstantOfShape', [shapeOf(size, size)])])

  /** Cayley's form: (I + Q)(I − Q)⁻¹ = 2(I − Q)⁻¹ − I. @param largestSquare bound of Q's squared singular values */
  function cayley(q: GraphValue, size: number, largestSquare: number): GraphValue {
    const one = identity(size)
    const matrix = subtract(one, q)
    // With (I + Q) as the first guess, I − matrix · guess has eigenvalues up to `residual`, which Newton's method squares.
    let residual = largestSquare / (2 + largestSquare)
    let inverse = scaled(add(one, q), 2 / (2 + largestSquare))
    for (; residual > MAX_RESIDUAL; residual **= 2) {
      inverse = matMul(inverse, subtract(scaled(one, 2), matMul(matrix, inverse)))
    }
    return subtract(scaled(inverse, 2), one)
  }

  /** As PEFT: the first terms of Cayley's form as a series, I + 2Q + 2Q² + 2Q³ + Q⁴. */
  function cayleySeries(q: GraphValue, size: number): GraphValue {
    const twice = scaled(identity(size), 2)
    const inner = matMul(q, add(twice, matMul(q, add(twice, matMul(q, add(twice, q))))))
    return add(identity(size), inner)
  }

  /** The skew-symmetric matrices of these upper triangles. */
  function fromTriangles({ blocks, count, size }: Rotation): GraphValue {
    const values = (size * (size - 1)) / 2
    const triangles = toSingle(blocks, [count, values])
    const zero = g.constant('F32', new Float32Array(count), [count, 1])
    const choices = g.node('Concat', [triangles, scaled(triangles, -1), zero], { axis: 1 })
    const indices = Array.from({ length: size * size }, (_, at) => {
      const [row, column] = [Math.floor(at / size), at % size]
      if (row === column) return 2 * values
      const [low, high] = [Math.min(row, column), Math.max(row, column)]
      return low * size - (low * (low + 1)) / 2 + high - low - 1 + (row < column ? 0 : values)
    })
    const gathered = g.node('Gather', [choices, g.constant('I64', indices, [indices.length])], { axis: 1 })
    return reshape(gathered, count, size, size)
  }

  /** All rotations, shape [factors · count, size, size]. */
  function rotations(rotation: Rotation): GraphValue {
    const { blocks, count, size, form, scale, largestSquare, butterflyFactors = 1 } = rotation
    if (form === 'triangle') return cayleySeries(fromTriangles(rotation), size)
    const stored = toSingle(blocks, [butterflyFactors * count, size, size])
    if (form === 'rotation') return stored
    return cayley(scaled(subtract(stored, transpose(stored, 0, 2, 1)), scale), size, largestSquare)
  }

  /** Rotate the rows in an order that lets every block reach every row (Liu et al. 2024, section 4). */
  function butterfly(weight: GraphValue, rotation: Rotation, [to, width]: readonly [number, number]): GraphValue {
    const { count, size, butterflyFactors: factors = 1 } = rotation
    const all = reshape(rotations(rotation), factors, count, size, size)
    let current = weight
    for (let factor = 0; factor < factors; factor++) {
      const half = 2 ** factor * (size / 2)
      const mixed = transpose(reshape(current, to / (2 * half), 2, half, width), 0, 2, 1, 3)
      const own = g.node('Gather', [all, g.constant('I64', [factor], [])], { axis: 0 })
      const rotated = matMul(own, reshape(mixed, count, size, width))
      current = transpose(reshape(rotated, to / (2 * half), half, 2, width), 0, 2, 1, 3)
    }
    return reshape(current, to, width)
  }

  /** The rotated weight minus the weight, as a matrix of this size. */
  return (weight: GraphValue, rotation: Rotation, size: readonly [number, number]): GraphValue => {
    const [to, width] = size
    const rotate = (): GraphValue => {
      if (rotation.butterflyFactors !== undefined) return butterfly(weight, rotation, size)
      const transposed = transpose(rotations(rotation), 0, 2, 1)
      if (rotation.form !== 'triangle') {
        return reshape(matMul(transposed, reshape(weight, rotation.count, rotation.size, width)), to, width)
      }
      const columns = transpose(reshape(weight, to, width / rotation.size, rotation.size), 1, 0, 2)
      return reshape(transpose(matMul(columns, transposed), 1, 0, 2), to, width)
    }
    const rotated = rotate()
    const { rescale } = rotation
    return subtract(rescale ? g.node('Mul', [rotated, toSingle(rescale, [to, 1])]) : rotated, weight)
  }
}
