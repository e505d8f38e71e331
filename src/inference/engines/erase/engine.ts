import { cropCanvas, paddedBounds, paste } from '../../image/crop.js'
import { resizePixels } from '../../image/decode.js'
import { cropPixels, PAINT, type Pixels } from '../../image/pixels.js'
import { maskBounds } from '../../mask/morphology.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { composite } from '../../pipeline/composite.js'
import type { Engine } from '../../pipeline/engine.js'
import { deviceFallback } from '../device-fallback.js'
import { matchColors } from '../diffusion/inpaint/color-match.js'
import { outpaintPasses } from '../diffusion/inpaint/outpaint-passes.js'
import { padCanvas, resizeCanvas, unmaskBox } from '../diffusion/inpaint/work-size.js'
import { fitPreview } from '../diffusion/preview.js'
import { loadRemovalModel, type RemovalModel } from './removal-model.js'
import { applySymmetry, randomAugmentation, undoSymmetry } from './test-time-augmentation.js'

/** Margin of the picture around a hole that the model sees on each side: a share of the hole's longer side, and a minimum in pixels. */
const CONTEXT = { share: 0.5, minPixels: 128 } as const

/**
 * Object-removal models such as LaMa and MI-GAN, which fill a hole in one pass. They are fast and continue the surroundings of small
 * objects well; they read no prompt and invent no objects. Where much is added, the canvas is painted in passes. Where a device has
 * too little memory, the next one is used: {@link deviceFallback}.
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
  const network = deviceFallback(name, outOfMemory => loadRemovalModel(path, device, outOfMemory), log)

  return {
    name,

    async paint(canvas, { seeds, options, signal, onProgress, onMemoryFallback }) {
      const matchesColors = options?.colorMatch ?? true
      signal.throwIfAborted()
      const boxes = outpaintPasses(canvas.old, canvas.pixels)
      const pictures: Pixels[] = []
      for (const [index, seed] of seeds.entries()) {
        let { pixels, mask } = canvas
        for (const [pass, box] of boxes.entries()) {
          const part = cropCanvas({ pixels, mask, old: canvas.old }, box)
          if (part.mask.data.includes(PAINT)) {
            const painted = await network.run(model => paintMasked(model, part, (seed + pass) >>> 0, matchesColors))
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
      for (const fallback of await network.fallbacks()) onMemoryFallback?.(fallback)
      return pictures
    },

    close: network.close,
  }
}

/** Paint the masked part of a canvas, seen with its context. @returns all of the canvas */
async function paintMasked(model: RemovalModel, canvas: Canvas, seed: number, matchesColors: boolean): Promise<Pixels> {
  const hole = maskBounds(canvas.mask)!
  const padding = Math.max(CONTEXT.minPixels, Math.ceil(Math.max(hole.width, hole.height) * CONTEXT.share))
  const box = paddedBounds(canvas.mask, padding)!
  const part = cropCanvas(canvas, box)
  const workSize = model.workSize ?? box
  const { symmetry, innerBox } = randomAugmentation(seed, box, workSize)
  const augmented = applySymmetry(part, symmetry)
  const { pixels, mask } = padCanvas(await resizeCanvas(augmented, innerBox), innerBox, workSize)
  const painted = await resizePixels(cropPixels(await model.erase(pixels, mask), innerBox), augmented.pixels)
  const upright = undoSymmetry(painted, symmetry)
  return paste(canvas.pixels, matchesColors ? matchColors(upright, part.pixels, part.mask) : upright, box)
}
