import type { Conditioning, Unet, UnetBatchItem } from '../model/unet.js'
import { type ColourFix, withColoursOf } from './colour-fix.js'
import { type Control, controlResiduals, isAtWork } from './control.js'
import type { NoiseSchedule } from './noise-schedule.js'
import { type Sampler, weightedSum } from './samplers/sampler.js'

/** The conditionings of one step: weighted prompts, and the negative prompt, which is undefined without guidance. */
export type StepConditioning = {
  readonly positive: readonly { readonly condition: Conditioning; readonly weight: number }[]
  readonly negative: Conditioning | undefined
}

/** Mask and known picture of an inpainting job. Arrays are for one picture; all pictures of the batch share them. */
export type InpaintConditioning = {
  /**
   * By latent, 1 where it is painted; with values between 0 and 1 it is painted from a later step on. Shape [height,
   * width].
   */
  readonly mask: Float32Array
  /**
   * The denoising strength of each latent, from 0 to 1, where a mask has greys: a latent is denoised in as many of the last
   * steps as image to image of this strength has, and in one at least. 0 is kept. Shape [height, width].
   */
  readonly strength?: Float64Array | undefined
  /** Latents of the initial image, for models of 4 channels. Shape [LATENT_CHANNELS, height, width]. */
  readonly originalLatents: Float32Array
  /** Latents of the picture with grey under the mask, for inpainting models of 9 channels. The same shape. */
  readonly maskedImageLatents: Float32Array
}

/** A model at work: its network, its sampler, and the conditionings of a step, from 0 for the first that runs. */
export type DenoiseStage = {
  readonly unet: Unet
  readonly schedule: NoiseSchedule
  readonly sampler: Sampler
  readonly conditioningAt: (step: number) => StepConditioning
}

export type DenoiseParams = DenoiseStage & {
  /** Takes over at a call of the model, with a sampler of the same timesteps. */
  readonly refiner?: (DenoiseStage & { readonly fromCall: number }) | undefined
  /** Index of the first call of the model, from 0; more than 0 for a denoising strength below 1. */
  readonly firstCall: number
  /** Noisy latents before the first call, one array per picture. Shape [LATENT_CHANNELS, height, width]. */
  readonly latents: readonly Float32Array[]
  /** Height and width of the latents. */
  readonly size: readonly [number, number]
  /** Classifier-free guidance scale; 1 means without guidance (Ho and Salimans 2022). */
  readonly guidanceScale: number
  /** How far the guided output gets the standard deviation of the unguided one, 0 to 1 (Lin et al. 2024, section 3.4). */
  readonly guidanceRescale?: number
  readonly inpaint?: InpaintConditioning | undefined
  /** ControlNets of the first model; the refiner has none. */
  readonly controls?: readonly Control[] | undefined
  /** Keeps the colours of a picture, in the steps of the first model. */
  readonly colourFix?: ColourFix | undefined
  /** The initial noise of each picture, of variance 1. */
  readonly noise: readonly Float32Array[]
  /** Fresh noise of variance 1 for a picture. */
  readonly freshNoise: (originals: number) => Float32Array
  readonly signal: AbortSignal
  /** Called after each call of the model with the calls done, all calls, and the latents. */
  readonly onStep: (done: number, whole: number, latents: readonly Float32Array[]) => void | Promise<void>
}

/**
 * The denoising loop, from noise to the latents of pictures. The model is called once per step (twice for Heun) with
 * all pictures and prompts in one batch.
 *
 * Inpainting: a model of 9 channels gets the mask and the masked image as further channels. For a model of 4 channels,
 * latents outside the mask are replaced after each step by the original ones with that step's noise (diffusers' legacy
 * inpainting). Where the mask is soft, a latent is replaced until its share of the steps is done (Levin and Fried 2023,
 * "Differential diffusion"). With a strength for each latent, models of 9 channels do the same.
 *
 * @throws the signal's reason
 */
export async function denoise(job: DenoiseParams): Promise<Float32Array[]> {
  const { size, inpaint, signal } = job
  const calls = job.sampler.timesteps.length
  const steps = Math.ceil(calls / job.sampler.callsPerStep)
  const firstStep = Math.floor(job.firstCall / job.sampler.callsPerStep)
  const count = job.latents.length
  const length = job.latents[0]!.length
  // One array for all pictures: samplers compute elementwise.
  let latents = concat(...job.latents)
  const noise = concat(...job.noise)
  const originals = inpaint && concat(...job.latents.map(() => inpaint.originalLatents))
  const maskChannels = inpaint ? [inpaint.mask, inpaint.maskedImageLatents] : []

  for (let call = job.firstCall; call < calls; call++) {
    signal.throwIfAborted()
    const { unet, schedule, sampler, conditioningAt } = job.refiner && call >= job.refiner.fromCall ? job.refiner : job
    const step = Math.ceil(call / sampler.callsPerStep)
    const { positive, negative } = conditioningAt(step - firstStep)
    const scaledLatents = sampler.scaleModelInput(latents, call)
    const conditions = [...(negative ? [negative] : []), ...positive.map(({ condition }) => condition)]
    const controls = unet === job.unet ? (job.controls ?? []) : []
    const [before, after] = [call - job.firstCall, call - job.firstCall + 1].map(done => done / (calls - job.firstCall))
    const items = conditions.flatMap(condition =>
      Array.from({ length: count }, (_, index) => {
        const sample = scaledLatents.subarray(index * length, (index + 1) * length)
        return { sample, condition, isNegative: condition === negative }
      }),
    )
    const rows = items.map(
      ({ sample, condition }): UnetBatchItem => ({
        sample: unet.channels === 9 ? concat(sample, ...maskChannels) : sample,
        condition,
      }),
    )
    const timestep = sampler.timesteps[call]!
    const residualsOf = controlResiduals(controls, items, timestep, size, [before!, after!])
    const outputs = await unet.predict(rows, timestep, { size, guidanceScale: job.guidanceScale }, residualsOf)
    const byCondition = conditions.map((_, index) => concat(...outputs.slice(index * count, (index + 1) * count)))
    const guided = applyGuidance(byCondition, positive, negative !== undefined, job.guidanceScale)
    const isRescaled = negative !== undefined && (job.guidanceRescale ?? 0) > 0
    const rescaled = isRescaled
      ? rescaleDeviation(guided, applyGuidance(byCondition.slice(1), positive, false, 1), count, job.guidanceRescale!)
      : guided
    const { colourFix } = job
    const output =
      colourFix && unet === job.unet && isAtWork(colourFix, [before!, after!])
        ? withColoursOf(colourFix, schedule, sampler.factorsAt(call), latents, rescaled, size)
        : rescaled
    const fresh = () => concat(...job.latents.map((_, index) => job.freshNoise(index)))
    latents = sampler.step(latents, output, call, fresh)
    const { strength } = inpaint ?? {}
    if (originals && (strength || unet.channels === 4)) {
      const isLast = call === calls - 1
      const noisedOriginal = isLast ? originals : sampler.addNoise(originals, noise, call + 1)
      const progress = (step + 1 - firstStep) / (steps - firstStep)
      const nextStep = Math.ceil((call + 1) / sampler.callsPerStep)
      if (strength) restoreUntilStart(latents, noisedOriginal, strength, nextStep, steps)
      else restoreUnmasked(latents, noisedOriginal, inpaint!.mask, isLast ? 1 : progress)
    }
    await job.onStep(call + 1 - job.firstCall, calls - job.firstCall, splitPictures(latents, count))
  }
  return splitPictures(latents, count)
}

/**
 * Classifier-free guidance: negative + Σ weight · guidance · (positive − negative); without a negative, the weighted
 * mean.
 */
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

/**
 * Move the standard deviation of each picture's output towards that of the output for the prompt alone.
 *
 * @param share 0 to 1
 */
function rescaleDeviation(guided: Float32Array, positive: Float32Array, count: number, share: number): Float32Array {
  const length = guided.length / count
  const result = new Float32Array(guided.length)
  for (let picture = 0; picture < count; picture++) {
    const part = (values: Float32Array) => values.subarray(picture * length, (picture + 1) * length)
    const factor = standardDeviation(part(positive)) / standardDeviation(part(guided))
    result.set(weightedSum([share * factor + 1 - share, part(guided)]), picture * length)
  }
  return result
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** Restore the original latents outside the mask. @param progress share of the steps done, 0 to 1 */
function restoreUnmasked(
  latents: Float32Array,
  noisedOriginal: Float32Array,
  mask: Float32Array,
  progress: number,
): void {
  for (let start = 0; start < latents.length; start += mask.length) {
    for (let at = 0; at < mask.length; at++) {
      const share = mask[at]!
      if (share === 0 || 1 - share > progress) latents[start + at] = noisedOriginal[start + at]!
    }
  }
}

/**
 * Restore the original latents that are not denoised yet: image to image of a strength starts before the step
 * `steps` − ⌊`steps` · strength⌋.
 *
 * @param nextStep 1 to `steps`, which is after the last one
 */
function restoreUntilStart(
  latents: Float32Array,
  noisedOriginal: Float32Array,
  strength: Float64Array,
  nextStep: number,
  steps: number,
): void {
  for (let at = 0; at < latents.length; at++) {
    const own = strength[at % strength.length]!
    const start = own === 0 ? steps : steps - Math.max(1, Math.floor(steps * own))
    if (nextStep <= start) latents[at] = noisedOriginal[at]!
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

/** The parts of the pictures, not copied. */
function splitPictures(whole: Float32Array, count: number): Float32Array[] {
  const length = whole.length / count
  return Array.from({ length: count }, (_, index) => whole.subarray(index * length, (index + 1) * length))
}
