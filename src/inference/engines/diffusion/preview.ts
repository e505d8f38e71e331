import { resizePixels } from '../../image/decode.js'
import { filledPixels, type Pixels } from '../../image/pixels.js'
import { MAX_PREVIEW_SIDE } from '../../pipeline/engine.js'
import type { ModelFamily } from './sampling/timestep-spacing.js'

/**
 * RGB factors of the four latent channels, then the bias; results from −1 to 1. For SD a least-squares fit of
 * photographs to their encoded latents; for SDXL the values of ComfyUI.
 */
const LATENT_RGB_FACTORS: Record<ModelFamily, readonly (readonly [number, number, number])[]> = {
  sd: [
    [0.2974, 0.2429, 0.2521],
    [0.1869, 0.248, 0.1527],
    [-0.0975, 0.1485, 0.2028],
    [-0.2343, -0.3082, -0.4577],
    [-0.0672, -0.1373, -0.217],
  ],
  sdxl: [
    [0.3651, 0.4232, 0.4341],
    [-0.2533, -0.0042, 0.1068],
    [0.1076, 0.1111, -0.0362],
    [-0.3165, -0.2492, -0.2188],
    [0.1084, -0.0175, -0.0011],
  ],
}

/**
 * A preview of latents without the VAE decoder, by a linear map of their channels: a pixel for each latent, or for
 * every second latent and so on where that would be larger than {@link MAX_PREVIEW_SIDE}.
 *
 * @param latents of shape [4, height, width]
 */
export function latentPreview(
  latents: Float32Array,
  size: { width: number; height: number },
  family: ModelFamily,
): Pixels {
  const area = size.width * size.height
  const stride = Math.ceil(Math.max(size.width, size.height) / MAX_PREVIEW_SIDE)
  const preview = filledPixels({ width: Math.ceil(size.width / stride), height: Math.ceil(size.height / stride) })
  const rgbFactors = LATENT_RGB_FACTORS[family]
  for (let to = 0; to < preview.width * preview.height; to++) {
    const at = Math.floor(to / preview.width) * stride * size.width + (to % preview.width) * stride
    for (let channel = 0; channel < 3; channel++) {
      let value = rgbFactors[4]![channel]!
      for (let latentChannel = 0; latentChannel < 4; latentChannel++)
        value += latents[latentChannel * area + at]! * rgbFactors[latentChannel]![channel]!
      preview.data[to * 3 + channel] = Math.round(Math.min(255, Math.max(0, (value + 1) * 127.5)))
    }
  }
  return preview
}

/** A picture scaled down to at most {@link MAX_PREVIEW_SIDE} pixels on its longer side. */
export async function fitPreview(pixels: Pixels): Promise<Pixels> {
  const scale = Math.min(1, MAX_PREVIEW_SIDE / Math.max(pixels.width, pixels.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  return resizePixels(pixels, { width: side(pixels.width), height: side(pixels.height) })
}
