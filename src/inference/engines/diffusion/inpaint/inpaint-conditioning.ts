import type { Extent } from '../../../image/geometry.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import type { MASKED_CONTENTS } from '../../../pipeline/edit.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { pixelsToPlanes, VAE_SCALE_FACTOR } from '../model/vae.js'
import type { InpaintConditioning } from '../sampling/denoise.js'

/** How a mask of pixels becomes a mask of latents. */
export type MaskRule = {
  /**
   * How far the latent mask extends into the known picture, in pixels at work size, so that both sides of the border are
   * painted.
   */
  readonly overlapPixels: number
  /**
   * `latents`: a latent is painted if any of its pixels is masked, and an inpainting model sees grey under all of it.
   * `pixels`: a latent is painted if its first pixel is masked, and the model sees grey under masked pixels.
   */
  readonly unit: 'latents' | 'pixels'
}

/** For painting; and as in diffusers, for comparisons. */
export const MASK_RULES = {
  overlapping: { overlapPixels: 16, unit: 'latents' },
  diffusers: { overlapPixels: 0, unit: 'pixels' },
} as const satisfies Record<string, MaskRule>

/**
 * The latent mask and masked image that a model inpaints with. For a model of 4 channels the mask falls off to 0 over
 * the overlap ("Differential diffusion").
 *
 * @param known pixels at work size
 * @param originalLatents of the initial image, shape [LATENT_CHANNELS, height / 8, width / 8]
 */
export async function inpaintConditioning(
  model: DiffusionModel,
  known: Pixels,
  mask: Mask,
  originalLatents: Float32Array,
  size: Extent,
  rule: MaskRule = MASK_RULES.overlapping,
): Promise<InpaintConditioning> {
  const [across, down] = [size.width / VAE_SCALE_FACTOR, size.height / VAE_SCALE_FACTOR]
  const latentMask = filledMask({ width: across, height: down }, KEEP)
  // As whole latents, or by the first pixel of each.
  const step = rule.unit === 'latents' ? 1 : VAE_SCALE_FACTOR
  for (let y = 0; y < size.height; y += step) {
    const row = Math.floor(y / VAE_SCALE_FACTOR) * across
    for (let x = 0; x < size.width; x += step) {
      if (mask.data[y * size.width + x] === PAINT) latentMask.data[row + Math.floor(x / VAE_SCALE_FACTOR)] = PAINT
    }
  }
  const squaredDistances = squaredDistanceTransform(latentMask, PAINT)
  const overlapLatents = rule.overlapPixels / VAE_SCALE_FACTOR
  if (model.unet.channels === 4) {
    const softMask = Float32Array.from(squaredDistances, square =>
      Math.max(0, 1 - Math.sqrt(square) / (overlapLatents + 1)),
    )
    return { mask: softMask, originalLatents, maskedImageLatents: originalLatents }
  }
  const hardMask = Float32Array.from(squaredDistances, square => Number(square <= overlapLatents * overlapLatents))
  // Inpainting models were trained with grey under the mask.
  const planes = pixelsToPlanes(known)
  const area = mask.data.length
  for (let at = 0, y = 0; y < size.height; y++) {
    const row = Math.floor(y / VAE_SCALE_FACTOR) * across
    for (let x = 0; x < size.width; x++, at++) {
      const isGrey =
        rule.unit === 'pixels' ? mask.data[at] === PAINT : hardMask[row + Math.floor(x / VAE_SCALE_FACTOR)] === 1
      if (isGrey) planes[at] = planes[area + at] = planes[2 * area + at] = 0
    }
  }
  return { mask: hardMask, originalLatents, maskedImageLatents: await model.vae.encode(planes, size) }
}

/** The initial latents for A1111's "masked content" setting. @param mask by latent, 0 to 1 */
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
