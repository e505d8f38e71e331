import { basename, extname } from 'node:path'
import { UserError } from '../../../user-error.js'
import type { Extent } from '../../image/geometry.js'
import { type Mask, PAINT, type Pixels } from '../../image/pixels.js'
import { candidateDevices } from '../../onnx/devices.js'
import { type GraphSource, type OnnxSession, OutOfMemoryError, type TensorData } from '../../onnx/session.js'
import { openOnFirstWorkingDevice } from '../../onnx/verified-session.js'

/** The side of the squares that these networks were trained at, for those that take any size, in pixels. */
const TRAINED = 512

/** A network that fills holes in one pass, and is loaded. */
export interface RemovalModel {
  /** What computes it, and why nothing faster does. */
  readonly device: string
  readonly reasons: readonly string[]
  /** Faster devices that had too little memory for it. */
  readonly outOfMemoryDevices: readonly string[]
  readonly precision: 'fp32' | 'fp16'
  /** The size that it paints at; undefined if it takes pictures as they are and sees to that itself. */
  readonly workSize: Extent | undefined
  /** Blocks the thread. What is under the mask is not read. @throws RunError */
  erase(pixels: Pixels, mask: Mask): Promise<Pixels>
  close(): Promise<void>
}

/**
 * How a graph takes a picture and a mask, [1, 3, height, width] and [1, 1, height, width] both: `shares` is LaMa's way, values from
 * 0 to 1 and 1 where the hole is; `bytes` that of MI-GAN's pipeline, values from 0 to 255 and 0 where the hole is.
 */
type Convention = 'shares' | 'bytes'

/** @returns undefined if it is no such network */
function conventionOf({ inputs }: OnnxSession): Convention | undefined {
  const [image, mask] = [inputs.get('image'), inputs.get('mask')]
  if (image?.dims.length !== 4 || mask?.dims.length !== 4 || inputs.size !== 2) return undefined
  return image.type === 'uint8' ? 'bytes' : 'shares'
}

/**
 * Load a network.
 *
 * @param device an execution provider, or AUTO for the fastest that works and computes it right
 * @param spent devices that ran out of memory with it before, and what they said: they are passed over
 * @throws ProblemError `model-unreadable`, `out-of-memory`
 */
export async function loadRemovalModel(
  path: string,
  device: string,
  spent?: ReadonlyMap<string, string>,
): Promise<RemovalModel> {
  const model = basename(path, extname(path))
  const source: GraphSource = { name: model, file: path }
  const unreadable = (detail: string, cause?: unknown) =>
    new UserError({ code: 'model-unreadable', model, detail }, { cause })
  const devices = await candidateDevices(device, spent)
  const found = await openOnFirstWorkingDevice([source], devices, smallInputs, new Set([source])).catch(
    (cause: Error) => {
      if (!(cause instanceof OutOfMemoryError)) throw unreadable(cause.message, cause)
      throw new UserError({ code: 'out-of-memory', model, detail: cause.message }, { cause })
    },
  )
  const network = found.sessions[0]!
  const convention = conventionOf(network)
  if (!convention) {
    await network.close()
    throw unreadable('it does not take an image and a mask')
  }
  const [, , height, width] = network.inputs.get('image')!.dims
  const fixed = typeof height === 'number' && typeof width === 'number' ? { width, height } : undefined
  const free = convention === 'bytes' ? undefined : { width: TRAINED, height: TRAINED }
  return {
    device: found.device,
    reasons: found.fallbackReasons,
    outOfMemoryDevices: found.outOfMemoryDevices,
    precision: network.inputs.get('image')!.type === 'float16' ? 'fp16' : 'fp32',
    workSize: fixed ?? free,
    async erase(pixels, mask) {
      const [output] = network.outputs
      const { [output!]: values } = await network.run(fed(pixels, mask, convention), [output!])
      return pictureOf(values!, mask, convention)
    },
    close: () => network.close(),
  }
}

/** Half of a pattern missing, as large as a graph wants it. */
function smallInputs({ inputs }: OnnxSession): Record<string, TensorData> {
  const isBytes = inputs.get('image')?.type === 'uint8'
  return Object.fromEntries(
    [...inputs].map(([name, { dims }]) => {
      const sizes = dims.map((length, axis) => (typeof length === 'number' ? length : axis < 2 ? 1 : TRAINED / 2))
      const count = sizes.reduce((product, length) => product * length, 1)
      const value = (at: number) => (name === 'mask' ? Number(at % 2 === 0) : 0.5 + Math.sin(at * 12.9898) / 2)
      const data = Float32Array.from({ length: count }, (_, at) => value(at) * (isBytes ? 255 : 1))
      return [name, { data, dims: sizes }]
    }),
  )
}

function fed({ width, height, data }: Pixels, mask: Mask, convention: Convention): Record<string, TensorData> {
  const area = width * height
  const image = new Float32Array(3 * area)
  const holes = new Float32Array(area)
  const [most, hole, kept] = convention === 'bytes' ? [255, 0, 255] : [1, 1, 0]
  for (let at = 0; at < area; at++) {
    const isHole = mask.data[at] === PAINT
    holes[at] = isHole ? hole : kept
    if (isHole) continue
    for (let channel = 0; channel < 3; channel++) image[channel * area + at] = (data[at * 3 + channel]! / 255) * most
  }
  return {
    image: { data: image, dims: [1, 3, height, width] },
    mask: { data: holes, dims: [1, 1, height, width] },
  }
}

/** Some exports of LaMa give values from 0 to 255, some from 0 to 1. */
function pictureOf({ data: planes }: TensorData, { width, height }: Extent, convention: Convention): Pixels {
  const area = width * height
  const most = planes.reduce((largest, value) => Math.max(largest, value), 0)
  const scale = convention === 'bytes' || most > 1.5 ? 1 : 255
  const data = new Uint8Array(area * 3)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, planes[channel * area + at]! * scale)))
    }
  }
  return { width, height, data }
}
