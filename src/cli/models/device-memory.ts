import { parseDevice } from '../../inference/onnx/device-names.js'
import { availableDevices } from '../../inference/onnx/devices.js'
import { detectHardware, type Hardware } from '../hardware.js'

/** What a model needs, in bytes: on a GPU, and on the CPU. */
export type ModelMemory = { readonly gpu: number; readonly cpu: number }

/** The memory that a device has for a model; `bytes` is undefined where the system doesn't report it. */
export type DeviceMemory = { readonly kind: 'gpu' | 'cpu'; readonly bytes: number | undefined }

/** @param device like `cpu`, `cuda` or `cuda:1` */
export function deviceMemory(device: string, { memory, gpus }: Hardware): DeviceMemory {
  if (device === 'cpu') return { kind: 'cpu', bytes: memory.total }
  // On a Mac the CPU and the GPU share one memory.
  if (device === 'coreml') return { kind: 'gpu', bytes: memory.total }
  const index = parseDevice(device)?.index
  if (index !== undefined) return { kind: 'gpu', bytes: gpus[index]?.memory }
  const known = gpus.flatMap(gpu => gpu.memory ?? [])
  return { kind: 'gpu', bytes: known.length > 0 ? Math.max(...known) : undefined }
}

/** Whether a model fits into a device's memory; `in tiles` if its autoencoder has to work on parts of a picture. */
export function fitsInMemory(
  { memory, leastMemory }: { readonly memory: ModelMemory; readonly leastMemory?: ModelMemory },
  { kind, bytes }: DeviceMemory,
): 'yes' | 'in tiles' | 'no' | 'unknown' {
  if (bytes === undefined) return 'unknown'
  if (memory[kind] <= bytes) return 'yes'
  return leastMemory && leastMemory[kind] <= bytes ? 'in tiles' : 'no'
}

/** The memory of the first device that works. */
export async function defaultDeviceMemory(): Promise<DeviceMemory> {
  const { name = 'cpu' } = (await availableDevices()).find(({ works }) => works) ?? {}
  return deviceMemory(name, await detectHardware())
}
