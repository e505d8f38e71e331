import { basename, extname } from 'node:path'
import { UserError } from '../../../user-error.js'
import { CHECKPOINT_EXTENSION } from '../../checkpoint/checkpoint.js'
import { readUpscaler } from '../../checkpoint/upscaler.js'
import type { Extent } from '../../image/geometry.js'
import { cropPixels, type Pixels } from '../../image/pixels.js'
import { candidateDevices } from '../../onnx/devices.js'
import { type GraphSource, type OnnxSession, OutOfMemoryError } from '../../onnx/session.js'
import type { TensorData } from '../../onnx/tensor-data.js'
import { openOnFirstWorkingDevice } from '../../onnx/verified-session.js'
import type { LoadedNetwork } from '../device-fallback.js'

/** A loaded network that enlarges pictures. */
export interface UpscaleNetwork extends LoadedNetwork {
  /** How many times as wide and high its result is. */
  readonly scale: number
  /** How far a pixel of the result looks, in pixels of the input; undefined if that is not known. */
  readonly reach: number | undefined
  /** The only size of its input; undefined if it takes others. */
  readonly inputSize: Extent | undefined
  /** Blocks the thread. @throws InferenceError; UserError `model-overflowed` */
  enlarge(pixels: Pixels): Promise<Pixels>
}

/** Sides of inputs of ONNX files are multiples of this: the windows of SwinIR (8), HAT (16) and DAT (32). */
const WINDOW = 32

/** Side of the pictures that devices are compared with, in pixels. */
const TRIAL_SIDE = 2 * WINDOW

/**
 * Load an upscaler: an RRDBNet or SRVGGNetCompact as `.safetensors`, or any network as ONNX file whose input is [1, 3, height, width]
 * from 0 to 1, and whose output is a larger picture of that form.
 *
 * @param device an execution provider, or `auto` for the fastest that computes it correctly
 * @param outOfMemory devices that ran out of memory with it before, and their error messages: they are skipped
 * @throws UserError `model-unreadable`, `out-of-memory`, and those of {@link readUpscaler}
 */
export async function loadUpscaleNetwork(
  path: string,
  device: string,
  outOfMemory?: ReadonlyMap<string, string>,
): Promise<UpscaleNetwork> {
  const name = basename(path, extname(path))
  const unreadable = (detail: string, cause?: unknown) =>
    new UserError({ code: 'model-unreadable', model: name, detail }, { cause })
  const known = path.endsWith(CHECKPOINT_EXTENSION) ? await readUpscaler(path) : undefined
  const source: GraphSource = known?.source ?? { name, file: path }
  const devices = await candidateDevices(device, outOfMemory)
  const opened = await openOnFirstWorkingDevice([source], devices, trialInputs, new Set([source]), 'half').catch(
    (cause: Error) => {
      if (!(cause instanceof OutOfMemoryError)) throw unreadable(cause.message, cause)
      throw new UserError({ code: 'out-of-memory', model: name, detail: cause.message }, { cause })
    },
  )
  const session = opened.sessions[0]!
  try {
    const scale = known?.scale ?? (await measureScale(session))
    if (scale === undefined) throw unreadable('it does not enlarge a picture')
    return {
      device: opened.device,
      reasons: opened.fallbackReasons,
      outOfMemoryDevices: opened.outOfMemoryDevices,
      scale,
      reach: known?.reach,
      inputSize: fixedSize(session),
      enlarge: pixels => enlargePadded(session, pixels, scale, known?.multiple ?? WINDOW, name),
      close: () => session.close(),
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** The size of an input that has only one. */
function fixedSize({ inputs }: OnnxSession): Extent | undefined {
  const [input] = inputs.values()
  const [, , height, width] = input?.dims ?? []
  return typeof height === 'number' && typeof width === 'number' ? { width, height } : undefined
}

/** How many times as large an ONNX file's output is; undefined if it isn’t an upscaler. */
async function measureScale(session: OnnxSession): Promise<number | undefined> {
  const [input] = session.inputs.values()
  const channels = input?.dims[1]
  if (session.inputs.size !== 1 || input?.dims.length !== 4 || (typeof channels === 'number' && channels !== 3)) {
    return undefined
  }
  const trial = trialInputs(session)
  const [output] = session.outputs
  const { [output!]: result } = await session.run(trial, [output!])
  const [from] = Object.values(trial)
  const scale = result!.dims[2]! / from!.dims[2]!
  const isUpscaler = result!.dims.length === 4 && result!.dims[1] === 3 && Number.isInteger(scale) && scale > 1
  return isUpscaler && result!.dims[3] === from!.dims[3]! * scale ? scale : undefined
}

/** A small picture of waves, to compare devices with. */
function trialInputs(session: OnnxSession): Record<string, TensorData> {
  const { width, height } = fixedSize(session) ?? { width: TRIAL_SIDE, height: TRIAL_SIDE }
  const data = Float32Array.from({ length: 3 * width * height }, (_, at) => 0.5 + Math.sin(at / 7) / 2)
  return Object.fromEntries([...session.inputs.keys()].map(name => [name, { data, dims: [1, 3, height, width] }]))
}

/** Enlarge a picture whose sides are padded for the network. */
async function enlargePadded(
  session: OnnxSession,
  pixels: Pixels,
  scale: number,
  multiple: number,
  model: string,
): Promise<Pixels> {
  const padded = fixedSize(session) ?? {
    width: Math.ceil(pixels.width / multiple) * multiple,
    height: Math.ceil(pixels.height / multiple) * multiple,
  }
  const [[input], [output]] = [[...session.inputs.keys()], session.outputs]
  const { [output!]: values } = await session.run({ [input!]: toPlanes(pixels, padded) }, [output!])
  if (!values!.data.every(Number.isFinite)) throw new UserError({ code: 'model-overflowed', model })
  const large = toPixels(values!, { width: padded.width * scale, height: padded.height * scale })
  return cropPixels(large, { x: 0, y: 0, width: pixels.width * scale, height: pixels.height * scale })
}

/** Values from 0 to 1, by channel; beyond the picture it is mirrored, so that no edge is seen there. */
function toPlanes({ width, height, data }: Pixels, size: Extent): TensorData {
  const area = size.width * size.height
  const planes = new Float32Array(3 * area)
  const mirror = (at: number, length: number) => {
    const period = Math.max(1, 2 * (length - 1))
    const place = at % period
    return place < length ? place : period - place
  }
  for (let y = 0; y < size.height; y++) {
    const row = mirror(y, height) * width
    for (let x = 0; x < size.width; x++) {
      const from = (row + mirror(x, width)) * 3
      const to = y * size.width + x
      for (let channel = 0; channel < 3; channel++) planes[channel * area + to] = data[from + channel]! / 255
    }
  }
  return { data: planes, dims: [1, 3, size.height, size.width] }
}

function toPixels({ data: planes }: TensorData, { width, height }: Extent): Pixels {
  const area = width * height
  const data = new Uint8Array(3 * area)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      data[at * 3 + channel] = Math.round(Math.min(1, Math.max(0, planes[channel * area + at]!)) * 255)
    }
  }
  return { width, height, data }
}
