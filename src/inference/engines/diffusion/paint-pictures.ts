import { cropCanvas, paste } from '../../image/crop.js'
import type { Box } from '../../image/geometry.js'
import { cropPixels, PAINT, type Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { composite } from '../../pipeline/composite.js'
import type { Engine, PaintTask } from '../../pipeline/engine.js'
import { fillAhead, fillOnDemand } from './inpaint/initial-fill.js'
import { inpaintRegion } from './inpaint/inpaint-region.js'
import { outpaintPasses, outpaintPassesBySide } from './inpaint/outpaint-passes.js'
import type { Refiner } from './inpaint/sample-latents.js'
import { blendSeam, SEAM_DENOISING_STRENGTH, seamMask } from './inpaint/seam.js'
import { strengthMapIn } from './inpaint/soft-mask.js'
import { isUpscaled, pasteTile, refineTiles } from './inpaint/tiles.js'
import { unmaskBox, workSize } from './inpaint/work-size.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { redrawInTiles } from './redraw-tiles.js'
import { resolveOptions } from './resolve-options.js'

/** Shortest time between two previews. */
const PREVIEW_INTERVAL_MS = 2000

/** Denoising strength of the refining tiles: enough to add detail, too little to change the content. */
const REFINE_DENOISING_STRENGTH = 0.35

/**
 * Paint one picture for each seed.
 *
 * A canvas much larger than its source is outpainted in several passes, each at about the model's sample size. Each
 * pass starts from what the `fill` engine paints under the mask, and its colors are matched along the border.
 * With `options.tiles` the whole picture is painted over instead ({@link redrawInTiles}).
 * Then the seam may be painted once more, and tiles of the sample size may refine a canvas that is larger than what was
 * painted.
 *
 * @throws the signal's reason; those of `inpaintRegion`
 */
export async function paintPictures(
  model: DiffusionModel,
  canvas: Canvas,
  task: PaintTask,
  fill: Engine,
  refiner?: Refiner,
): Promise<Pixels[]> {
  const { seeds, signal, options = {}, onProgress } = task
  if (options.tiles && task.initImage)
    return redrawInTiles(model, task.initImage, task, fillOnDemand(fill, signal), refiner)
  const settings = resolveOptions(options, model)
  const passes = (settings.bySide ? outpaintPassesBySide : outpaintPasses)(canvas.old, canvas.pixels)
  const tiles = settings.refine ? tilesToRefine(canvas, model) : []
  const passEffort = 1 + (settings.seam ? SEAM_DENOISING_STRENGTH : 0)
  const totalEffort = passes.length * passEffort + tiles.length * REFINE_DENOISING_STRENGTH
  const onDemand = fillOnDemand(fill, signal)
  // On the CPU denoising takes all cores.
  const inFirstPass = model.device === 'cpu' ? onDemand : fillAhead(fill, seeds, signal)
  const common = { model, refiner, fill: onDemand, task, settings }
  const finished: Pixels[] = []
  let lastPreviewTime = Number.NEGATIVE_INFINITY
  for (const [index, seed] of seeds.entries()) {
    // Each pass has its own seed: with the same noise all passes would paint the same shapes.
    const offsetSeed = (offset: number) => ({ seed: (seed + offset) >>> 0, variation: index + offset })
    const stepCallback = (effortBefore: number, effort: number) => ({
      async onStep(stepProgress: number, preview: () => Promise<Pixels>) {
        const done = Math.min(0.99, (index + (effortBefore + effort * stepProgress) / totalEffort) / seeds.length)
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
      const strengthMap = strengthMapIn(task, box)
      let painted = await inpaintRegion({
        ...common,
        ...(pass === 0 && { fill: inFirstPass }),
        region,
        initImage,
        strengthMap,
        ...offsetSeed(pass),
        ...stepCallback(pass * passEffort, 1),
      })
      signal.throwIfAborted()
      const scale = region.pixels.width / workSize(region.pixels, model).contentBox.width
      const seam = settings.seam && seamMask(region.mask, scale)
      if (seam) {
        const withPainted = composite(region, painted)
        const seamPainted = await inpaintRegion({
          ...common,
          region: { ...region, pixels: withPainted, mask: seam },
          settings: {
            ...settings,
            content: 'original',
            strength: Math.min(SEAM_DENOISING_STRENGTH, settings.strength),
          },
          initImage: withPainted,
          strengthMap: strengthMap && { ...strengthMap, original: withPainted },
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
      const effortBefore = passes.length * passEffort + tile * REFINE_DENOISING_STRENGTH
      const strengthMap = strengthMapIn(task, box)
      const painted = await inpaintRegion({
        ...common,
        region,
        settings: { ...settings, content: 'original', strength: REFINE_DENOISING_STRENGTH },
        initImage: region.pixels,
        strengthMap: strengthMap && { ...strengthMap, original: region.pixels },
        ...offsetSeed(passes.length + tile),
        ...stepCallback(effortBefore, REFINE_DENOISING_STRENGTH),
      })
      signal.throwIfAborted()
      pixels = pasteTile(pixels, painted, box)
    }
    finished.push(pixels)
    task.onPicture?.(pixels, index)
  }
  onProgress({ done: 1 })
  return finished
}

/** Tiles that refine the canvas at its full size; none where it was painted at about its own size. */
function tilesToRefine(canvas: Canvas, model: DiffusionModel): Box[] {
  if (!isUpscaled(canvas.pixels, workSize(canvas.pixels, model).contentBox)) return []
  return refineTiles(canvas.mask, model.sampleSize * VAE_SCALE_FACTOR)
}
