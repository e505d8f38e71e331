/** A tensor: values in row-major order, and the length of each axis. It doesn't change: sessions keep what they convert it to. */
export type TensorData = { readonly data: Float32Array; readonly dims: readonly number[] }
