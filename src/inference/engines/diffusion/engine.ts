import { dirname } from 'node:path'
import { UserError } from '../../../user-error.js'
import { listEmbeddings } from '../../checkpoint/embeddings.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import { type FreeMemory, freeDeviceMemory } from '../../onnx/free-memory.js'
import { InferenceError, OutOfMemoryError } from '../../onnx/session.js'
import type { Engine, PaintTask, PaintTaskOptions } from '../../pipeline/engine.js'
import type { MemoryFallback } from '../../pipeline/memory-fallback.js'
import { SWITCH_AT } from '../../pipeline/options.js'
import { fillEngine } from '../fill/engine.js'
import { postProcessingThread } from './inpaint/post-processing-thread.js'
import { loadedModels, paintedSide } from './loaded-models.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import { paintPictures } from './paint-pictures.js'
import { extractLoras } from './prompt/lora-tags.js'
import { refusePickledEmbeddings } from './prompt/prompt-embeddings.js'

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
  const models = loadedModels(name, path, device, log, freeMemory)
  const fill = fillEngine('fill')
  const postProcessing = postProcessingThread()

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
        const extras = { loras, embeddings: embeddings.names, ...task.options }
        const { model, refiner } = await models.get(extras)
        const sizeFactor = models.sizeFactor()
        try {
          const resizedModel = { ...model, sampleSize: Math.round(model.sampleSize * sizeFactor) }
          const refining = refiner && { model: refiner, switchAt: task.options?.switchAt ?? SWITCH_AT.default }
          const { eraser } = task.options ?? {}
          const initialFill = eraser === undefined ? fill : await models.getEraser(eraser)
          const options = withSmallerTiles(task.options, sizeFactor)
          const ownTask = { ...task, ...(options && { options }), prompt, onProgress }
          const pictures = await paintPictures(
            resizedModel,
            canvas,
            ownTask,
            initialFill,
            refining,
            postProcessing.postProcess,
          )
          for (const fallback of memoryFallbacks(model, sizeFactor, options)) task.onMemoryFallback?.(fallback)
          return pictures
        } catch (error) {
          if (error instanceof OutOfMemoryError) await models.fallBack(model, error)
          else if (!(error instanceof InferenceError)) throw error
          else throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
        } finally {
          models.unloadWhenIdle()
        }
      }
    },
    async close() {
      await models.unload()
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
