import type { Tensor } from 'onnxruntime-node'
import { onnxruntime } from './cuda-folder.js'
import { floatToHalf, halfToFloat } from './half-precision.js'
import type { TensorData } from './tensor-data.js'

/** Values in a type of onnxruntime. */
export function toTensor(type: Tensor.Type, { data, dims }: TensorData): Tensor {
  const { Tensor } = onnxruntime()
  switch (type) {
    case 'float32':
      return new Tensor('float32', data, dims)
    case 'float16':
      return halfTensor(floatToHalf(data), dims)
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data, Math.round), dims)
    case 'int32':
      return new Tensor('int32', Int32Array.from(data, Math.round), dims)
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(data, value => BigInt(Math.round(value))),
        dims,
      )
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), dims)
    default:
      throw new TypeError(`inputs of type ${type} are not known`)
  }
}

/** From Node 24 on, Tensor makes a Float16Array of the bits, which onnxruntime-node doesn't read (as of 1.30). */
function halfTensor(bits: Uint16Array, dims: readonly number[]): Tensor {
  const { Tensor } = onnxruntime()
  return Object.defineProperty(new Tensor('float16', bits, dims), 'data', { value: bits })
}

/** A copy of the values of a tensor that is not on a device. */
export function fromTensor(tensor: Tensor): TensorData {
  const { data, dims } = tensor
  // Copy: the data is freed when the tensor is disposed.
  if (data instanceof Float32Array) return { data: data.slice(), dims }
  if (tensor.type === 'float16') {
    // A Float16Array where JavaScript has it, as from Node 24 on; otherwise a Uint16Array.
    const { buffer, byteOffset, length } = data as Uint16Array
    return { data: halfToFloat(new Uint16Array(buffer, byteOffset, length)), dims }
  }
  if (data instanceof Float64Array || data instanceof Uint8Array) return { data: Float32Array.from(data), dims }
  throw new TypeError(`outputs of type ${tensor.type} are not known`)
}
