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
import { loadRemovalModel, type RemovalModel } from './removal-network.js'
import { applySymmetry, randomAugmentation, undoSymmetry } from './test-time-augmentation.js'

/** So much of the picture around a hole is seen with it, on each side: a share of the hole's longer side, and pixels at least. */
const AROUND = { share: 0.5, least: 128 } as const

/**
 * Networks that fill holes in one pass, like LaMa and MI-GAN: quick, sure of what goes on behind something small, and unable to
 * read or to invent. Canvases to which much is added are painted in passes. Where a device's memory is too short, the next one takes
 * over until the network is loaded anew.
 *
 * @param name that people know it by
 * @param path of an ONNX graph, as `loadEraser` takes it
 * @param device as `loadEraser` takes it
 * @param tell is told, in a line, what computes the network when it is loaded, and when a device has too little memory
 */
export function eraseEngine(
  name: string,
  path: string,
  device: string = AUTO_DEVICE,
  tell: (line: string) => void = () => {},
): Engine {
  let loaded: Promise<RemovalModel> | undefined
  /** Devices that ran out of memory since the network was last asked for anew, and what they said. */
  const spent = new Map<string, string>()
  const load = async () => {
    if (loaded) return loaded
    loaded = loadRemovalModel(path, device, spent)
    // What failed once may have been mended since.
    loaded.catch(() => {
      loaded = undefined
      spent.clear()
    })
    const { device: on, reasons } = await loaded
    tell(`${name} is computed on ${on}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`)
    return loaded
  }
  const unload = async () => {
    const last = loaded
    loaded = undefined
    await (await last?.catch(() => undefined))?.close()
  }
  /** Where the device has too little memory the next one does it. */
  const computed = async <Result>(work: (eraser: RemovalModel) => Promise<Result>): Promise<Result> => {
    for (;;) {
      const eraser = await load()
      try {
        return await work(eraser)
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error
        if (!(error instanceof OutOfMemoryError)) {
          throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
        }
        spent.set(eraser.device, error.message)
        tell(`${name}: memory is too short on ${eraser.device} (${error.message})`)
        // A device that is gone may not even be left in order.
        await unload().catch((cause: Error) => tell(`${name}: ${eraser.device} could not be closed (${cause.message})`))
      }
    }
  }

  return {
    name,

    async paint(canvas, { seeds, signal, onProgress, onMemoryFallback }) {
      signal.throwIfAborted()
      const boxes = outpaintPasses(canvas.old, canvas.pixels)
      const finished: Pixels[] = []
      for (const [index, seed] of seeds.entries()) {
        let { pixels, mask } = canvas
        for (const [pass, box] of boxes.entries()) {
          const piece = cropCanvas({ pixels, mask, old: canvas.old }, box)
          if (piece.mask.data.includes(PAINT)) {
            const painted = await computed(eraser => paintPiece(eraser, piece, (seed + pass) >>> 0))
            pixels = paste(pixels, composite(piece, painted), box)
            mask = unmaskBox(mask, box)
          }
          signal.throwIfAborted()
          const done = Math.min(0.99, (index + (pass + 1) / boxes.length) / seeds.length)
          onProgress(index === 0 ? { done, preview: await fitPreview(pixels) } : { done })
          signal.throwIfAborted()
        }
        finished.push(pixels)
      }
      onProgress({ done: 1 })
      const eraser = await loaded
      for (const instead of eraser?.outOfMemoryDevices.slice(0, 1) ?? [])
        onMemoryFallback?.({ kind: 'device', device: eraser!.device, instead })
      return finished
    },

    close: unload,
  }
}

/** @returns the whole piece, painted as far as its mask asks for it */
async function paintPiece(eraser: RemovalModel, piece: Canvas, seed: number): Promise<Pixels> {
  const hole = maskBounds(piece.mask)!
  const padding = Math.max(AROUND.least, Math.ceil(Math.max(hole.width, hole.height) * AROUND.share))
  const box = paddedBounds(piece.mask, padding)!
  const seen = cropCanvas(piece, box)
  const size = eraser.workSize ?? box
  const { symmetry, innerBox } = randomAugmentation(seed, box, size)
  const shown = applySymmetry(seen, symmetry)
  const { pixels, mask } = padCanvas(await resizeCanvas(shown, innerBox), innerBox, size)
  const painted = await resizePixels(cropPixels(await eraser.erase(pixels, mask), innerBox), shown.pixels)
  return paste(piece.pixels, matchTonesAtBorder(undoSymmetry(painted, symmetry), seen.pixels, seen.mask), box)
}
