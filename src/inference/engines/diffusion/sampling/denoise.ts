import type { Conditioning, Unet, UnetBatchItem } from '../model/unet.js'
import { type Sampler, weightedSum } from './samplers/sampler.js'

/** What to go towards in a step: prompts with their weights, and away from one; that is missing where guidance is 1. */
export type StepConditioning = {
  readonly positive: readonly { readonly condition: Conditioning; readonly weight: number }[]
  readonly negative: Conditioning | undefined
}

/** The picture that stays outside a mask. All arrays are of one picture; every picture of the batch has the same. */
export type InpaintConditioning = {
  /** By latent, 1 where it is painted; in between it is painted from a later step on. Shape [height, width]. */
  readonly mask: Float32Array
  /** Latents of the picture, for models of 4 channels. Shape [CHANNELS, height, width]. */
  readonly originalLatents: Float32Array
  /** Latents of the picture with grey under the mask, for models of 9 channels. The same shape. */
  readonly maskedImageLatents: Float32Array
}

export type DenoiseParams = {
  readonly unet: Unet
  readonly sampler: Sampler
  /** Which of the sampler's calls is the first. */
  readonly firstCall: number
  /** Of one picture each, as the sampler begins with them. Shape [CHANNELS, height, width]. */
  readonly latents: readonly Float32Array[]
  /** Height and width. */
  readonly size: readonly [number, number]
  /** The prompt for a step, from 0 for the first that is done. */
  readonly conditioningAt: (step: number) => StepConditioning
  /** Guidance scale: 1 is none (Ho and Salimans 2022). */
  readonly guidanceScale: number
  readonly inpaint?: InpaintConditioning | undefined
  /** The noise that each picture began with, of variance 1. */
  readonly noise: readonly Float32Array[]
  /** Fresh noise of variance 1 for a picture. */
  readonly freshNoise: (originals: number) => Float32Array
  readonly signal: AbortSignal
  /** After each call: how many are done of how many, and the latents. */
  readonly onStep: (done: number, whole: number, latents: readonly Float32Array[]) => void | Promise<void>
}

/**
 * From noise to the latents of pictures: the model is called once a step (twice for Heun) for all pictures and prompts
 * together.
 *
 * Under a mask, a model of 9 channels sees mask and masked picture beside the latents. For one of 4 channels, after each
 * step what lies outside the mask is the picture again, with as much of the noise as belongs to that step (as the legacy
 * in-painting of diffusers does it); where the mask is soft, a latent is let go when its step has come (Levin and Fried
 * 2023, "Differential diffusion").
 *
 * @throws the signal's reason
 */
export async function denoise(job: DenoiseParams): Promise<Float32Array[]> {
  const { unet, sampler, size, inpaint, signal } = job
  const calls = sampler.timesteps.length
  const steps = Math.ceil(calls / sampler.callsPerStep)
  const firstStep = Math.floor(job.firstCall / sampler.callsPerStep)
  const count = job.latents.length
  const length = job.latents[0]!.length
  const maskChannels =
    inpaint && unet.channels === 9 ? concat(inpaint.mask, inpaint.maskedImageLatents) : new Float32Array(0)
  // Samplers go on with one array for all pictures: their sums are pixel by pixel.
  let latents = concat(...job.latents)
  const noise = concat(...job.noise)
  const originals =
    inpaint && unet.channels === 4 ? concat(...job.latents.map(() => inpaint.originalLatents)) : undefined

  for (let call = job.firstCall; call < calls; call++) {
    signal.throwIfAborted()
    const step = Math.ceil(call / sampler.callsPerStep)
    const { positive, negative } = job.conditioningAt(step - firstStep)
    const scaledLatents = sampler.scaleModelInput(latents, call)
    const conditions = [...(negative ? [negative] : []), ...positive.map(({ condition }) => condition)]
    const rows: UnetBatchItem[] = conditions.flatMap(condition =>
      Array.from({ length: count }, (_, index) => ({
        sample: concat(scaledLatents.subarray(index * length, (index + 1) * length), maskChannels),
        condition,
      })),
    )
    const outputs = await unet.predict(rows, sampler.timesteps[call]!, { size, guidanceScale: job.guidanceScale })
    const byCondition = conditions.map((_, index) => concat(...outputs.slice(index * count, (index + 1) * count)))
    const output = applyGuidance(byCondition, positive, negative !== undefined, job.guidanceScale)
    const fresh = () => concat(...job.latents.map((_, index) => job.freshNoise(index)))
    latents = sampler.step(latents, output, call, fresh)
    if (originals) {
      const isLast = call === calls - 1
      const noisedOriginal = isLast ? originals : sampler.addNoise(originals, noise, call + 1)
      const progress = (step + 1 - firstStep) / (steps - firstStep)
      restoreUnmasked(latents, noisedOriginal, inpaint!.mask, isLast ? 1 : progress)
    }
    await job.onStep(call + 1 - job.firstCall, calls - job.firstCall, splitPictures(latents, count))
  }
  return splitPictures(latents, count)
}

/** Away from the negative prompt: negative + Σ weight · guidance · (positive − negative). */
function applyGuidance(
  outputs: readonly Float32Array[],
  positive: StepConditioning['positive'],
  hasNegative: boolean,
  guidanceScale: number,
): Float32Array {
  if (!hasNegative) {
    const totalWeight = positive.reduce((sum, { weight }) => sum + weight, 0)
    return weightedSum(...outputs.map((output, index) => [positive[index]!.weight / totalWeight, output] as const))
  }
  const [negative, ...rest] = outputs
  const weights = positive.map(({ weight }) => weight * guidanceScale)
  const negativeWeight = 1 - weights.reduce((sum, weight) => sum + weight, 0)
  return weightedSum([negativeWeight, negative!], ...rest.map((output, index) => [weights[index]!, output] as const))
}

/** Put back the original where the mask says so at this point, from 0 to 1, of the way. */
function restoreUnmasked(
  latents: Float32Array,
  noisedOriginal: Float32Array,
  mask: Float32Array,
  progress: number,
): void {
  for (let at = 0; at < latents.length; at++) {
    const share = mask[at % mask.length]!
    if (share === 0 || 1 - share > progress) latents[at] = noisedOriginal[at]!
  }
}

function concat(...arrays: readonly Float32Array[]): Float32Array {
  if (arrays.length === 1) return arrays[0]!
  const whole = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const array of arrays) {
    whole.set(array, at)
    at += array.length
  }
  return whole
}

function splitPictures(whole: Float32Array, count: number): Float32Array[] {
  const length = whole.length / count
  return Array.from({ length: count }, (_, index) => whole.slice(index * length, (index + 1) * length))
}
