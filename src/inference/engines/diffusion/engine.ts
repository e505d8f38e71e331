import { dirname } from 'node:path'
import { UserError } from '../../../user-error.js'
import type { ControlNetRequest } from '../../checkpoint/controlnet.js'
import { listEmbeddings } from '../../checkpoint/embeddings.js'
import type { LoraRequest } from '../../checkpoint/lora.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import { type FreeMemory, freeDeviceMemory } from '../../onnx/free-memory.js'
import { InferenceError, OutOfMemoryError } from '../../onnx/session.js'
import { parseControl, taskOfModule } from '../../pipeline/control-modules.js'
import type { Engine, PaintTask, PaintTaskOptions } from '../../pipeline/engine.js'
import type { MemoryFallback } from '../../pipeline/memory-fallback.js'
import { SWITCH_AT } from '../../pipeline/options.js'
import { openEraser } from '../erase/open-eraser.js'
import { fillEngine } from '../fill/engine.js'
import { postProcessingThread } from './inpaint/post-processing-thread.js'
import { type DiffusionModel, loadDiffusionModel } from './model/diffusion-model.js'
import { loadRefiner } from './model/refiner.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { paintPictures } from './paint-pictures.js'
import { extractLoras } from './prompt/lora-tags.js'
import { refusePickledEmbeddings } from './prompt/prompt-embeddings.js'

/** A model that is idle for this long is unloaded. */
const UNLOAD_AFTER_IDLE_MS = 10 * 60_000

/** After running out of memory a model paints at its sample size times one of these, tried in this order. */
const REDUCED_SIZE_FACTORS = [0.75, 0.5] as const

/** Smallest reduced sample size, in latents: below it models paint no recognizable content. */
const MIN_SAMPLE_SIZE = 32

/** What paints: a model, and the one that continues it. */
type Models = { readonly model: DiffusionModel; readonly refiner?: DiffusionModel }

/**
 * The Stable Diffusion engine: loads a model when it is needed, unloads it when it is idle, and falls back when memory
 * runs out. `paint-pictures.ts` describes how it paints.
 *
 * The VAE works in tiles and text encoders are closed while others run if the free memory says so. Fallbacks after running
 * out of memory, in this order: the VAE works in tiles and prompts run one by one (both inside the model); the model
 * paints at a smaller size; the next device takes over. They last until the model is unloaded.
 *
 * @param name of the engine, as users see it
 * @param path as `loadDiffusionModel` takes it
 * @param device as `loadDiffusionModel` takes it
 * @param log receives one line each time the model is loaded (with its device) and for each memory fallback
 * @param freeMemory asks how much memory of a device is free; default is the system
 */
export function diffusionEngine(
  name: string,
  path: string,
  device: string = AUTO_DEVICE,
  log: (line: string) => void = () => {},
  freeMemory: FreeMemory = freeDeviceMemory,
): Engine {
  const fill = fillEngine('fill')
  const postProcessing = postProcessingThread()
  /** An object-removal model of a request. */
  let eraser: Engine | undefined
  let loaded:
    | { readonly key: string; readonly controls: ReadonlySet<string>; readonly models: Promise<Models> }
    | undefined
  /** Side of the painted squares as a share of the model's sample size. */
  let sizeFactor = 1
  /** Devices that ran out of memory, with their error messages. */
  const exhaustedDevices = new Map<string, string>()
  let idleTimer: NodeJS.Timeout | undefined

  const close = async () => {
    clearTimeout(idleTimer)
    const previous = loaded
    loaded = undefined
    const models = await previous?.models.catch(() => undefined)
    await models?.model.close()
    await models?.refiner?.close()
    await eraser?.close()
    eraser = undefined
  }
  const resetFallbacks = () => {
    sizeFactor = 1
    exhaustedDevices.clear()
  }
  const unload = async () => {
    resetFallbacks()
    await close()
  }
  const loadModels = async (
    loras: readonly LoraRequest[],
    refinerName: string | undefined,
    controls: readonly ControlNetRequest[],
  ): Promise<Models> => {
    const logLine = (line: string) => log(`${name}: ${line}`)
    const options = { loras, excludedDevices: exhaustedDevices, freeMemory, log: logLine }
    const model = await loadDiffusionModel(path, device, { ...options, controls })
    if (refinerName === undefined) return { model }
    try {
      return { model, refiner: await loadRefiner(dirname(path), refinerName, model, device, options) }
    } catch (error) {
      await model.close()
      throw error
    }
  }
  const load = async (
    loras: readonly LoraRequest[],
    embeddings: readonly string[],
    { refiner: refinerName, control = [] }: PaintTaskOptions = {},
  ): Promise<Models> => {
    clearTimeout(idleTimer)
    const key = JSON.stringify([loras, embeddings, refinerName])
    const wanted = new Map(control.map(controlRequest).map(one => [JSON.stringify(one), one]))
    // ControlNets that a request doesn't use stay loaded for the next one.
    if (loaded && (loaded.key !== key || [...wanted.keys()].some(one => !loaded?.controls.has(one)))) await unload()
    if (loaded) return loaded.models
    const models = loadModels(loras, refinerName, [...wanted.values()])
    loaded = { key, controls: new Set(wanted.keys()), models }
    // Try again next time: the user may have fixed the files.
    models.catch(() => {
      loaded = undefined
      resetFallbacks()
    })
    const { model, refiner } = await models
    for (const one of refiner ? [model, refiner] : [model]) {
      const reasons = one.fallbackReasons.length > 0 ? ` (${one.fallbackReasons.join('; ')})` : ''
      log(`${one === model ? name : one.name} runs on ${one.device}${reasons}`)
    }
    return models
  }
  /** What paints the initial picture. @throws UserError `engine-unknown` */
  const prefiller = async (wanted: string | undefined): Promise<Engine> => {
    if (wanted === undefined) return fill
    if (eraser?.name === wanted) return eraser
    await eraser?.close()
    eraser = openEraser(dirname(path), wanted, device, log)
    return eraser
  }
  /** After out of memory: paint at a smaller size, or exclude the device so that the next one is used. */
  const fallBack = async (model: DiffusionModel, { message, isDeviceLost }: OutOfMemoryError) => {
    const nextFactor = REDUCED_SIZE_FACTORS.find(factor => factor < sizeFactor)
    const canResize = !isDeviceLost && !model.unet.fixedSize
    if (canResize && nextFactor !== undefined && model.sampleSize * nextFactor >= MIN_SAMPLE_SIZE) {
      sizeFactor = nextFactor
      const side = paintedSide(model, sizeFactor)
      log(`${name}: not enough memory on ${model.device}, painting at ${side} pixels instead (${message})`)
    } else {
      sizeFactor = 1
      exhaustedDevices.set(model.device, message)
      log(`${name}: not enough memory on ${model.device} (${message})`)
    }
    // Reload even on the same device: it keeps the memory it allocated for the larger size. Closing a lost device may
    // fail.
    await close().catch((error: Error) => log(`${name}: ${model.device} couldn’t be closed (${error.message})`))
  }

  return {
    name,
    async paint(canvas, task) {
      const { prompt, loras } = extractLoras(task.prompt)
      const embeddings = listEmbeddings(dirname(path))
      refusePickledEmbeddings([prompt, task.options?.negative ?? ''], embeddings.pickles)
      let done = 0
      // Progress must not fall when painting restarts after a fallback.
      const onProgress: PaintTask['onProgress'] = progress => {
        done = Math.max(done, progress.done)
        task.onProgress({ ...progress, done })
      }
      for (;;) {
        task.signal.throwIfAborted()
        const { model, refiner } = await load(loras, embeddings.names, task.options)
        try {
          const resizedModel = { ...model, sampleSize: Math.round(model.sampleSize * sizeFactor) }
          const refining = refiner && { model: refiner, switchAt: task.options?.switchAt ?? SWITCH_AT.default }
          const initialFill = await prefiller(task.options?.eraser)
          const options = withSmallerTiles(task.options, sizeFactor)
          const ownTask = { ...task, ...(options && { options }), prompt, onProgress }
          const pictures = await paintPictures(resizedModel, canvas, ownTask, initialFill, refining, postProcessing.run)
          for (const fallback of memoryFallbacks(model, sizeFactor, options)) task.onMemoryFallback?.(fallback)
          return pictures
        } catch (error) {
          if (error instanceof OutOfMemoryError) await fallBack(model, error)
          else if (!(error instanceof InferenceError)) throw error
          else throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
        } finally {
          idleTimer = setTimeout(() => void unload(), UNLOAD_AFTER_IDLE_MS)
          idleTimer.unref()
        }
      }
    },
    async close() {
      await unload()
      await fill.close()
      await postProcessing.close()
    },
  }
}

/** Chosen tiles get smaller like those of the model's own size. */
function withSmallerTiles(options: PaintTaskOptions | undefined, sizeFactor: number): PaintTaskOptions | undefined {
  const size = options?.tiles?.size
  return size === undefined ? options : { ...options, tiles: { ...options?.tiles, size: size * sizeFactor } }
}

/** The network that a request needs for one of its ControlNets. */
function controlRequest(text: string): ControlNetRequest {
  const { name, module } = parseControl(text)
  return { name, task: taskOfModule(module) }
}

/** Side of the squares that a model paints, in pixels. */
function paintedSide({ sampleSize }: DiffusionModel, sizeFactor: number): number {
  return Math.round(sampleSize * sizeFactor) * VAE_SCALE_FACTOR
}

function memoryFallbacks(model: DiffusionModel, sizeFactor: number, options?: PaintTaskOptions): MemoryFallback[] {
  // A picture that is painted over in tiles is not upscaled afterwards.
  const hasSmallerTiles = options?.tiles !== undefined && sizeFactor < 1
  const { device, outOfMemoryDevices } = model
  return [
    ...outOfMemoryDevices.slice(0, 1).map(instead => ({ kind: 'device', device, instead }) as const),
    ...(sizeFactor < 1 && !hasSmallerTiles ? [{ kind: 'smaller', side: paintedSide(model, sizeFactor) } as const] : []),
    ...(model.isInParts ? [{ kind: 'parts' } as const] : []),
    ...(model.vae.isTiled() || hasSmallerTiles ? [{ kind: 'tiles' } as const] : []),
  ]
}
