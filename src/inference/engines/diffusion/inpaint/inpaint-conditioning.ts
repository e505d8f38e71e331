import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistanceTransform } from '../../../mask/morphology.js'
import type { MASKED_CONTENTS } from '../../../pipeline/edit.js'
import { pixelsToPlanes } from '../model/planes.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'

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
  forEachRun(data, width, PAINT, (y, left, right) => {
    const row = Math.floor(y / VAE_SCALE_FACTOR) * latents.width
    const last = Math.floor((right - 1) / VAE_SCALE_FACTOR)
    latents.data.fill(PAINT, row + Math.floor(left / VAE_SCALE_FACTOR), row + last + 1)
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
  const { width } = known
  const area = mask.data.length
  const makeGrey = (y: number, left: number, right: number) => {
    for (let row = y * width; row < planes.length; row += area) planes.fill(0, row + left, row + right)
  }
  if (rule.unit === 'pixels') forEachRun(mask.data, width, PAINT, makeGrey)
  else {
    const scale = VAE_SCALE_FACTOR
    forEachRun(ownMask, width / scale, 1, (y, left, right) => {
      for (let row = y * scale; row < (y + 1) * scale; row++) makeGrey(row, left * scale, right * scale)
    })
  }
  return planes
}

/** Calls `visit` for each run of a value in a row of `width` values: from `left` to before `right`. */
function forEachRun(
  data: Uint8Array | Float32Array,
  width: number,
  value: number,
  visit: (y: number, left: number, right: number) => void,
): void {
  for (let start = data.indexOf(value); start >= 0; ) {
    const y = Math.floor(start / width)
    const rowEnd = (y + 1) * width
    let end = start + 1
    while (end < rowEnd && data[end] === value) end++
    visit(y, start - y * width, end - y * width)
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
