import type { Network, Values } from '../../onnx/network.js'
import type { Pixels } from '../../pixels.js'

/** A latent stands for so many pixels, across and down. */
export const LATENT = 8

/** How many numbers a latent has. */
export const CHANNELS = 4

/**
 * The two halves of Stable Diffusion's autoencoder as ONNX graphs: between pixels and latents.
 *
 * @param scaling latents are what the encoder says, times this
 */
export function vae(encoder: Network, decoder: Network, scaling: number) {
  const [encoded] = encoder.outputs
  const [picture] = encoder.inputs.keys()

  return {
    /**
     * @param planes a picture of shape [3, height, width], −1 to 1; sides are multiples of {@link LATENT}
     * @returns latents of shape [CHANNELS, height / LATENT, width / LATENT]: the mean, where the graph tells a distribution
     */
    async encode(planes: Float32Array, { width, height }: { width: number; height: number }): Promise<Float32Array> {
      const results = await encoder.run({ [picture!]: { data: planes, dims: [1, 3, height, width] } }, [encoded!])
      const mean = results[encoded!]!.data.subarray(0, (CHANNELS * width * height) / LATENT ** 2)
      return mean.map(value => value * scaling)
    },

    ...vaeDecoder(decoder, scaling),
  }
}

/** The half that makes pixels. */
export function vaeDecoder(decoder: Network, scaling: number) {
  const [decoded] = decoder.outputs
  const [input] = decoder.inputs.keys()
  return {
    /** @returns a picture of shape [3, height, width], about −1 to 1 */
    async decode(latents: Float32Array, { width, height }: { width: number; height: number }): Promise<Float32Array> {
      const values: Values = {
        data: latents.map(value => value / scaling),
        dims: [1, CHANNELS, height / LATENT, width / LATENT],
      }
      return (await decoder.run({ [input!]: values }, [decoded!]))[decoded!]!.data
    },
  }
}

export type Vae = ReturnType<typeof vae>

/** Pixels as three planes, −1 to 1. */
export function planesOf({ width, height, data }: Pixels): Float32Array {
  const area = width * height
  const planes = new Float32Array(area * 3)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) planes[channel * area + at] = data[at * 3 + channel]! / 127.5 - 1
  }
  return planes
}

/** Three planes, −1 to 1, as pixels; what is beyond that is cut. */
export function pixelsOf(planes: Float32Array, { width, height }: { width: number; height: number }): Pixels {
  const area = width * height
  const data = new Uint8Array(area * 3)
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = (planes[channel * area + at]! + 1) * 127.5
      data[at * 3 + channel] = Math.round(Math.min(255, Math.max(0, value)))
    }
  }
  return { width, height, data }
}
