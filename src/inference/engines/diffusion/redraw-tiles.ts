import type { Box } from '../../image/geometry.js'
import { filledPixels, type Pixels } from '../../image/pixels.js'
import { wholeCanvas } from '../../pipeline/canvas.js'
import { REDRAW_OVERLAP } from '../../pipeline/edit.js'
import type { PaintTask, PaintTaskOptions } from '../../pipeline/engine.js'
import type { InitialFill } from './inpaint/initial-fill.js'
import { inpaintRegion } from './inpaint/inpaint-region.js'
import type { Refiner } from './inpaint/sample-latents.js'
import { SIDE_MULTIPLE } from './inpaint/work-size.js'
import type { DiffusionModel } from './model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'
import { fitPreview } from './preview.js'
import { resolveOptions } from './resolve-options.js'
import { noiseField } from './sampling/noise.js'
import { blendAcross, blendDown, cropMirrored, type Span, tileSpans } from './tile-grid.js'

/** Shortest time between two previews, in milliseconds: of a large picture each takes a tenth of a second. */
const PREVIEW_INTERVAL_MS = 2000

/**
 * Paint over a picture of any size in tiles, as A1111's script "SD upscale" does: image to image with the same prompt for each tile, at
 * `options.strength`. The memory that sampling takes is that of one tile.
 *
 * Tiles overlap, and one fades into the next. Their noise is one field over the whole picture
 * ({@link noiseField}), so that both tiles paint nearly the same there and nothing is blurred.
 *
 * @param picture of at least one pixel
 * @returns one picture for each seed
 * @throws the signal's reason within a step; those of `inpaintRegion`
 */
export async function redrawInTiles(
  model: DiffusionModel,
  picture: Pixels,
  task: PaintTask,
  fill: InitialFill,
  refiner?: Refiner,
): Promise<Pixels[]> {
  const { seeds, signal, options = {}, onProgress } = task
  const settings = { ...resolveOptions(options, model), content: 'original' as const }
  const { columns, rows } = tileGrid(picture, model, options.tiles)
  const count = columns.length * rows.length * seeds.length
  const finished: Pixels[] = []
  let done = 0
  let lastPreviewTime = performance.now()
  for (const [index, seed] of seeds.entries()) {
    const result = { ...picture, data: picture.data.slice() }
    for (const down of rows) {
      const band = filledPixels({ width: picture.width, height: down.length })
      for (const across of columns) {
        const box = { x: across.start, y: down.start, width: across.length, height: down.length }
        const tile = cropMirrored(picture, box)
        const painted = await inpaintRegion({
          model,
          refiner,
          fill,
          task,
          settings,
          region: wholeCanvas(tile),
          initImage: tile,
          atOwnSize: true,
          seed,
          variation: index,
          noise: own => noiseField(own, inLatents(box)),
          onStep: async progress => onProgress({ done: Math.min(0.99, (done + progress) / count) }),
        })
        signal.throwIfAborted()
        blendAcross(band, painted, across)
        done++
      }
      blendDown(result, band, down)
      if (index === 0 && performance.now() - lastPreviewTime >= PREVIEW_INTERVAL_MS) {
        lastPreviewTime = performance.now()
        onProgress({ done: Math.min(0.99, done / count), preview: await fitPreview(result) })
      }
    }
    finished.push(result)
  }
  onProgress({ done: 1 })
  return finished
}

/** The columns and rows of tiles that together cover a picture. */
function tileGrid(
  { width, height }: Pixels,
  { sampleSize, unet }: DiffusionModel,
  {
    factor = 1,
    size = sampleSize * VAE_SCALE_FACTOR * factor,
    overlap = REDRAW_OVERLAP.default,
  }: NonNullable<PaintTaskOptions['tiles']> = {},
): { columns: Span[]; rows: Span[] } {
  if (unet.fixedSize) {
    const [down, across] = unet.fixedSize.map(latents => latents * VAE_SCALE_FACTOR)
    return { columns: tileSpans(width, across!, overlap), rows: tileSpans(height, down!, overlap) }
  }
  const toMultiple = (length: number) => Math.max(1, Math.ceil(length / SIDE_MULTIPLE)) * SIDE_MULTIPLE
  const side = toMultiple(size)
  const spans = (length: number) => tileSpans(length, Math.min(side, toMultiple(length)), overlap)
  return { columns: spans(width), rows: spans(height) }
}

function inLatents({ x, y, width, height }: Box): Box {
  const [left, top, across, down] = [x, y, width, height].map(length => length / VAE_SCALE_FACTOR)
  return { x: left!, y: top!, width: across!, height: down! }
}
