import { basename, extname } from 'node:path'
import { UserError } from '../../../user-error.js'
import type { Extent } from '../../image/geometry.js'
import { type Mask, PAINT, type Pixels } from '../../image/pixels.js'
import { candidateDevices } from '../../onnx/devices.js'
import { type GraphSource, type OnnxSession, OutOfMemoryError } from '../../onnx/session.js'
import type { TensorData } from '../../onnx/tensor-data.js'
import { openOnFirstWorkingDevice } from '../../onnx/verified-session.js'

/** The side of the squares that models of any size are used at, in pixels: LaMa and MI-GAN were trained at it. */
const TRAINED_SIDE = 512

/** A loaded object-removal model: it fills holes in one pass. */
export interface RemovalModel {
  /** The device that computes it, and why no faster one does. */
  readonly device: string
  readonly reasons: readonly string[]
  /** Faster devices with too little memory for it. */
  readonly outOfMemoryDevices: readonly string[]
  readonly precision: 'fp32' | 'fp16'
  /** The size of its input; undefined if it takes any size and scales by itself. */
  readonly workSize: Extent | undefined
  /** Blocks the thread. Pixels under the mask are not read. @throws InferenceError */
  erase(pixels: Pixels, mask: Mask): Promise<Pixels>
  close(): Promise<void>
}

/**
 * The value range of a graph's inputs `image` [1, 3, height, width] and `mask` [1, 1, height, width]. `unit` (LaMa): from 0 to 1, the
 * hole is 1 in the mask. `bytes` (MI-GAN's pipeline): from 0 to 255, the hole is 0 in the mask.
 */
type ValueRange = 'unit' | 'bytes'

/** @returns undefined if it is not an object-removal model */
function valueRangeOf({ inputs }: OnnxSession): ValueRange | undefined {
  const [image, mask] = [inputs.get('image'), inputs.get('mask')]
  if (image?.dims.length !== 4 || mask?.dims.length !== 4 || inputs.size !== 2) return undefined
  return image.type === 'uint8' ? 'bytes' : 'unit'
}

/**
 * Load an object-removal model.
 *
 * @param device an execution provider, or `auto` for the fastest that computes it correctly
 * @param outOfMemory devices that ran out of memory with it before, and their error messages: they are skipped
 * @throws UserError `model-unreadable`, `out-of-memory`
 */
export async function loadRemovalModel(
  path: string,
  device: string,
  outOfMemory?: ReadonlyMap<string, string>,
): Promise<RemovalModel> {
  const model = basename(path, extname(path))
  const source: GraphSource = { name: model, file: path }
  const unreadable = (detail: string, cause?: unknown) =>
    new UserError({ code: 'model-unreadable', model, detail }, { cause })
  const devices = await candidateDevices(device, outOfMemory)
  const found = await openOnFirstWorkingDevice([source], devices, smallInputs, new Set([source])).catch(
    (cause: Error) => {
      if (!(cause instanceof OutOfMemoryError)) throw unreadable(cause.message, cause)
      throw new UserError({ code: 'out-of-memory', model, detail: cause.message }, { cause })
    },
  )
  const network = found.sessions[0]!
  const range = valueRangeOf(network)
  if (!range) {
    await network.close()
    throw unreadable('it does not take an image and a mask')
  }
  const [, , height, width] = network.inputs.get('image')!.dims
  const fixed = typeof height === 'number' && typeof width === 'number' ? { width, height } : undefined
  const trained = range === 'bytes' ? undefined : { width: TRAINED_SIDE, height: TRAINED_SIDE }
  return {
    device: found.device,
    reasons: found.fallbackReasons,
    outOfMemoryDevices: found.outOfMemoryDevices,
    precision: network.inputs.get('image')!.type === 'float16' ? 'fp16' : 'fp32',
    workSize: fixed ?? trained,
    async erase(pixels, mask) {
      const [output] = network.outputs
      const { [output!]: values } = await network.run(inputTensors(pixels, mask, range), [output!])
      if (!values!.data.every(Number.isFinite)) throw new UserError({ code: 'model-overflowed', model })
      return toPixels(values!, mask, range)
    },
    close: () => network.close(),
  }
}

/** Small inputs to compare devices with: a pattern with every other pixel missing. */
function smallInputs({ inputs }: OnnxSession): Record<string, TensorData> {
  const isBytes = inputs.get('image')?.type === 'uint8'
  return Object.fromEntries(
    [...inputs].map(([name, { dims }]) => {
      const sizes = dims.map((length, axis) => (typeof length === 'number' ? length : axis < 2 ? 1 : TRAINED_SIDE / 2))
      const count = sizes.reduce((product, length) => product * length, 1)
      const value = (at: number) => (name === 'mask' ? Number(at % 2 === 0) : 0.5 + Math.sin(at * 12.9898) / 2)
      const data = Float32Array.from({ length: count }, (_, at) => value(at) * (isBytes ? 255 : 1))
      return [name, { data, dims: sizes }]
    }),
  )
}

function inputTensors({ width, height, data }: Pixels, mask: Mask, range: ValueRange): Record<string, TensorData> {
  const area = width * height
  const image = new Float32Array(3 * area)
  const holes = new Float32Array(area)
  const [max, hole, kept] = range === 'bytes' ? [255, 0, 255] : [1, 1, 0]
  for (let at = 0; at < area; at++) {
    const isHole = mask.data[at] === PAINT
    holes[at] = isHole ? hole : kept
    if (isHole) continue
    for (let channel = 0; channel < 3; channel++) image[channel * area + at] = (data[at * 3 + channel]! / 255) * max
  }
  return {
    image: { data: image, dims: [1, 3, height, width] },
    mask: { data: holes, dims: [1, 1, height, width] },
  }
}

/** Some exports of LaMa return values from 0 to 255, others from 0 to 1. */
function toPixels({ data: planes }: TensorData, { width, height }: Extent, range: ValueRange): Pixels {
  const area = width * height
  const max = planes.reduce((largest, value) => Math.max(largest, value), 0)
  const scale = range === 'bytes' || max > 1.5 ? 1 : 255
  const data = new Uint8Array(area * 3)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, planes[channel * area + at]! * scale)))
    }
  }
  return { width, height, data }
}
