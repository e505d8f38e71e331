import { UserError } from '../../../../user-error.js'
import { paste } from '../../../image/crop.js'
import { resizePixels } from '../../../image/decode.js'
import { cropPixels, filledPixels, PAINT, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { Engine, PaintTask } from '../../../pipeline/engine.js'
import type { DiffusionModel } from '../model/model.js'
import { LATENT_CHANNELS, pixelsToPlanes, planesToPixels, VAE_SCALE_FACTOR } from '../model/vae.js'
import { promptAtStep, splitSubprompts } from '../prompt/prompt-editing.js'
import type { ResolvedOptions } from '../resolve-options.js'
import { denoise, type StepConditioning } from '../sampling/denoise.js'
import { gaussianNoise, slerp } from '../sampling/noise.js'
import { samplerRegistry } from '../sampling/samplers/sampler-registry.js'
import { blurredFill } from './blurred-fill.js'
import { applyMaskedContent, inpaintConditioning } from './inpaint-conditioning.js'
import { matchedNoise } from './matched-noise.js'
import { matchTonesAtBorder } from './seam.js'
import { padCanvas, resizeCanvas, workSize } from './work-size.js'

export type InpaintRegionParams = {
  readonly model: DiffusionModel
  /** Paints what the model begins with. */
  readonly fill: Engine
  readonly piece: Canvas
  readonly task: PaintTask
  readonly how: ResolvedOptions
  /** The piece as it is under the mask too, where the painting begins with that. */
  readonly under: Pixels | undefined
  readonly seed: number
  /** By how much the variation's seed has moved on. */
  readonly variation: number
  /** After each step: how much of this piece is done, from 0 to 1. */
  readonly onStep: (share: number, preview: () => Promise<Pixels>) => Promise<void>
}

/**
 * Paint what is missing of a piece of a canvas, once, at about the size that the model knows.
 *
 * @returns the whole piece as the model sees it, matched to what was there
 * @throws the signal's reason; ProblemError `model-overflowed`, `clip-skip`
 */
export async function inpaintRegion({
  model,
  fill,
  piece,
  task,
  how,
  under,
  ...rest
}: InpaintRegionParams): Promise<Pixels> {
  const { seed, variation, onStep } = rest
  const { signal, options = {} } = task
  const { steps, guidance, content } = how
  const { size, place } = workSize(piece.pixels, model)
  const [across, down] = [size.width / VAE_SCALE_FACTOR, size.height / VAE_SCALE_FACTOR]
  const length = LATENT_CHANNELS * across * down
  const { pixels: known, mask } = padCanvas(await resizeCanvas(piece, place), place, size)
  const isBlank = mask.data.every(value => value === PAINT)
  const isFresh = isBlank && !under
  const strength = isFresh ? 1 : how.strength

  // Of a lower strength only the last steps are done.
  const done = Math.max(1, Math.floor(steps * strength))
  const guides: StepConditioning[] = []
  for (const { towards, away } of promptsOf(task.prompt, how.negative, done)) {
    const texts = [away, ...towards.map(({ text }) => text)]
    const [unwanted, ...wanted] = await model.encodePrompts(texts, size, options.clipSkip)
    const positive = towards.map(({ weight }, index) => ({ condition: wanted[index]!, weight }))
    guides.push({ positive, negative: guidance > 1 && !model.unet.hasGuidanceEmbedding ? unwanted : undefined })
  }
  signal.throwIfAborted()

  const begun = async () => {
    if (under) return paste(filledPixels(size), await resizePixels(under, place), place)
    if (isFresh) return known
    if (how.begun === 'blurred') return blurredFill({ pixels: known, mask })
    if (how.begun === 'matched noise') return matchedNoise({ pixels: known, mask }, seed)
    const alone = { seeds: [seed], prompt: '', signal, onProgress: () => {} }
    const [filled] = await fill.paint({ pixels: known, mask, old: piece.old }, alone)
    return filled!
  }
  // A model that sees the picture beside its latents, and begins with nothing but noise, never sees what lies under it.
  const isUnseen = model.unet.channels === 9 && strength === 1
  const picture = isUnseen ? new Float32Array(length) : await model.vae.encode(pixelsToPlanes(await begun()), size)
  const isFree = isBlank && model.unet.channels === 4
  const keeping = isFree ? undefined : await inpaintConditioning(model, known, mask, picture, size)
  const family = model.family
  const sampler = samplerRegistry[how.sampler].make(model.schedule, { steps, spacing: how.spacing, family })
  const noises = gaussianNoise(seed)
  const { variationSeed, variationStrength = 0 } = options
  const own = noises(length)
  const isVaried = variationSeed !== undefined && variationStrength > 0
  const noise = isVaried ? slerp(own, gaussianNoise((variationSeed + variation) >>> 0)(length), variationStrength) : own
  const first = sampler.callsPerStep * (steps - done)
  const start = keeping ? applyMaskedContent(content, picture, keeping.mask, () => noises(length)) : picture
  const [latents] = await denoise({
    unet: model.unet,
    sampler,
    first,
    latents: [strength === 1 ? sampler.initialLatents(noise) : sampler.addNoise(start, noise, first)],
    size: [down, across],
    conditioningAt: step => guides[Math.min(step, guides.length - 1)]!,
    guidance,
    keeping,
    noise: [noise],
    freshNoise: () => noises(length),
    signal,
    async onStep(calls, whole, [latest]) {
      await onStep(calls / whole, () => model.preview(latest!, { width: across, height: down }))
      // Cancelling comes by a message, which is read between steps.
      await new Promise(resolve => setImmediate(resolve))
    },
  })
  signal.throwIfAborted()
  const planes = await model.vae.decode(latents!, size)
  if (!planes.every(Number.isFinite)) throw new UserError({ code: 'model-overflowed', model: model.name })
  const painted = await resizePixels(cropPixels(planesToPixels(planes, size), place), piece.pixels)
  return isBlank ? painted : matchTonesAtBorder(painted, piece.pixels, piece.mask)
}

/** What to go towards and away from in each step; one entry if nothing changes. */
function promptsOf(prompt: string, negative: string, steps: number) {
  const all = Array.from({ length: steps }, (_, step) => ({
    towards: splitSubprompts(promptAtStep(prompt, step + 1, steps)),
    away: promptAtStep(negative, step + 1, steps),
  }))
  const isConstant = all.every(one => JSON.stringify(one) === JSON.stringify(all[0]))
  return isConstant ? all.slice(0, 1) : all
}
