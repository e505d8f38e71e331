import type { Extent } from '../../../image/geometry.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import type { MASKED_CONTENTS } from '../../../pipeline/edit.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { pixelsToPlanes, VAE_SCALE_FACTOR } from '../model/vae.js'
import type { InpaintConditioning } from '../sampling/denoise.js'

/** The mask reaches so far into the known picture, in pixels as the model paints: the border is painted on both sides. */
const MASK_OVERLAP_PIXELS = 16

/**
 * How a piece is kept while a model paints: the mask by latents, and what the model sees of the picture.
 *
 * All latents that a masked pixel lies on are painted, and {@link MASK_OVERLAP_PIXELS} beyond; for models of 4 channels less and less, so
 * that those are let go late.
 */
export async function inpaintConditioning(
  model: DiffusionModel,
  known: Pixels,
  mask: Mask,
  originalLatents: Float32Array,
  size: Extent,
): Promise<InpaintConditioning> {
  const [across, down] = [size.width / VAE_SCALE_FACTOR, size.height / VAE_SCALE_FACTOR]
  const latentMask = filledMask({ width: across, height: down }, KEEP)
  const latentAt = (at: number) =>
    Math.floor(at / size.width / VAE_SCALE_FACTOR) * across + Math.floor((at % size.width) / VAE_SCALE_FACTOR)
  for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) latentMask.data[latentAt(at)] = PAINT
  const squaredDistances = squaredDistanceTransform(latentMask, PAINT)
  const overlapLatents = MASK_OVERLAP_PIXELS / VAE_SCALE_FACTOR
  if (model.unet.channels === 4) {
    const softMask = Float32Array.from(squaredDistances, square =>
      Math.max(0, 1 - Math.sqrt(square) / (overlapLatents + 1)),
    )
    return { mask: softMask, originalLatents, maskedImageLatents: originalLatents }
  }
  const hardMask = Float32Array.from(squaredDistances, square => Number(square <= overlapLatents * overlapLatents))
  // Grey under the mask, as these models were trained; and all of a latent, or none.
  const planes = pixelsToPlanes(known).map((value, index) => {
    return hardMask[latentAt(index % mask.data.length)] === 1 ? 0 : value
  })
  return { mask: hardMask, originalLatents, maskedImageLatents: await model.vae.encode(planes, size) }
}

/** The latents that the painting begins with, in the sense of A1111's "masked content". */
export function applyMaskedContent(
  content: (typeof MASKED_CONTENTS)[number],
  latents: Float32Array,
  mask: Float32Array,
  noise: () => Float32Array,
): Float32Array {
  if (content === 'original' || content === 'fill') return latents
  const replacement = content === 'latent noise' ? noise() : new Float32Array(latents.length)
  return latents.map((value, at) => (mask[at % mask.length]! > 0 ? replacement[at]! : value))
}
