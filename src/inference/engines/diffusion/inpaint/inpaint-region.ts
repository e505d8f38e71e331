import { ProblemError } from '../../../../user-error.js'
import { pasted } from '../../../image/crop.js'
import { resized } from '../../../image/decode.js'
import { blank, crop, PAINT, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { Engine, Task } from '../../../pipeline/engine.js'
import type { Model } from '../model/model.js'
import { CHANNELS, LATENT, pixelsOf, planesOf } from '../model/vae.js'
import { promptAt, subprompts } from '../prompt/prompt-editing.js'
import type { Settled } from '../resolve-options.js'
import { denoise, type Guide } from '../sampling/denoise.js'
import { between, noiseFrom } from '../sampling/noise.js'
import { samplers } from '../sampling/samplers/sampler-registry.js'
import { blurredFill } from './blurred-fill.js'
import { keepingOf, underMask } from './inpaint-conditioning.js'
import { matchedNoise } from './matched-noise.js'
import { matched } from './seam.js'
import { placed, resizedCanvas, workSize } from './work-size.js'

export type Piece = {
  readonly model: Model
  /** Paints what the model begins with. */
  readonly fill: Engine
  readonly piece: Canvas
  readonly task: Task
  readonly how: Settled
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
export async function paintPiece({ model, fill, piece, task, how, under, ...rest }: Piece): Promise<Pixels> {
  const { seed, variation, onStep } = rest
  const { signal, options = {} } = task
  const { steps, guidance, content } = how
  const { size, place } = workSize(piece.pixels, model)
  const [across, down] = [size.width / LATENT, size.height / LATENT]
  const length = CHANNELS * across * down
  const { pixels: known, mask } = placed(await resizedCanvas(piece, place), place, size)
  const isBlank = mask.data.every(value => value === PAINT)
  const isFresh = isBlank && !under
  const strength = isFresh ? 1 : how.strength

  // Of a lower strength only the last steps are done.
  const done = Math.max(1, Math.floor(steps * strength))
  const guides: Guide[] = []
  for (const { towards, away } of promptsOf(task.prompt, how.negative, done)) {
    const texts = [away, ...towards.map(({ text }) => text)]
    const [unwanted, ...wanted] = await model.conditions(texts, size, options.clipSkip)
    const positive = towards.map(({ weight }, index) => ({ condition: wanted[index]!, weight }))
    guides.push({ positive, negative: guidance > 1 && !model.unet.knowsGuidance ? unwanted : undefined })
  }
  signal.throwIfAborted()

  const begun = async () => {
    if (under) return pasted(blank(size), await resized(under, place), place)
    if (isFresh) return known
    if (how.begun === 'blurred') return blurredFill({ pixels: known, mask })
    if (how.begun === 'matched noise') return matchedNoise({ pixels: known, mask }, seed)
    const alone = { seeds: [seed], prompt: '', signal, onProgress: () => {} }
    const [filled] = await fill.paint({ pixels: known, mask, old: piece.old }, alone)
    return filled!
  }
  // A model that sees the picture beside its latents, and begins with nothing but noise, never sees what lies under it.
  const isUnseen = model.unet.channels === 9 && strength === 1
  const picture = isUnseen ? new Float32Array(length) : await model.vae.encode(planesOf(await begun()), size)
  const isFree = isBlank && model.unet.channels === 4
  const keeping = isFree ? undefined : await keepingOf(model, known, mask, picture, size)
  const family = model.family
  const sampler = samplers[how.sampler].make(model.schedule, { steps, spacing: how.spacing, family })
  const noises = noiseFrom(seed)
  const { variationSeed, variationStrength = 0 } = options
  const own = noises(length)
  const isVaried = variationSeed !== undefined && variationStrength > 0
  const noise = isVaried ? between(own, noiseFrom((variationSeed + variation) >>> 0)(length), variationStrength) : own
  const first = sampler.callsPerStep * (steps - done)
  const start = keeping ? underMask(content, picture, keeping.mask, () => noises(length)) : picture
  const [latents] = await denoise({
    unet: model.unet,
    sampler,
    first,
    latents: [strength === 1 ? sampler.begin(noise) : sampler.noised(start, noise, first)],
    size: [down, across],
    guideAt: step => guides[Math.min(step, guides.length - 1)]!,
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
  if (!planes.every(Number.isFinite)) throw new ProblemError({ code: 'model-overflowed', model: model.name })
  const painted = await resized(crop(pixelsOf(planes, size), place), piece.pixels)
  return isBlank ? painted : matched(painted, piece.pixels, piece.mask)
}

/** What to go towards and away from in each step; one entry if nothing changes. */
function promptsOf(prompt: string, negative: string, steps: number) {
  const all = Array.from({ length: steps }, (_, step) => ({
    towards: subprompts(promptAt(prompt, step + 1, steps)),
    away: promptAt(negative, step + 1, steps),
  }))
  const isConstant = all.every(one => JSON.stringify(one) === JSON.stringify(all[0]))
  return isConstant ? all.slice(0, 1) : all
}
