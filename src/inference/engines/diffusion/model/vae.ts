import { type LatentScale, scaleLatents, unscaleLatents } from '../../../checkpoint/latent-scale.js'
import type { Box, Extent } from '../../../image/geometry.js'
import type { OnnxSession } from '../../../onnx/session.js'
import type { TensorData } from '../../../onnx/tensor-data.js'
import { createTilingFallback, type MemoryBudget } from './vae-tiles.js'

/** Pixels per latent, across and down. */
export const VAE_SCALE_FACTOR = 8

/** Channels of a latent. */
export const LATENT_CHANNELS = 4

/** The memory of both halves of a VAE. */
export type VaeBudgets = { readonly encoder: MemoryBudget; readonly decoder: MemoryBudget }

/**
 * Stable Diffusion's VAE as ONNX graphs of its encoder and decoder. It works in tiles when memory is short.
 *
 * @param scale of the latents outside the VAE
 * @param log receives one line for each memory fallback
 * @param budgets tell before a run whether memory is short; without them it has to run out
 */
export function createVae(
  encoder: OnnxSession,
  decoder: OnnxSession,
  scale: LatentScale,
  log: (line: string) => void = () => {},
  budgets?: VaeBudgets,
) {
  const [encoderOutput] = encoder.outputs
  const [encoderInput] = encoder.inputs.keys()
  const tiles = createTilingFallback(acceptsAnySize(encoder), log, budgets?.encoder)
  const decoderHalf = createVaeDecoder(decoder, scale, log, budgets?.decoder)

  return {
    /**
     * @param planes a picture of shape [3, height, width], −1 to 1; sides are multiples of {@link VAE_SCALE_FACTOR}
     * @returns latents of shape [LATENT_CHANNELS, height / VAE_SCALE_FACTOR, width / VAE_SCALE_FACTOR]; the mean if the
     *   graph outputs mean and log variance
     * @throws InferenceError
     */
    async encode(planes: Float32Array, { width, height }: Extent): Promise<Float32Array> {
      const size = { width: width / VAE_SCALE_FACTOR, height: height / VAE_SCALE_FACTOR }
      return tiles.run(size, { channels: LATENT_CHANNELS, scale: 1 }, async box => {
        const data = cropPlanes(planes, { width, height }, scaled(box, VAE_SCALE_FACTOR))
        const dims = [1, 3, box.height * VAE_SCALE_FACTOR, box.width * VAE_SCALE_FACTOR]
        const results = await encoder.run({ [encoderInput!]: { data, dims } }, [encoderOutput!])
        const mean = results[encoderOutput!]!.data.subarray(0, LATENT_CHANNELS * box.width * box.height)
        return scaleLatents(mean, box.width * box.height, scale)
      })
    },

    decode: decoderHalf.decode,
    /** Whether it has fallen back to tiles. */
    isTiled: () => tiles.isTiled() || decoderHalf.isTiled(),
  }
}

/** The decoder alone. Parameters as for {@link createVae}. */
export function createVaeDecoder(
  decoder: OnnxSession,
  scale: LatentScale,
  log: (line: string) => void = () => {},
  budget?: MemoryBudget,
) {
  const [decoderOutput] = decoder.outputs
  const [decoderInput] = decoder.inputs.keys()
  const tiles = createTilingFallback(acceptsAnySize(decoder), log, budget)
  return {
    /** @returns a picture of shape [3, height, width], about −1 to 1 @throws InferenceError */
    async decode(latents: Float32Array, { width, height }: Extent): Promise<Float32Array> {
      const size = { width: width / VAE_SCALE_FACTOR, height: height / VAE_SCALE_FACTOR }
      return tiles.run(size, { channels: 3, scale: VAE_SCALE_FACTOR }, async box => {
        const values: TensorData = {
          data: unscaleLatents(cropPlanes(latents, size, box), box.width * box.height, scale),
          dims: [1, LATENT_CHANNELS, box.height, box.width],
        }
        return (await decoder.run({ [decoderInput!]: values }, [decoderOutput!]))[decoderOutput!]!.data
      })
    },
    isTiled: tiles.isTiled,
  }
}

/** Whether the graph's height and width are free. */
function acceptsAnySize({ inputs }: OnnxSession): boolean {
  const [first] = inputs.values()
  return first!.dims.slice(2).every(length => typeof length !== 'number')
}

function scaled({ x, y, width, height }: Box, by: number): Box {
  return { x: x * by, y: y * by, width: width * by, height: height * by }
}

/** A box of all planes; the planes themselves if it is all of them. */
function cropPlanes(planes: Float32Array, { width: across, height: down }: Extent, box: Box): Float32Array {
  if (box.width === across && box.height === down) return planes
  const area = across * down
  const count = planes.length / area
  const data = new Float32Array(count * box.width * box.height)
  for (let plane = 0; plane < count; plane++) {
    for (let row = 0; row < box.height; row++) {
      const from = plane * area + (box.y + row) * across + box.x
      data.set(planes.subarray(from, from + box.width), (plane * box.height + row) * box.width)
    }
  }
  return data
}

export type Vae = ReturnType<typeof createVae>
