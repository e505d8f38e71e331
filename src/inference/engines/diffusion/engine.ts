import { UserError } from '../../../user-error.js'
import type { LoraRequest } from '../../checkpoint/lora.js'
import { cropCanvas, paste } from '../../image/crop.js'
import type { Box } from '../../image/geometry.js'
import { cropPixels, PAINT, type Pixels } from '../../image/pixels.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import { InferenceError, OutOfMemoryError } from '../../onnx/network.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { composite } from '../../pipeline/composite.js'
import type { Engine, PaintTask } from '../../pipeline/engine.js'
import type { MemoryFallback } from '../../pipeline/memory-fallback.js'
import { fillEngine } from '../fill/engine.js'
import { inpaintRegion } from './inpaint/inpaint-region.js'
import { outpaintPasses, outpaintPassesBySide } from './inpaint/outpaint-passes.js'
import { blendSeam, SEAM_DENOISING_STRENGTH, seamMask } from './inpaint/seam.js'
import { isUpscaled, pasteTile, refineTiles } from './inpaint/tiles.js'
import { unmaskBox, workSize } from './inpaint/work-size.js'
import { type DiffusionModel, loadDiffusionModel } from './model/model.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { extractLoras } from './prompt/lora-tags.js'
import { type ResolvedOptions, resolveOptions } from './resolve-options.js'

/** At most one preview in so many milliseconds. */
const PREVIEW_PAUSE = 2000

/** A model that is not used for so long, in milliseconds, gives its memory back. */
const IDLE = 10 * 60_000

/**
 * What a model paints at where memory is too short for what it was trained at: the side of that, times this. It has to be at least
 * {@link LEAST} then.
 */
const SMALLER = [0.75, 0.5] as const

/** Models make nothing sensible of squares below this side, in latents. */
const LEAST = 32

/**
 * Stable Diffusion from a model's folder or a checkpoint. Canvases are painted at about the size that the model knows, in passes
 * where much is added, begun with what the `fill` engine paints there, and matched along the border, which may be painted once
 * more; tiles as large as the model knows may go over it where the canvas is larger.
 *
 * Where a device's memory is too short, the autoencoder works in tiles, and prompts go one by one; then what is painted at once
 * becomes smaller; then the next device takes over. That holds until the model is loaded anew.
 *
 * @param name that people know it by
 * @param path as `loadModel` takes it
 * @param device as `loadModel` takes it
 * @param tell is told, in a line, what computes the model whenever it is loaded, and what is done because memory is short
 */
export function diffusionEngine(
  name: string,
  path: string,
  device: string = AUTO_DEVICE,
  tell: (line: string) => void = () => {},
): Engine {
  const fill = fillEngine('fill')
  let loaded: { readonly key: string; readonly model: Promise<DiffusionModel> } | undefined
  /** Of what it was trained at, the side of what it paints. */
  let share = 1
  /** Devices that ran out of memory, and what they said. */
  const spent = new Map<string, string>()
  let idle: NodeJS.Timeout | undefined

  const close = async () => {
    clearTimeout(idle)
    const last = loaded
    loaded = undefined
    await (await last?.model.catch(() => undefined))?.close()
  }
  const forgetShortage = () => {
    share = 1
    spent.clear()
  }
  const unload = async () => {
    forgetShortage()
    await close()
  }
  const load = async (loras: readonly LoraRequest[]) => {
    clearTimeout(idle)
    const key = JSON.stringify(loras)
    if (loaded && loaded.key !== key) await unload()
    if (loaded) return loaded.model
    const model = loadDiffusionModel(path, device, { loras, spent, log: line => tell(`${name}: ${line}`) })
    loaded = { key, model }
    // What failed once may have been mended since.
    model.catch(() => {
      loaded = undefined
      forgetShortage()
    })
    const { device: on, reasons } = await model
    tell(`${name} is computed on ${on}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`)
    return model
  }
  /** After a model ran out of memory: paint smaller, or let the next device do it. */
  const settleForLess = async (model: DiffusionModel, { message, isGone }: OutOfMemoryError) => {
    const next = SMALLER.find(smaller => smaller < share)
    if (!isGone && next !== undefined && !model.unet.fixedSize && model.trained * next >= LEAST) {
      share = next
      tell(`${name}: memory is short on ${model.device}, so it paints at ${sideOf(model, share)} pixels (${message})`)
    } else {
      share = 1
      spent.set(model.device, message)
      tell(`${name}: memory is too short on ${model.device} (${message})`)
    }
    // Loaded anew also for the same device: what was got hold of for larger pieces is not given back before. One that is gone may
    // not even be left in order.
    await close().catch((error: Error) => tell(`${name}: ${model.device} could not be closed (${error.message})`))
  }

  return {
    name,
    async paint(canvas, task) {
      const { prompt, loras } = extractLoras(task.prompt)
      let done = 0
      // What is begun again is no step back.
      const onProgress: PaintTask['onProgress'] = progress => {
        done = Math.max(done, progress.done)
        task.onProgress({ ...progress, done })
      }
      for (;;) {
        task.signal.throwIfAborted()
        const model = await load(loras)
        try {
          const sized = { ...model, trained: Math.round(model.trained * share) }
          const pictures = await paintWith(sized, canvas, { ...task, prompt, onProgress }, fill)
          for (const saving of savingsOf(model, share)) task.onMemoryFallback?.(saving)
          return pictures
        } catch (error) {
          if (error instanceof OutOfMemoryError) await settleForLess(model, error)
          else if (!(error instanceof InferenceError)) throw error
          else throw new UserError({ code: 'model-unreadable', model: name, detail: error.message }, { cause: error })
        } finally {
          idle = setTimeout(() => void unload(), IDLE)
          idle.unref()
        }
      }
    },
    async close() {
      await unload()
      await fill.close()
    },
  }
}

/** The side of the squares that a model paints, in pixels. */
function sideOf({ trained }: DiffusionModel, share: number): number {
  return Math.round(trained * share) * VAE_SCALE_FACTOR
}

function savingsOf(model: DiffusionModel, share: number): MemoryFallback[] {
  const { device, short } = model
  return [
    ...short.slice(0, 1).map(instead => ({ kind: 'device', device, instead }) as const),
    ...(share < 1 ? [{ kind: 'smaller', side: sideOf(model, share) } as const] : []),
    ...(model.vae.isTiled() ? [{ kind: 'tiles' } as const] : []),
  ]
}

/** Denoising strength where tiles go over what is painted: enough for detail, too little for anything else. */
const REFINING = 0.35

async function paintWith(model: DiffusionModel, canvas: Canvas, task: PaintTask, fill: Engine): Promise<Pixels[]> {
  const { seeds, signal, options = {}, onProgress } = task
  const how = resolveOptions(options, model)
  const boxes = (how.bySide ? outpaintPassesBySide : outpaintPasses)(canvas.old, canvas.pixels)
  const tiles = how.refine ? tilesOn(canvas, model) : []
  const each = 1 + (how.seam ? SEAM_DENOISING_STRENGTH : 0)
  const effort = boxes.length * each + tiles.length * REFINING
  const finished: Pixels[] = []
  let shown = Number.NEGATIVE_INFINITY
  for (const [index, seed] of seeds.entries()) {
    // Passes are different pictures: with the same noise they would repeat themselves.
    const moved = (by: number) => ({ seed: (seed + by) >>> 0, variation: index + by })
    const stepping = (before: number, weight: number) => ({
      async onStep(share: number, preview: () => Promise<Pixels>) {
        const done = Math.min(0.99, (index + (before + weight * share) / effort) / seeds.length)
        const now = performance.now()
        const isDue = index === 0 && now - shown >= PREVIEW_PAUSE
        if (isDue) shown = now
        onProgress(isDue ? { done, preview: await preview() } : { done })
      },
    })
    let { pixels, mask } = canvas
    for (const [pass, box] of boxes.entries()) {
      const isWhole = boxes.length === 1
      const piece = isWhole ? canvas : cropCanvas({ pixels, mask, old: canvas.old }, box)
      if (!piece.mask.data.includes(PAINT)) continue
      const under = options.content === 'original' && task.initImage ? cropPixels(task.initImage, box) : undefined
      const steps = stepping(pass * each, 1)
      let painted = await inpaintRegion({ model, fill, piece, task, how, under, ...moved(pass), ...steps })
      signal.throwIfAborted()
      const scale = piece.pixels.width / workSize(piece.pixels, model).place.width
      const border = how.seam && seamMask(piece.mask, scale)
      if (border) {
        const all = composite(piece, painted)
        const again = await inpaintRegion({
          model,
          fill,
          piece: { ...piece, pixels: all, mask: border },
          task,
          how: { ...how, content: 'original', strength: Math.min(SEAM_DENOISING_STRENGTH, how.strength) },
          under: all,
          ...moved(boxes.length + tiles.length + pass),
          ...stepping(pass * each + 1, SEAM_DENOISING_STRENGTH),
        })
        signal.throwIfAborted()
        painted = blendSeam(piece.mask, scale, painted, again)
      }
      if (isWhole) pixels = painted
      else {
        pixels = paste(pixels, composite(piece, painted), box)
        mask = unmaskBox(mask, box)
      }
    }
    for (const [tile, box] of tiles.entries()) {
      const piece = cropCanvas({ ...canvas, pixels }, box)
      const detail: ResolvedOptions = { ...how, content: 'original', strength: REFINING }
      const steps = stepping(boxes.length * each + tile * REFINING, REFINING)
      const by = moved(boxes.length + tile)
      const under = piece.pixels
      const painted = await inpaintRegion({ model, fill, piece, task, how: detail, under, ...by, ...steps })
      signal.throwIfAborted()
      pixels = pasteTile(pixels, painted, box)
    }
    finished.push(pixels)
  }
  onProgress({ done: 1 })
  return finished
}

/** What the canvas is gone over in, at its own size; nothing where it was painted about as large as it is. */
function tilesOn(canvas: Canvas, model: DiffusionModel): Box[] {
  if (!isUpscaled(canvas.pixels, workSize(canvas.pixels, model).place)) return []
  return refineTiles(canvas.mask, model.trained * VAE_SCALE_FACTOR)
}
