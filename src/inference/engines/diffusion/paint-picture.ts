import { cropCanvas, paste } from '../../image/crop.js'
import type { Box } from '../../image/geometry.js'
import { cropPixels, type Mask, PAINT, type Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { composite } from '../../pipeline/composite.js'
import type { PaintTask } from '../../pipeline/engine.js'
import type { InitialFill } from './inpaint/initial-fill.js'
import { type InpaintRegionParams, inpaintRegion } from './inpaint/inpaint-region.js'
import { SEAM_DENOISING_STRENGTH } from './inpaint/seam.js'
import { strengthMapIn } from './inpaint/soft-mask.js'
import { pasteTile } from './inpaint/tiles.js'
import { type WorkRegion, workRegion } from './inpaint/work-region.js'
import { unmaskBox, workSize } from './inpaint/work-size.js'

/** Denoising strength of the refining tiles: enough to add detail, too little to change the content. */
const REFINE_DENOISING_STRENGTH = 0.35

/** How the pictures of a job are painted: the same for all of them. */
export type PicturePlan = {
  readonly canvas: Canvas
  /** Boxes that are painted one after another. */
  readonly passes: readonly Box[]
  /** Boxes that are painted over at last. */
  readonly tiles: readonly Box[]
  /** What pictures have in common, once one of them needs it. */
  readonly shared: SharedRegions
}

type SharedRegions = {
  /** That of the first pass, in which all pictures start from the same canvas. */
  first?: Promise<WorkRegion>
  /** The mask of each pass's seam, and a region with that mask. */
  readonly seams: Map<number, { readonly mask: Promise<Mask | undefined>; region?: WorkRegion }>
}

export type PaintPictureParams = Pick<InpaintRegionParams, 'model' | 'refiner' | 'fill' | 'settings' | 'onDevice'> &
  Required<Pick<InpaintRegionParams, 'postProcess'>> & {
    readonly task: PaintTask
    readonly plan: PicturePlan
    /** As `fill`, for the first pass, in which all pictures start from the same canvas. */
    readonly firstFill: InitialFill
    readonly seed: number
    /** Index of the picture. */
    readonly index: number
    /** Called after each step with the progress of this picture, 0 to 1. */
    readonly onStep: InpaintRegionParams['onStep']
  }

/** Paint one picture: its passes with their seams, then its tiles. @throws as `inpaintRegion` does */
export async function paintPicture(params: PaintPictureParams): Promise<Pixels> {
  const { model, settings, task, plan, firstFill, seed, index, onStep, postProcess, ...rest } = params
  const { passes, tiles, canvas, shared } = plan
  const { signal, options = {} } = task
  const common = { model, settings, task, postProcess, ...rest }
  const passEffort = 1 + (settings.seam ? SEAM_DENOISING_STRENGTH : 0)
  const totalEffort = passes.length * passEffort + tiles.length * REFINE_DENOISING_STRENGTH
  // Each pass has its own seed: with the same noise all passes would paint the same shapes.
  const offsetSeed = (offset: number) => ({ seed: (seed + offset) >>> 0, variation: index + offset })
  const stepCallback = (effortBefore: number, effort: number) => ({
    onStep: (progress: number, preview: () => Promise<Pixels>) =>
      onStep((effortBefore + effort * progress) / totalEffort, preview),
  })
  let { pixels, mask } = canvas
  for (const [pass, box] of passes.entries()) {
    const isSinglePass = passes.length === 1
    const region = isSinglePass ? canvas : cropCanvas({ pixels, mask, old: canvas.old }, box)
    if (!region.mask.data.includes(PAINT)) continue
    const initImage = options.content === 'original' && task.initImage ? cropPixels(task.initImage, box) : undefined
    const strengthMap = strengthMapIn(task, box)
    if (pass === 0) shared.first ??= workRegion(model, region)
    let painted = await inpaintRegion({
      ...common,
      ...(pass === 0 && { fill: firstFill, prepared: await shared.first, isFirst: index === 0 }),
      region,
      initImage,
      strengthMap,
      ...offsetSeed(pass),
      ...stepCallback(pass * passEffort, 1),
    })
    signal.throwIfAborted()
    const scale = region.pixels.width / workSize(region.pixels, model).contentBox.width
    if (settings.seam && !shared.seams.has(pass)) {
      shared.seams.set(pass, { mask: postProcess.seamMask({ mask: region.mask, scale }) })
    }
    const seam = shared.seams.get(pass)
    const ownMask = await seam?.mask
    if (seam && ownMask) {
      const withPainted = { ...region, pixels: composite(region, painted), mask: ownMask }
      const prepared = await workRegion(model, withPainted, { sameMask: seam.region })
      seam.region ??= prepared
      const seamPainted = await inpaintRegion({
        ...common,
        region: withPainted,
        prepared,
        settings: {
          ...settings,
          content: 'original',
          strength: Math.min(SEAM_DENOISING_STRENGTH, settings.strength),
        },
        initImage: withPainted.pixels,
        strengthMap: strengthMap && { ...strengthMap, original: withPainted.pixels },
        ...offsetSeed(passes.length + tiles.length + pass),
        ...stepCallback(pass * passEffort + 1, SEAM_DENOISING_STRENGTH),
      })
      signal.throwIfAborted()
      painted = await postProcess.blendSeam({ mask: region.mask, scale, painted, seamPainted })
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
  return pixels
}
