import { UserError } from '../../../user-error.js'
import type { LoraRequest } from '../../checkpoint/lora.js'
import { cropCanvas, paste } from '../../image/crop.js'
import type { Box } from '../../image/geometry.js'
import { cropPixels, PAINT, type Pixels } from '../../image/pixels.js'
import { AUTO_DEVICE } from '../../onnx/device-names.js'
import { InferenceError, OutOfMemoryError } from '../../onnx/session.js'
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
import { type DiffusionModel, loadDiffusionModel } from './model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { extractLoras } from './prompt/lora-tags.js'
import { type ResolvedOptions, resolveOptions } from './resolve-options.js'

/** At most one preview in so many milliseconds. */
const PREVIEW_INTERVAL_MS = 2000

/** A model that is not used for so long, in milliseconds, gives its memory back. */
const UNLOAD_AFTER_IDLE_MS = 10 * 60_000

/**
 * What a model paints at where memory is too short for what it was trained at: the side of that, times this. It has to be at least
 * {@link MIN_SAMPLE_SIZE} then.
 */
const REDUCED_SIZE_FACTORS = [0.75, 0.5] as const

/** Models make nothing sensible of squares below this side, in latents. */
const MIN_SAMPLE_SIZE = 32

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
 * @param log is told, in a line, what computes the model whenever it is loaded, and what is done because memory is short
 */
export function diffusionEngine(
  name: string,
  path: string,
  device: string = AUTO_DEVICE,
  log: (line: string) => void = () => {},
): Engine {
  const fill = fillEngine('fill')
  let loaded: { readonly key: string; readonly model: Promise<DiffusionModel> } | undefined
  /** Of what it was trained at, the side of what it paints. */
  let sizeFactor = 1
  /** Devices that ran out of memory, and what they said. */
  const exhaustedDevices = new Map<string, string>()
  let idleTimer: NodeJS.Timeout | undefined

  const close = async () => {
    clearTimeout(idleTimer)
    const previous = loaded
    loaded = undefined
    await (await previous?.model.catch(() => undefined))?.close()
  }
  const resetFallbacks = () => {
    sizeFactor = 1
    exhaustedDevices.clear()
  }
  const unload = async () => {
    resetFallbacks()
    await close()
  }
  const load = async (loras: readonly LoraRequest[]) => {
    clearTimeout(idleTimer)
    const key = JSON.stringify(loras)
    if (loaded && loaded.key !== key) await unload()
    if (loaded) return loaded.model
    const model = loadDiffusionModel(path, device, {
      loras,
      excludedDevices: exhaustedDevices,
      log: line => log(`${name}: ${line}`),
    })
    loaded = { key, model }
    // What failed once may have been mended since.
    model.catch(() => {
      loaded = undefined
      resetFallbacks()
    })
    const { device: computedOn, fallbackReasons: reasons } = await model
    log(`${name} is computed on ${computedOn}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`)
    return model
  }
  /** After a model ran out of memory: paint smaller, or let the next device do it. */
  const fallBack = async (model: DiffusionModel, { message, isDeviceLost: isGone }: OutOfMemoryError) => {
    const nextFactor = REDUCED_SIZE_FACTORS.find(factor => factor < sizeFactor)
    if (
      !isGone &&
      nextFactor !== undefined &&
      !model.unet.fixedSize &&
      model.sampleSize * nextFactor >= MIN_SAMPLE_SIZE
    ) {
      sizeFactor = nextFactor
      log(
        `${name}: memory is short on ${model.device}, so it paints at ${paintedSide(model, sizeFactor)} pixels (${message})`,
      )
    } else {
      sizeFactor = 1
      exhaustedDevices.set(model.device, message)
      log(`${name}: memory is too short on ${model.device} (${message})`)
    }
    // Loaded anew also for the same device: what was got hold of for larger pieces is not given back before. One that is gone may
    // not even be left in order.
    await close().catch((error: Error) => log(`${name}: ${model.device} could not be closed (${error.message})`))
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
          const resizedModel = { ...model, sampleSize: Math.round(model.sampleSize * sizeFactor) }
          const pictures = await paintPictures(resizedModel, canvas, { ...task, prompt, onProgress }, fill)
          for (const fallback of memoryFallbacks(model, sizeFactor)) task.onMemoryFallback?.(fallback)
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
    },
  }
}

/** The side of the squares that a model paints, in pixels. */
function paintedSide({ sampleSize: trained }: DiffusionModel, sizeFactor: number): number {
  return Math.round(trained * sizeFactor) * VAE_SCALE_FACTOR
}

function memoryFallbacks(model: DiffusionModel, sizeFactor: number): MemoryFallback[] {
  const { device, outOfMemoryDevices: short } = model
  return [
    ...short.slice(0, 1).map(instead => ({ kind: 'device', device, instead }) as const),
    ...(sizeFactor < 1 ? [{ kind: 'smaller', side: paintedSide(model, sizeFactor) } as const] : []),
    ...(model.vae.isTiled() ? [{ kind: 'tiles' } as const] : []),
  ]
}

/** Denoising strength where tiles go over what is painted: enough for detail, too little for anything else. */
const REFINE_DENOISING_STRENGTH = 0.35

async function paintPictures(model: DiffusionModel, canvas: Canvas, task: PaintTask, fill: Engine): Promise<Pixels[]> {
  const { seeds, signal, options = {}, onProgress } = task
  const settings = resolveOptions(options, model)
  const passes = (settings.bySide ? outpaintPassesBySide : outpaintPasses)(canvas.old, canvas.pixels)
  const tiles = settings.refine ? tilesToRefine(canvas, model) : []
  const passEffort = 1 + (settings.seam ? SEAM_DENOISING_STRENGTH : 0)
  const totalEffort = passes.length * passEffort + tiles.length * REFINE_DENOISING_STRENGTH
  const finished: Pixels[] = []
  let lastPreviewTime = Number.NEGATIVE_INFINITY
  for (const [index, seed] of seeds.entries()) {
    // Passes are different pictures: with the same noise they would repeat themselves.
    const offsetSeed = (offset: number) => ({ seed: (seed + offset) >>> 0, variation: index + offset })
    const stepCallback = (before: number, weight: number) => ({
      async onStep(stepProgress: number, preview: () => Promise<Pixels>) {
        const done = Math.min(0.99, (index + (before + weight * stepProgress) / totalEffort) / seeds.length)
        const now = performance.now()
        const isDue = index === 0 && now - lastPreviewTime >= PREVIEW_INTERVAL_MS
        if (isDue) lastPreviewTime = now
        onProgress(isDue ? { done, preview: await preview() } : { done })
      },
    })
    let { pixels, mask } = canvas
    for (const [pass, box] of passes.entries()) {
      const isSinglePass = passes.length === 1
      const region = isSinglePass ? canvas : cropCanvas({ pixels, mask, old: canvas.old }, box)
      if (!region.mask.data.includes(PAINT)) continue
      const initImage = options.content === 'original' && task.initImage ? cropPixels(task.initImage, box) : undefined
      const steps = stepCallback(pass * passEffort, 1)
      let painted = await inpaintRegion({
        model,
        fill,
        region,
        task,
        settings,
        initImage,
        ...offsetSeed(pass),
        ...steps,
      })
      signal.throwIfAborted()
      const scale = region.pixels.width / workSize(region.pixels, model).place.width
      const seam = settings.seam && seamMask(region.mask, scale)
      if (seam) {
        const withPainted = composite(region, painted)
        const seamPainted = await inpaintRegion({
          model,
          fill,
          region: { ...region, pixels: withPainted, mask: seam },
          task,
          settings: {
            ...settings,
            content: 'original',
            strength: Math.min(SEAM_DENOISING_STRENGTH, settings.strength),
          },
          initImage: withPainted,
          ...offsetSeed(passes.length + tiles.length + pass),
          ...stepCallback(pass * passEffort + 1, SEAM_DENOISING_STRENGTH),
        })
        signal.throwIfAborted()
        painted = blendSeam(region.mask, scale, painted, seamPainted)
      }
      if (isSinglePass) pixels = painted
      else {
        pixels = paste(pixels, composite(region, painted), box)
        mask = unmaskBox(mask, box)
      }
    }
    for (const [tile, box] of tiles.entries()) {
      const region = cropCanvas({ ...canvas, pixels }, box)
      const refineSettings: ResolvedOptions = { ...settings, content: 'original', strength: REFINE_DENOISING_STRENGTH }
      const steps = stepCallback(
        passes.length * passEffort + tile * REFINE_DENOISING_STRENGTH,
        REFINE_DENOISING_STRENGTH,
      )
      const offset = offsetSeed(passes.length + tile)
      const initImage = region.pixels
      const painted = await inpaintRegion({
        model,
        fill,
        region,
        task,
        settings: refineSettings,
        initImage,
        ...offset,
        ...steps,
      })
      signal.throwIfAborted()
      pixels = pasteTile(pixels, painted, box)
    }
    finished.push(pixels)
  }
  onProgress({ done: 1 })
  return finished
}

/** What the canvas is gone over in, at its own size; nothing where it was painted about as large as it is. */
function tilesToRefine(canvas: Canvas, model: DiffusionModel): Box[] {
  if (!isUpscaled(canvas.pixels, workSize(canvas.pixels, model).place)) return []
  return refineTiles(canvas.mask, model.sampleSize * VAE_SCALE_FACTOR)
}
