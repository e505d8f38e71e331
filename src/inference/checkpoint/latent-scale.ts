import { z } from 'zod'

/**
 * How a UNet's latents follow from the VAE's: (latents − mean) · factor / deviation. Mean and deviation have one value
 * for each channel; most models have none.
 */
export type LatentScale = {
  readonly factor: number
  readonly mean?: readonly number[] | undefined
  readonly deviation?: readonly number[] | undefined
}

const perChannel = z.array(z.number()).length(4).nullish()

/** The fields of a VAE's configuration that describe it. */
export const latentScaleFields = {
  scaling_factor: z.number().positive().optional(),
  latents_mean: perChannel,
  latents_std: z.array(z.number().positive()).length(4).nullish(),
}

/** Of Stable Diffusion 1 and 2, and of SDXL. */
export function defaultScalingFactor(isXl: boolean): number {
  return isXl ? 0.13025 : 0.18215
}

/** As in diffusers, mean and deviation only count together. */
export function latentScaleOf(config: z.infer<z.ZodObject<typeof latentScaleFields>>, isXl: boolean): LatentScale {
  const { scaling_factor: factor = defaultScalingFactor(isXl), latents_mean: mean, latents_std: deviation } = config
  return mean && deviation ? { factor, mean, deviation } : { factor }
}

/** @param latents of the VAE, as planes of `area` values */
export function scaleLatents(
  latents: Float32Array,
  area: number,
  { factor, mean, deviation }: LatentScale,
): Float32Array {
  const scaled = new Float32Array(latents.length)
  for (let start = 0, channel = 0; start < latents.length; start += area, channel++) {
    const [ownMean, ownDeviation] = [mean?.[channel] ?? 0, deviation?.[channel] ?? 1]
    for (let at = start; at < start + area; at++) scaled[at] = ((latents[at]! - ownMean) * factor) / ownDeviation
  }
  return scaled
}

/** The inverse of {@link scaleLatents}. */
export function unscaleLatents(
  latents: Float32Array,
  area: number,
  { factor, mean, deviation }: LatentScale,
): Float32Array {
  const unscaled = new Float32Array(latents.length)
  for (let start = 0, channel = 0; start < latents.length; start += area, channel++) {
    const [ownMean, ownDeviation] = [mean?.[channel] ?? 0, deviation?.[channel] ?? 1]
    for (let at = start; at < start + area; at++) unscaled[at] = (latents[at]! * ownDeviation) / factor + ownMean
  }
  return unscaled
}
