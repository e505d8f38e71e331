import type { Box, Extent } from '../../../image/geometry.js'
import { KEEP, type Mask, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { latentMask, maskedImage } from './inpaint-conditioning.js'
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
  /** Of the known picture with grey under the mask, for models of 9 channels; encoded once. @throws InferenceError */
  readonly maskedImageLatents: () => Promise<Float32Array>
}

/**
 * @param atOwnSize the canvas is painted at its own size, whose sides are multiples of 64
 * @param sameMask a region with the same mask and the same size, which is taken over
 */
export async function workRegion(
  model: DiffusionModel,
  canvas: Canvas,
  { atOwnSize = false, sameMask }: { readonly atOwnSize?: boolean; readonly sameMask?: WorkRegion | undefined } = {},
): Promise<WorkRegion> {
  const { size, contentBox } = atOwnSize ? ownSize(canvas.pixels) : workSize(canvas.pixels, model)
  const resized = padCanvas(await resizeCanvas(canvas, contentBox), contentBox, size)
  const known = resized.pixels
  const mask = sameMask?.mask ?? resized.mask
  const ownLatentMask = sameMask?.latentMask ?? once(() => latentMask(mask, model.unet.channels))
  return {
    size,
    contentBox,
    known,
    mask,
    isBlank: sameMask?.isBlank ?? !mask.data.includes(KEEP),
    latentMask: ownLatentMask,
    maskedImageLatents: once(() => model.vae.encode(maskedImage(known, mask, ownLatentMask()), size)),
  }
}

/** A function that computes its result when it is called first. */
export function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => {
    result ??= { value: compute() }
    return result.value
  }
}
