import type { Box } from '../../image/geometry.js'
import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import type { Engine, PaintTask } from '../../pipeline/engine.js'
import { fillAhead, fillOnDemand, type InitialFill } from './inpaint/initial-fill.js'
import { outpaintPasses, outpaintPassesBySide } from './inpaint/outpaint-passes.js'
import { type PostProcess, postProcessHere } from './inpaint/post-process.js'
import type { Refiner } from './inpaint/sample-latents.js'
import { isUpscaled, refineTiles } from './inpaint/tiles.js'
import { workSize } from './inpaint/work-size.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { type PicturePlan, paintPicture } from './paint-picture.js'
import { redrawInTiles } from './redraw-tiles.js'
import { resolveOptions } from './resolve-options.js'
import { mapAtOnce, takeTurns } from './take-turns.js'

/** Shortest time between two previews. */
const PREVIEW_INTERVAL_MS = 2000

/**
 * On a GPU two pictures are under way: while one is filled or post-processed, the GPU works on the other. A third one would only take
 * memory.
 */
const PICTURES_AT_ONCE = 2

/**
 * Paint one picture for each seed.
 *
 * A canvas much larger than its source is outpainted in several passes, each at about the model's sample size. Each
 * pass starts from what the `fill` engine paints under the mask, and its colors are matched along the border.
 * With `options.tiles` the whole picture is painted over instead ({@link redrawInTiles}).
 * Then the seam may be painted once more, and tiles of the sample size may refine a canvas that is larger than what was
 * painted.
 *
 * @param postProcess of several pictures on a GPU: what is done to one of them while the next one is painted
 * @throws the signal's reason; those of `inpaintRegion`. Then nothing is under way any more
 */
export async function paintPictures(
  model: DiffusionModel,
  canvas: Canvas,
  task: PaintTask,
  fill: Engine,
  refiner?: Refiner,
  postProcess: PostProcess = postProcessHere,
): Promise<Pixels[]> {
  const { seeds, options = {}, onProgress } = task
  if (options.tiles && task.initImage)
    return redrawInTiles(model, task.initImage, task, fillOnDemand(fill, task.signal), refiner)
  const settings = resolveOptions(options, model)
  const passes = (settings.bySide ? outpaintPassesBySide : outpaintPasses)(canvas.old, canvas.pixels)
  const tiles = settings.refine ? tilesToRefine(canvas, model) : []
  const plan: PicturePlan = { canvas, passes, tiles, shared: { seams: new Map() } }
  // On the CPU denoising takes all cores.
  const isOnCpu = model.device === 'cpu'
  const onDevice = takeTurns()
  const progress = seeds.map(() => 0)
  let ahead: InitialFill | undefined
  let lastPreviewTime = Number.NEGATIVE_INFINITY

  const paintOne = async (seed: number, index: number, signal: AbortSignal): Promise<Pixels> => {
    const own = fillOnDemand(fill, signal)
    ahead ??= isOnCpu ? own : fillAhead(fill, seeds, signal)
    const pixels = await paintPicture({
      model,
      refiner,
      fill: own,
      firstFill: ahead,
      settings,
      task: { ...task, signal },
      plan,
      onDevice,
      postProcess: isOnCpu || seeds.length === 1 ? postProcessHere : postProcess,
      seed,
      index,
      async onStep(ownProgress, preview) {
        progress[index] = ownProgress
        const done = Math.min(0.99, progress.reduce((sum, one) => sum + one, 0) / seeds.length)
        const now = performance.now()
        const isDue = index === 0 && now - lastPreviewTime >= PREVIEW_INTERVAL_MS
        if (isDue) lastPreviewTime = now
        onProgress(isDue ? { done, preview: await preview() } : { done })
      },
    })
    task.onPicture?.(pixels, index)
    return pixels
  }
  const finished = await mapAtOnce(seeds, isOnCpu ? 1 : PICTURES_AT_ONCE, task.signal, paintOne)
  onProgress({ done: 1 })
  return finished
}

/** Tiles that refine the canvas at its full size; none where it was painted at about its own size. */
function tilesToRefine(canvas: Canvas, model: DiffusionModel): Box[] {
  if (!isUpscaled(canvas.pixels, workSize(canvas.pixels, model).contentBox)) return []
  return refineTiles(canvas.mask, model.sampleSize * VAE_SCALE_FACTOR)
}
