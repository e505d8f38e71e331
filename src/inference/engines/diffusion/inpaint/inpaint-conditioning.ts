import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import type { MASKED_CONTENTS } from '../../../pipeline/edit.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { pixelsToPlanes } from '../model/planes.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'
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
 * The latent mask and masked image that a model inpaints with.
 *
 * @param known pixels at work size
 * @param originalLatents of the initial image, shape [LATENT_CHANNELS, height / 8, width / 8]
 */
export async function inpaintConditioning(
  { unet, vae }: DiffusionModel,
  known: Pixels,
  mask: Mask,
  originalLatents: Float32Array,
  rule: MaskRule = MASK_RULES.overlapping,
): Promise<InpaintConditioning> {
  const ownMask = latentMask(mask, unet.channels, rule)
  if (unet.channels === 4) return { mask: ownMask, originalLatents, maskedImageLatents: originalLatents }
  const maskedImageLatents = await vae.encode(maskedImage(known, mask, ownMask, rule), known)
  return { mask: ownMask, originalLatents, maskedImageLatents }
}

/**
 * The mask of the latents, by latent, 0 to 1. For a model of 4 channels it falls off to 0 over the overlap ("Differential
 * diffusion").
 *
 * @param mask at work size
 */
export function latentMask(mask: Mask, channels: 4 | 9, rule: MaskRule = MASK_RULES.overlapping): Float32Array {
  const hard = rule.unit === 'latents' ? touchedLatents(mask) : sampledLatents(mask)
  const squaredDistances = squaredDistanceTransform(hard, PAINT)
  const overlap = rule.overlapPixels / VAE_SCALE_FACTOR
  return channels === 4
    ? Float32Array.from(squaredDistances, square => Math.max(0, 1 - Math.sqrt(square) / (overlap + 1)))
    : Float32Array.from(squaredDistances, square => Number(square <= overlap * overlap))
}

/** Latents of which any pixel is masked. In runs: most masked pixels are next to each other. */
function touchedLatents({ width, height, data }: Mask): Mask {
  const latents = filledMask({ width: width / VAE_SCALE_FACTOR, height: height / VAE_SCALE_FACTOR }, KEEP)
  for (let start = data.indexOf(PAINT); start >= 0; ) {
    const y = Math.floor(start / width)
    const kept = data.indexOf(KEEP, start)
    const end = Math.min((y + 1) * width, kept < 0 ? data.length : kept)
    const row = Math.floor(y / VAE_SCALE_FACTOR) * latents.width
    const [first, last] = [start, end - 1].map(at => row + Math.floor((at - y * width) / VAE_SCALE_FACTOR))
    latents.data.fill(PAINT, first, last! + 1)
    start = data.indexOf(PAINT, end)
  }
  return latents
}

/** Latents whose first pixel is masked. */
function sampledLatents({ width, height, data }: Mask): Mask {
  const latents = filledMask({ width: width / VAE_SCALE_FACTOR, height: height / VAE_SCALE_FACTOR }, KEEP)
  for (let at = 0; at < latents.data.length; at++) {
    const [x, y] = [at % latents.width, Math.floor(at / latents.width)]
    latents.data[at] = data[(y * width + x) * VAE_SCALE_FACTOR]!
  }
  return latents
}

/**
 * Planes of the known picture with grey under the mask, which inpainting models were trained with.
 *
 * @param ownMask that of the latents
 */
export function maskedImage(
  known: Pixels,
  mask: Mask,
  ownMask: Float32Array,
  rule: MaskRule = MASK_RULES.overlapping,
): Float32Array {
  const planes = pixelsToPlanes(known)
  const { width, height } = known
  const area = width * height
  for (let at = 0, y = 0; y < height; y++) {
    const row = Math.floor(y / VAE_SCALE_FACTOR) * (width / VAE_SCALE_FACTOR)
    for (let x = 0; x < width; x++, at++) {
      const isGrey =
        rule.unit === 'pixels' ? mask.data[at] === PAINT : ownMask[row + Math.floor(x / VAE_SCALE_FACTOR)] === 1
      if (isGrey) planes[at] = planes[area + at] = planes[2 * area + at] = 0
    }
  }
  return planes
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
