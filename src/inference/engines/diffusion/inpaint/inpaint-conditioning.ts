import type { Extent } from '../../../image/geometry.js'
import { KEEP, type Mask, maskOf, PAINT, type Pixels } from '../../../image/pixels.js'
import { squaredDistances } from '../../../mask/morphology.js'
import type { CONTENTS } from '../../../pipeline/edit.js'
import type { Model } from '../model/model.js'
import { LATENT, planesOf } from '../model/vae.js'
import type { Keeping } from '../sampling/denoise.js'

/** The mask reaches so far into the known picture, in pixels as the model paints: the border is painted on both sides. */
const OVERLAP = 16

/**
 * How a piece is kept while a model paints: the mask by latents, and what the model sees of the picture.
 *
 * All latents that a masked pixel lies on are painted, and {@link OVERLAP} beyond; for models of 4 channels less and less, so
 * that those are let go late.
 */
export async function keepingOf(
  model: Model,
  known: Pixels,
  mask: Mask,
  picture: Float32Array,
  size: Extent,
): Promise<Keeping> {
  const [across, down] = [size.width / LATENT, size.height / LATENT]
  const latentMask = maskOf({ width: across, height: down }, KEEP)
  const latentAt = (at: number) =>
    Math.floor(at / size.width / LATENT) * across + Math.floor((at % size.width) / LATENT)
  for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) latentMask.data[latentAt(at)] = PAINT
  const far = squaredDistances(latentMask, PAINT)
  const reach = OVERLAP / LATENT
  if (model.unet.channels === 4) {
    const soft = Float32Array.from(far, square => Math.max(0, 1 - Math.sqrt(square) / (reach + 1)))
    return { mask: soft, picture, maskedPicture: picture }
  }
  const hard = Float32Array.from(far, square => Number(square <= reach * reach))
  // Grey under the mask, as these models were trained; and all of a latent, or none.
  const planes = planesOf(known).map((value, index) => {
    return hard[latentAt(index % mask.data.length)] === 1 ? 0 : value
  })
  return { mask: hard, picture, maskedPicture: await model.vae.encode(planes, size) }
}

/** The latents that the painting begins with, in the sense of A1111's "masked content". */
export function underMask(
  content: (typeof CONTENTS)[number],
  latents: Float32Array,
  mask: Float32Array,
  noise: () => Float32Array,
): Float32Array {
  if (content === 'original' || content === 'fill') return latents
  const instead = content === 'latent noise' ? noise() : new Float32Array(latents.length)
  return latents.map((value, at) => (mask[at % mask.length]! > 0 ? instead[at]! : value))
}
