import { UserError } from '../../../../user-error.js'
import type { Extent } from '../../../image/geometry.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'
import { promptAtStep, splitSubprompts } from '../prompt/prompt-editing.js'
import type { ResolvedOptions } from '../resolve-options.js'
import {
  type DenoiseParams,
  type DenoiseStage,
  denoise,
  type InpaintConditioning,
  type StepConditioning,
} from '../sampling/denoise.js'
import { DISTILLED_SAMPLERS, samplerRegistry } from '../sampling/samplers/sampler-registry.js'

/** A model that runs the last steps: from this share of the noise schedule on, 0 to 1. */
export type Refiner = { readonly model: DiffusionModel; readonly switchAt: number }

export type SampleParams = Pick<
  DenoiseParams,
  'controls' | 'colourFix' | 'noise' | 'freshNoise' | 'signal' | 'onStep'
> & {
  readonly model: DiffusionModel
  /** A second model, which runs the last steps. */
  readonly refiner?: Refiner | undefined
  readonly prompt: string
  /** Undefined for none: SDXL then gets zeros instead of an embedding; the empty text is encoded. */
  readonly negative: string | undefined
  readonly clipSkip?: number | undefined
  readonly settings: Pick<ResolvedOptions, 'steps' | 'sampler' | 'spacing' | 'guidance' | 'guidanceRescale'>
  /** Denoising strength, 0 to 1: the share of the steps that run. */
  readonly strength: number
  /** Size of the picture in pixels. */
  readonly size: Extent
  /** The latents that the noise is added to; undefined for pure noise. */
  readonly startLatents: Float32Array | undefined
  readonly inpaint: InpaintConditioning | undefined
}

/**
 * The latents of pictures, one for each noise: encodes the prompts, adds the noise, and denoises.
 *
 * @throws the signal's reason; UserError `clip-skip`, `sampler-unsupported`
 */
export async function sampleLatents(params: SampleParams): Promise<Float32Array[]> {
  const { model, settings, strength, size, startLatents, inpaint, noise, freshNoise, signal, onStep } = params
  const { steps, guidance, guidanceRescale } = settings
  const stepsToRun = stepsOf(steps, strength)
  const stage = await stageOf(model, params, stepsToRun)
  const { sampler } = stage
  // A denoising strength below 1 runs only the last steps (img2img).
  const firstCall = sampler.callsPerStep * (steps - stepsToRun)
  return denoise({
    ...stage,
    controls: params.controls,
    colourFix: params.colourFix,
    refiner: params.refiner && (await refinerStage(params.refiner, params, stepsToRun)),
    firstCall,
    latents: noise.map(one =>
      startLatents ? sampler.addNoise(startLatents, one, firstCall) : sampler.initialLatents(one),
    ),
    size: [size.height / VAE_SCALE_FACTOR, size.width / VAE_SCALE_FACTOR],
    guidanceScale: guidance,
    guidanceRescale,
    inpaint,
    noise,
    freshNoise,
    signal,
    onStep,
  })
}

/** The prompts as {@link sampleLatents} needs them. The model keeps them. @throws UserError `clip-skip` */
export async function encodePrompts({ model, settings, strength, ...prompts }: PromptParams): Promise<void> {
  await encodePromptsByStep(model, { settings, ...prompts }, stepsOf(settings.steps, strength))
}

type PromptParams = Pick<SampleParams, 'model' | 'prompt' | 'negative' | 'clipSkip' | 'settings' | 'strength' | 'size'>

function stepsOf(steps: number, strength: number): number {
  return Math.max(1, Math.floor(steps * strength))
}

/** A model with its sampler and the prompts encoded for it. @throws UserError `clip-skip`, `sampler-unsupported` */
async function stageOf(model: DiffusionModel, params: SampleParams, stepsToRun: number): Promise<DenoiseStage> {
  const { settings, signal } = params
  const { schedule, family, unet } = model
  const conditionings = await encodePromptsByStep(model, params, stepsToRun)
  signal.throwIfAborted()
  if (schedule.edm && DISTILLED_SAMPLERS.has(settings.sampler)) {
    throw new UserError({ code: 'sampler-unsupported', model: model.name, sampler: settings.sampler })
  }
  return {
    unet,
    schedule,
    sampler: samplerRegistry[settings.sampler](schedule, { ...settings, family }),
    conditioningAt: step => conditionings[Math.min(step, conditionings.length - 1)]!,
  }
}

/** The refiner takes over where diffusers' `denoising_start` does: at the first timestep below its share of all. */
async function refinerStage({ model, switchAt }: Refiner, params: SampleParams, stepsToRun: number) {
  const stage = await stageOf(model, params, stepsToRun)
  const { timesteps, callsPerStep } = stage.sampler
  const { num_train_timesteps: trainTimesteps } = model.schedule.config
  const cutoff = Math.round(trainTimesteps * (1 - switchAt))
  const own = timesteps.filter(timestep => timestep < cutoff).length
  // A step of two calls is not divided: the last one has only one call.
  const calls = callsPerStep === 2 && own % 2 === 0 ? own + 1 : own
  return { ...stage, fromCall: timesteps.length - calls }
}

/** The conditionings of each step; one entry if all steps have the same. */
async function encodePromptsByStep(
  model: DiffusionModel,
  { prompt, negative, clipSkip, settings, size }: Omit<PromptParams, 'model' | 'strength'>,
  steps: number,
): Promise<StepConditioning[]> {
  const usesNegative = settings.guidance > 1 && !model.unet.hasGuidanceEmbedding
  const conditionings: StepConditioning[] = []
  for (const { subprompts, negativePrompt } of promptsByStep(prompt, negative, steps)) {
    const prompts = { positive: subprompts.map(({ text }) => text), negative: negativePrompt }
    const encoded = await model.encodePrompts(prompts, size, clipSkip)
    const positive = subprompts.map(({ weight }, index) => ({ condition: encoded.positive[index]!, weight }))
    conditionings.push({ positive, negative: usesNegative ? encoded.negative : undefined })
  }
  return conditionings
}

/** The subprompts and the negative prompt of each step; one entry if all steps have the same. */
function promptsByStep(prompt: string, negative: string | undefined, steps: number) {
  const texts = Array.from({ length: steps }, (_, step) => ({
    prompt: promptAtStep(prompt, step + 1, steps),
    negativePrompt: negative === undefined ? undefined : promptAtStep(negative, step + 1, steps),
  }))
  const [first] = texts
  const isConstant = texts.every(one => one.prompt === first?.prompt && one.negativePrompt === first.negativePrompt)
  return (isConstant ? texts.slice(0, 1) : texts).map(one => ({
    subprompts: splitSubprompts(one.prompt),
    negativePrompt: one.negativePrompt,
  }))
}
