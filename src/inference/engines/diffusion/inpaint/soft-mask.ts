import { paste } from '../../../image/crop.js'
import { resizePixels } from '../../../image/decode.js'
import type { Box, Extent } from '../../../image/geometry.js'
import { resizeSoftMask } from '../../../image/mask-file.js'
import {
  cropMask,
  cropPixels,
  filledMask,
  filledPixels,
  KEEP,
  type Mask,
  PAINT,
  type Pixels,
  type SoftMask,
} from '../../../image/pixels.js'
import type { PaintTask } from '../../../pipeline/engine.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'

/** Greys as strength per pixel (Levin and Fried 2023, "Differential diffusion"), and the old picture to which they keep. */
export type StrengthMap = { readonly strength: SoftMask; readonly original: Pixels }

/** The part of a task's strength map that a pass paints; undefined for black-and-white masks. */
export function strengthMapIn({ softMask, initImage }: PaintTask, box: Box): StrengthMap | undefined {
  if (!softMask || !initImage) return undefined
  return { strength: cropMask(softMask, box), original: cropPixels(initImage, box) }
}

/** A strength map at work size. Around `contentBox` there is nothing to keep. */
export async function resizeStrengthMap(map: StrengthMap, contentBox: Box, size: Extent): Promise<StrengthMap> {
  const [resized, original] = await Promise.all([
    resizeSoftMask(map.strength, contentBox),
    resizePixels(map.original, contentBox),
  ])
  const strength = filledMask(size, PAINT)
  for (let row = 0; row < contentBox.height; row++) {
    const line = resized.data.subarray(row * contentBox.width, (row + 1) * contentBox.width)
    strength.data.set(line, (contentBox.y + row) * size.width + contentBox.x)
  }
  return { strength, original: paste(filledPixels(size), original, contentBox) }
}

/** What denoising starts from: the old picture where some of it is kept, and what `fill` makes where all is repainted. */
export async function softInitialImage(
  { strength, original }: StrengthMap,
  mask: Mask,
  fill: () => Promise<Pixels>,
): Promise<Pixels> {
  const isWhole = (at: number) => mask.data[at] === PAINT && strength.data[at] === PAINT
  if (!mask.data.some((_, at) => isWhole(at))) return original
  const filled = await fill()
  return {
    ...original,
    data: filled.data.map((value, at) => (isWhole(Math.floor(at / 3)) ? value : original.data[at]!)),
  }
}

/** Denoising strengths by latent, and the largest of the masked ones. */
export type LatentStrength = { readonly strengths: Float64Array; readonly strongest: number }

/**
 * The denoising strength of each latent, from 0 to 1. A latent has the mean strength of its masked pixels. Outside the mask
 * it falls off over `overlap` latents, as the mask itself does.
 *
 * @param denoisingStrength of white
 * @param hasFalloff for models that restore the latents outside the mask; for others it is level there, and 1 farther out,
 *   where nothing is restored
 */
export function latentStrength(
  { strength }: Pick<StrengthMap, 'strength'>,
  mask: Mask,
  denoisingStrength: number,
  overlap: number,
  hasFalloff: boolean,
): LatentStrength {
  const { width } = mask
  const [across, down] = [width / VAE_SCALE_FACTOR, mask.height / VAE_SCALE_FACTOR]
  const sums = new Float64Array(across * down)
  const counts = new Uint32Array(across * down)
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] === KEEP) continue
    const latent = Math.floor(at / width / VAE_SCALE_FACTOR) * across + Math.floor((at % width) / VAE_SCALE_FACTOR)
    sums[latent]! += strength.data[at]!
    counts[latent]!++
  }
  const inside = sums.map((sum, at) => (counts[at] === 0 ? 0 : (sum / counts[at]! / PAINT) * denoisingStrength))
  const strengths = inside.map((own, at) => {
    if (counts[at]! > 0) return own
    const nearby = strongestNearby(inside, across, at, overlap, hasFalloff)
    return hasFalloff || nearby > 0 ? nearby : 1
  })
  return { strengths, strongest: inside.reduce((one, other) => Math.max(one, other), 0) }
}

/** The largest strength within `overlap` latents, less the farther away it is if it falls off. */
function strongestNearby(
  strengths: Float64Array,
  across: number,
  at: number,
  overlap: number,
  hasFalloff: boolean,
): number {
  const [x, y] = [at % across, Math.floor(at / across)]
  const down = strengths.length / across
  const reach = Math.ceil(overlap)
  let strongest = 0
  for (let row = Math.max(0, y - reach); row <= Math.min(down - 1, y + reach); row++) {
    for (let column = Math.max(0, x - reach); column <= Math.min(across - 1, x + reach); column++) {
      const distance = Math.hypot(column - x, row - y)
      const share = hasFalloff ? Math.max(0, 1 - distance / (overlap + 1)) : Number(distance <= overlap)
      strongest = Math.max(strongest, share * strengths[row * across + column]!)
    }
  }
  return strongest
}
