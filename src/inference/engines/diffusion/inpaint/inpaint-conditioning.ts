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
  forEachRun(data, PAINT, (start, end) => {
    for (let from = start; from < end; ) {
      const y = Math.floor(from / width)
      const to = Math.min(end, (y + 1) * width)
      const row = Math.floor(y / VAE_SCALE_FACTOR) * latents.width
      const [first, last] = [from, to - 1].map(at => row + Math.floor((at - y * width) / VAE_SCALE_FACTOR))
      latents.data.fill(PAINT, first, last! + 1)
      from = to
    }
  })
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
  const area = mask.data.length
  const grey = (start: number, end: number) => {
    for (let plane = 0; plane < planes.length; plane += area) planes.fill(0, plane + start, plane + end)
  }
  if (rule.unit === 'pixels') forEachRun(mask.data, PAINT, grey)
  else {
    const across = known.width / VAE_SCALE_FACTOR
    forEachRun(ownMask, 1, (start, end) => {
      // A run can be longer than a row.
      for (let from = start; from < end; ) {
        const row = Math.floor(from / across)
        const to = Math.min(end, (row + 1) * across)
        for (let y = row * VAE_SCALE_FACTOR; y < (row + 1) * VAE_SCALE_FACTOR; y++) {
          const left = y * known.width - row * across * VAE_SCALE_FACTOR
          grey(left + from * VAE_SCALE_FACTOR, left + to * VAE_SCALE_FACTOR)
        }
        from = to
      }
    })
  }
  return planes
}

/** Calls `visit` for each run of a value, with its first index and the one after its last. */
function forEachRun(data: Uint8Array | Float32Array, value: number, visit: (start: number, end: number) => void): void {
  for (let start = data.indexOf(value); start >= 0; ) {
    let end = start + 1
    while (end < data.length && data[end] === value) end++
    visit(start, end)
    start = data.indexOf(value, end)
  }
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
