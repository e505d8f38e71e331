import { UserError } from '../../../user-error.js'
import { cropCanvas, paddedBounds, paste } from '../../image/crop.js'
import { resizePixels } from '../../image/decode.js'
import { cropPixels, PAINT, type Pixels } from '../../image/pixels.js'
import { maskBounds } from '../../mask/morphology.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import { InferenceError, OutOfMemoryError } from '../../onnx/session.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { composite } from '../../pipeline/composite.js'
import type { Engine } from '../../pipeline/engine.js'
import { outpaintPasses } from '../diffusion/inpaint/outpaint-passes.js'
import { matchTonesAtBorder } from '../diffusion/inpaint/seam.js'
import { padCanvas, resizeCanvas, unmaskBox } from '../diffusion/inpaint/work-size.js'
import { fitPreview } from '../diffusion/preview.js'
import { loadRemovalModel, type RemovalModel } from './removal-model.js'
import { applySymmetry, randomAugmentation, undoSymmetry } from './test-time-augmentation.js'

/** Margin of the picture around a hole that the model sees on each side: a share of the hole's longer side, and a minimum in pixels. */
const CONTEXT = { share: 0.5, minPixels: 128 } as const

/**
 * Object-removal models such as LaMa and MI-GAN, which fill a hole in one pass. They are fast and continue the surroundings of small
 * objects well; they read no prompt and invent no objects. Where much is added, the canvas is painted in passes. Where a device has
 * too little memory, the next one is used until the model is loaded again.
 *
 * @param name of the engine
 * @param path of an ONNX graph, as `loadRemovalModel` takes it
 * @param device as `loadRemovalModel` takes it
 * @param log is called with a line when the model is loaded, which says what computes it, and when a device has too little memory
 */
export function eraseEngine(
  name: string,
  path: string,
  device: string = AUTO_DEVICE,
  log: (line: string) => void = () => {},
): Engine {
  let loading: Promise<RemovalModel> | undefined
  /** Devices that ran out of memory since the model was last loaded from scratch, and their error messages. */
  const outOfMemory = new Map<string, string>()
  const load = async () => {
    if (loading) return loading
    loading = loadRemovalModel(path, device, outOfMemory)
    // The next request tries again: the cause may be fixed by then.
    loading.catch(() => {
      loading = undefined
      outOfMemory.clear()
    })
    const { device: used, reasons } = await loading
    log(`${name} runs on ${used}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`)
    return loading
  }
  const unload = async () => {
    const last = loading
    loading = undefined
    await (await last?.catch(() => undefined))?.close()
  }
  /** Run `work` on the first device with enough memory. */
  const withModel = async <Result>(work: (model: RemovalModel) => Promise<Result>): Promise<Result> => {
    for (;;) {
      const model = await load()
      try {
        return await work(model)
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error
        if (!(error instanceof OutOfMemoryError)) {
          throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
        }
        outOfMemory.set(model.device, error.message)
        log(`${name}: not enough memory on ${model.device} (${error.message})`)
        // A lost device may fail to close.
        await unload().catch((cause: Error) => log(`${name}: ${model.device} couldn’t be closed (${cause.message})`))
      }
    }
  }

  return {
    name,

    async paint(canvas, { seeds, signal, onProgress, onMemoryFallback }) {
      signal.throwIfAborted()
      const boxes = outpaintPasses(canvas.old, canvas.pixels)
      const pictures: Pixels[] = []
      for (const [index, seed] of seeds.entries()) {
        let { pixels, mask } = canvas
        for (const [pass, box] of boxes.entries()) {
          const part = cropCanvas({ pixels, mask, old: canvas.old }, box)
          if (part.mask.data.includes(PAINT)) {
            const painted = await withModel(model => paintMasked(model, part, (seed + pass) >>> 0))
            pixels = paste(pixels, composite(part, painted), box)
            mask = unmaskBox(mask, box)
          }
          signal.throwIfAborted()
          const done = Math.min(0.99, (index + (pass + 1) / boxes.length) / seeds.length)
          onProgress(index === 0 ? { done, preview: await fitPreview(pixels) } : { done })
          signal.throwIfAborted()
        }
        pictures.push(pixels)
      }
      onProgress({ done: 1 })
      const model = await loading
      for (const instead of model?.outOfMemoryDevices.slice(0, 1) ?? [])
        onMemoryFallback?.({ kind: 'device', device: model!.device, instead })
      return pictures
    },

    close: unload,
  }
}

/** Paint the masked part of a canvas, seen with its context. @returns all of the canvas */
async function paintMasked(model: RemovalModel, canvas: Canvas, seed: number): Promise<Pixels> {
  const hole = maskBounds(canvas.mask)!
  const padding = Math.max(CONTEXT.minPixels, Math.ceil(Math.max(hole.width, hole.height) * CONTEXT.share))
  const box = paddedBounds(canvas.mask, padding)!
  const part = cropCanvas(canvas, box)
  const workSize = model.workSize ?? box
  const { symmetry, innerBox } = randomAugmentation(seed, box, workSize)
  const augmented = applySymmetry(part, symmetry)
  const { pixels, mask } = padCanvas(await resizeCanvas(augmented, innerBox), innerBox, workSize)
  const painted = await resizePixels(cropPixels(await model.erase(pixels, mask), innerBox), augmented.pixels)
  return paste(canvas.pixels, matchTonesAtBorder(undoSymmetry(painted, symmetry), part.pixels, part.mask), box)
}
