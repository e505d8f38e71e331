import type { Box, Extent } from '../../../image/geometry.js'
import { KEEP, type Mask, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import type { InpaintConditioning } from '../sampling/denoise.js'
import { latentMask, type MaskRule, maskedImage } from './inpaint-conditioning.js'
import { once } from './once.js'
import { ownSize, padCanvas, resizeCanvas, workSize } from './work-size.js'

/** A canvas at the size at which a model paints it, and what follows from it. Pictures that start from the same canvas share it. */
export type WorkRegion = {
  readonly size: Extent
  /** The part of `size` that shows the canvas. */
  readonly contentBox: Box
  readonly known: Pixels
  readonly mask: Mask
  /** Nothing is known. */
  readonly isBlank: boolean
  /** As `latentMask`; computed once. */
  readonly latentMask: () => Float32Array
  /**
   * What the model inpaints with; the masked image is encoded once.
   *
   * @param originalLatents of the initial image, shape [LATENT_CHANNELS, height / 8, width / 8]
   * @throws InferenceError
   */
  readonly conditioning: (originalLatents: Float32Array) => Promise<InpaintConditioning>
}

type WorkRegionOptions = {
  readonly atOwnSize?: boolean
  readonly sameMask?: WorkRegion | undefined
  readonly rule?: MaskRule
}

/**
 * @param atOwnSize the canvas is painted at its own size, whose sides are multiples of 64
 * @param sameMask a region with the same mask and the same size, which is taken over
 * @param rule how its mask becomes one of latents
 */
export async function workRegion(
  model: DiffusionModel,
  canvas: Canvas,
  { atOwnSize = false, sameMask, rule }: WorkRegionOptions = {},
): Promise<WorkRegion> {
  const { unet, vae } = model
  const { size, contentBox } = atOwnSize ? ownSize(canvas.pixels) : workSize(canvas.pixels, model)
  const resized = padCanvas(await resizeCanvas(canvas, contentBox), contentBox, size)
  const known = resized.pixels
  const mask = sameMask?.mask ?? resized.mask
  const ownLatentMask = sameMask?.latentMask ?? once(() => latentMask(mask, unet.channels, rule))
  const maskedImageLatents = once(() => vae.encode(maskedImage(known, mask, ownLatentMask(), rule), size))
  return {
    size,
    contentBox,
    known,
    mask,
    isBlank: sameMask?.isBlank ?? !mask.data.includes(KEEP),
    latentMask: ownLatentMask,
    conditioning: async originalLatents => ({
      mask: ownLatentMask(),
      originalLatents,
      maskedImageLatents: unet.channels === 4 ? originalLatents : await maskedImageLatents(),
    }),
  }
}
