import { UserError } from '../../../../user-error.js'
import type { Extent } from '../../../image/geometry.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'
import { promptAtStep, splitSubprompts } from '../prompt/prompt-editing.js'
import type { ResolvedOptions } from '../resolve-options.js'
import { type DenoiseParams, denoise, type InpaintConditioning, type StepConditioning } from '../sampling/denoise.js'
import { DISTILLED_SAMPLERS, samplerRegistry } from '../sampling/samplers/sampler-registry.js'

export type SampleParams = Pick<DenoiseParams, 'noise' | 'freshNoise' | 'signal' | 'onStep'> & {
  readonly model: DiffusionModel
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
  const { steps, spacing, guidance, guidanceRescale } = settings
  const stepsToRun = Math.max(1, Math.floor(steps * strength))
  const conditionings = await encodePromptsByStep(params, stepsToRun)
  signal.throwIfAborted()
  const { schedule, family } = model
  if (schedule.edm && DISTILLED_SAMPLERS.has(settings.sampler)) {
    throw new UserError({ code: 'sampler-unsupported', model: model.name, sampler: settings.sampler })
  }
  const sampler = samplerRegistry[settings.sampler](schedule, { steps, spacing, family })
  // A denoising strength below 1 runs only the last steps (img2img).
  const firstCall = sampler.callsPerStep * (steps - stepsToRun)
  return denoise({
    unet: model.unet,
    sampler,
    firstCall,
    latents: noise.map(one =>
      startLatents ? sampler.addNoise(startLatents, one, firstCall) : sampler.initialLatents(one),
    ),
    size: [size.height / VAE_SCALE_FACTOR, size.width / VAE_SCALE_FACTOR],
    conditioningAt: step => conditionings[Math.min(step, conditionings.length - 1)]!,
    guidanceScale: guidance,
    guidanceRescale,
    inpaint,
    noise,
    freshNoise,
    signal,
    onStep,
  })
}

/** The conditionings of each step; one entry if all steps have the same. */
async function encodePromptsByStep(
  { model, prompt, negative, clipSkip, settings, size }: SampleParams,
  steps: number,
): Promise<StepConditioning[]> {
  const usesNegative = settings.guidance > 1 && !model.unet.hasGuidanceEmbedding
  const conditionings: StepConditioning[] = []
  for (const { subprompts, negativePrompt } of promptsByStep(prompt, negative, steps)) {
    const prompts = [negativePrompt, ...subprompts.map(({ text }) => text)]
    const [encodedNegative, ...encoded] = await model.encodePrompts(prompts, size, clipSkip)
    const positive = subprompts.map(({ weight }, index) => ({ condition: encoded[index]!, weight }))
    conditionings.push({ positive, negative: usesNegative ? encodedNegative : undefined })
  }
  return conditionings
}

/** The subprompts and the negative prompt of each step; one entry if all steps have the same. */
function promptsByStep(prompt: string, negative: string | undefined, steps: number) {
  const all = Array.from({ length: steps }, (_, step) => ({
    subprompts: splitSubprompts(promptAtStep(prompt, step + 1, steps)),
    negativePrompt: negative === undefined ? undefined : promptAtStep(negative, step + 1, steps),
  }))
  const isConstant = all.every(one => JSON.stringify(one) === JSON.stringify(all[0]))
  return isConstant ? all.slice(0, 1) : all
}
