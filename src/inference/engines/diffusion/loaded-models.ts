import { dirname } from 'node:path'
import type { ControlNetRequest } from '../../checkpoint/controlnet.js'
import type { LoraRequest } from '../../checkpoint/lora.js'
import type { FreeMemory } from '../../onnx/free-memory.js'
import type { OutOfMemoryError } from '../../onnx/session.js'
import { parseControl, taskOfModule } from '../../pipeline/control-modules.js'
import type { Engine, PaintTaskOptions } from '../../pipeline/engine.js'
import { openEraser } from '../erase/open-eraser.js'
import { type DiffusionModel, loadDiffusionModel } from './model/diffusion-model.js'
import { loadRefiner } from './model/refiner.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'

/** A model that is idle for this long is unloaded. */
const UNLOAD_AFTER_IDLE_MS = 10 * 60_000

/** After running out of memory a model paints at its sample size times one of these, tried in this order. */
const REDUCED_SIZE_FACTORS = [0.75, 0.5] as const

/** Smallest reduced sample size, in latents: below it models paint no recognizable content. */
const MIN_SAMPLE_SIZE = 32

/** What paints: a model, and the one that continues it. */
export type Models = { readonly model: DiffusionModel; readonly refiner?: DiffusionModel }

/** What a request wants beyond the model’s own weights. */
export type ModelExtras = {
  readonly loras: readonly LoraRequest[]
  /** Names of the installed textual inversions. */
  readonly embeddings: readonly string[]
  readonly refiner?: string | undefined
  /** As `parseControl` reads them. */
  readonly control?: PaintTaskOptions['control']
}

/**
 * The model of an engine, loaded when it is needed and unloaded when it is idle, with what became of it when memory ran out. That lasts
 * until the model is unloaded.
 *
 * @param name, path, device, freeMemory as `diffusionEngine` takes them
 * @param log receives one line each time the model is loaded (with its device) and for each memory fallback
 */
export function loadedModels(
  name: string,
  path: string,
  device: string,
  log: (line: string) => void,
  freeMemory: FreeMemory,
) {
  let loaded:
    | { readonly key: string; readonly controls: ReadonlySet<string>; readonly models: Promise<Models> }
    | undefined
  /** Side of the painted squares as a share of the model's sample size. */
  let sizeFactor = 1
  /** Devices that ran out of memory, with their error messages. */
  const exhaustedDevices = new Map<string, string>()
  /** An object-removal model of a request. */
  let eraser: Engine | undefined
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
  const load = async (
    { loras, refiner: refinerName }: ModelExtras,
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

  return {
    sizeFactor: () => sizeFactor,
    unload,

    /** The models of a request, loaded if they are not. @throws as `loadDiffusionModel` and `loadRefiner` */
    async get(extras: ModelExtras): Promise<Models> {
      clearTimeout(idleTimer)
      const { loras, embeddings, refiner: refinerName, control = [] } = extras
      const key = JSON.stringify([loras, embeddings, refinerName])
      const wanted = new Map(control.map(controlRequest).map(one => [JSON.stringify(one), one]))
      // ControlNets that a request doesn't use stay loaded for the next one.
      if (loaded && (loaded.key !== key || [...wanted.keys()].some(one => !loaded?.controls.has(one)))) await unload()
      if (loaded) return loaded.models
      const models = load(extras, [...wanted.values()])
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
    },

    /** An installed object-removal model. @throws UserError `engine-unknown` */
    async getEraser(wanted: string): Promise<Engine> {
      if (eraser?.name === wanted) return eraser
      await eraser?.close()
      eraser = openEraser(dirname(path), wanted, device, log)
      return eraser
    },

    unloadWhenIdle(): void {
      idleTimer = setTimeout(() => void unload(), UNLOAD_AFTER_IDLE_MS)
      idleTimer.unref()
    },

    /** After out of memory: paint at a smaller size, or exclude the device so that the next one is used. */
    async fallBack(model: DiffusionModel, { message, isDeviceLost }: OutOfMemoryError): Promise<void> {
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
    },
  }
}

/** Side of the squares that a model paints, in pixels. */
export function paintedSide({ sampleSize }: DiffusionModel, sizeFactor: number): number {
  return Math.round(sampleSize * sizeFactor) * VAE_SCALE_FACTOR
}

/** The network that a request needs for one of its ControlNets. */
function controlRequest(text: string): ControlNetRequest {
  const { name, module } = parseControl(text)
  return { name, task: taskOfModule(module) }
}
