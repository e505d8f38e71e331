import type { Tensor } from 'onnxruntime-node'
import { graphBuilder } from './graph-builder.js'
import type { TensorData } from './tensor-data.js'

/**
 * A result of a run that only other runs read. It stays in the memory of the device where onnxruntime-node can leave it there, which is on
 * WebGPU; otherwise it is in the memory of the process, but not copied. Dispose of it after use: nothing else frees a device's memory.
 */
export class DeviceTensor {
  /** @param tensor as a run returned it. Its `getData` would end the process (onnxruntime-node 1.30) */
  constructor(readonly tensor: Tensor) {}

  get dims(): readonly number[] {
    return this.tensor.dims
  }

  dispose(): void {
    this.tensor.dispose()
  }
}

/** What a graph takes as an input. */
export type InputTensor = TensorData | DeviceTensor

/** Dispose of those that are on a device. */
export function disposeTensors(tensors: Readonly<Record<string, InputTensor>>): void {
  for (const tensor of Object.values(tensors)) if (tensor instanceof DeviceTensor) tensor.dispose()
}

/** A graph that returns its input: a run of it is the only way to read what is on a device. */
export function readerGraph(): Uint8Array {
  const g = graphBuilder('reader', '/')
  g.output('values', g.input('tensor', 'F32'), 'F32')
  return g.bytes()
}
