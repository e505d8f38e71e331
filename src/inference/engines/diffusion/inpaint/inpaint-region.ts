import { UserError } from '../../../../user-error.js'
import { paste } from '../../../image/crop.js'
import { resizePixels } from '../../../image/decode.js'
import { filledPixels, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { PaintTask } from '../../../pipeline/engine.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { LATENT_CHANNELS, VAE_SCALE_FACTOR } from '../model/vae.js'
import type { ResolvedOptions } from '../resolve-options.js'
import type { InpaintConditioning } from '../sampling/denoise.js'
import { gaussianNoise, type NoiseSource, slerp } from '../sampling/noise.js'
import type { Exclusively } from '../take-turns.js'
import { blurredFill } from './blurred-fill.js'
import { controlEffects, regionControls } from './control-hints.js'
import { edgeColourFill } from './edge-colour.js'
import type { InitialFill } from './initial-fill.js'
import { applyMaskedContent, MASK_RULES } from './inpaint-conditioning.js'
import { matchedNoise } from './matched-noise.js'
import { once } from './once.js'
import { type PostProcess, postProcessHere } from './post-process.js'
import { encodePrompts, type Refiner, sampleLatents } from './sample-latents.js'
import { latentStrength, resizeStrengthMap, type StrengthMap, softInitialImage } from './soft-mask.js'
import { type WorkRegion, workRegion } from './work-region.js'

export type InpaintRegionParams = {
  readonly model: DiffusionModel
  readonly refiner?: Refiner | undefined
  /** Paints the initial image under the mask. */
  readonly fill: InitialFill
  readonly region: Canvas
  /** The region at work size, if it is known already. */
  readonly prepared?: WorkRegion | undefined
  readonly task: PaintTask
  readonly settings: ResolvedOptions
  /** The region's pixels including those under the mask; where given, denoising starts from them. */
  readonly initImage: Pixels | undefined
  /** Of a mask with greys, the size of the region. */
  readonly strengthMap?: StrengthMap | undefined
  readonly seed: number
  /** Added to the variation seed. */
  readonly variation: number
  /** The region is painted at its own size, whose sides are multiples of 64, instead of the model's work size. */
  readonly atOwnSize?: boolean
  /** The noise of a seed; independent Gaussian noise if left out. */
  readonly noise?: (seed: number) => NoiseSource
  /** Uses the device alone, where other pictures use it too. */
  readonly onDevice?: Exclusively
  readonly postProcess?: PostProcess
  /** Nothing else uses the device meanwhile, so that no thread has to start first. */
  readonly isFirst?: boolean
  /** Called after each step with the progress of this region, 0 to 1. */
  readonly onStep: (progress: number, preview: () => Promise<Pixels>) => Promise<void>
}

/**
 * Inpaint a region of a canvas in one pass, at the model's work size.
 *
 * @returns the whole region as the model paints it, also outside the mask, with its colors matched to the known pixels
 * @throws the signal's reason; UserError `model-overflowed`, `clip-skip`
 */
export async function inpaintRegion(params: InpaintRegionParams): Promise<Pixels> {
  const { model, refiner, region, task, settings, initImage, seed, variation, onStep } = params
  const { noise: noiseOf = gaussianNoise, atOwnSize = false, postProcess = postProcessHere, isFirst = false } = params
  const onDevice: Exclusively = params.onDevice ?? (work => work())
  const { signal, options = {} } = task
  const prepared = params.prepared ?? (await workRegion(model, region, { atOwnSize }))
  const { size, contentBox, known, mask, isBlank } = prepared
  const [across, down] = [size.width / VAE_SCALE_FACTOR, size.height / VAE_SCALE_FACTOR]
  const length = LATENT_CHANNELS * across * down
  const map = params.strengthMap && (await resizeStrengthMap(params.strengthMap, contentBox, size))
  const startsFromNoise = isBlank && !initImage && !map
  const isRestored = model.unet.channels === 4
  const overlap = MASK_RULES.overlapping.overlapPixels / VAE_SCALE_FACTOR
  const latentStrengths = map && latentStrength(map, mask, settings.strength, overlap, isRestored)
  const strength = startsFromNoise ? 1 : (latentStrengths?.strongest ?? settings.strength)

  const paintInitialImage = once(() => initialImage(params, prepared, strength, map))
  // An inpainting model that starts from pure noise never reads the initial latents.
  const readsMasks = model.unet.channels === 9 && (!refiner || refiner.model.unet.channels === 9)
  // Without a picture there is nothing to control by.
  const { isGlobal, startsFromPrefill, colourFix } = controlEffects(startsFromNoise ? {} : options)
  const ignoresInitialLatents = readsMasks && strength === 1 && !startsFromPrefill && !colourFix && !map
  const sampling = {
    model,
    prompt: task.prompt,
    negative: settings.negative.trim() || undefined,
    clipSkip: options.clipSkip,
    settings,
    strength,
    size,
  }
  const toPlanes = isFirst ? postProcessHere.toPlanes : postProcess.toPlanes
  // Threads work while the device encodes the prompts, or works on another picture.
  const encoderInput = ignoresInitialLatents ? undefined : paintInitialImage().then(toPlanes)
  encoderInput?.catch(() => {}) // whoever asks for it gets the error
  const isUnconstrained = isBlank && isRestored && !map
  if (!isUnconstrained) prepared.latentMask()
  await onDevice(() => encodePrompts(sampling))
  const nextNoise = noiseOf(seed)
  const ownNoise = nextNoise(length)
  // Other pictures may use the device meanwhile.
  await encoderInput

  const paintPlanes = async (): Promise<Float32Array> => {
    signal.throwIfAborted()
    const initialLatents = encoderInput ? await model.vae.encode(await encoderInput, size) : new Float32Array(length)
    const controls = startsFromNoise ? [] : await regionControls(model, options, known, mask, paintInitialImage)
    const conditioning = isUnconstrained ? undefined : await prepared.conditioning(initialLatents)
    const inpaint = conditioning && { ...conditioning, strength: latentStrengths?.strengths }
    const { variationSeed, variationStrength = 0 } = options
    const isVaried = variationSeed !== undefined && variationStrength > 0
    const noise = isVaried
      ? slerp(ownNoise, noiseOf((variationSeed + variation) >>> 0)(length), variationStrength)
      : ownNoise
    const startLatents = inpaint
      ? applyMaskedContent(settings.content, initialLatents, wholeMask(inpaint, settings), () => nextNoise(length))
      : initialLatents
    const [latents] = await sampleLatents({
      ...sampling,
      refiner,
      controls,
      colourFix: colourFix && { ...colourFix, source: initialLatents },
      startLatents: strength === 1 && !startsFromPrefill ? undefined : startLatents,
      inpaint: isGlobal && isRestored && !map ? undefined : inpaint,
      noise: [noise],
      freshNoise: () => nextNoise(length),
      signal,
      async onStep(callsDone, allCalls, [latest]) {
        await onStep(callsDone / allCalls, () => model.preview(latest!, { width: across, height: down }))
        // Let the event loop deliver a cancel message between steps.
        await new Promise(resolve => setImmediate(resolve))
      },
    })
    signal.throwIfAborted()
    return model.vae.decode(latents!, size)
  }
  const planes = await onDevice(paintPlanes)
  const decoded = await postProcess.toPixels({ planes, size, contentBox })
  if (!decoded) throw new UserError({ code: 'model-overflowed', model: model.name })
  const painted = await resizePixels(decoded, region.pixels)
  if (isBlank || !settings.colorMatch) return painted
  return postProcess.matchColors({ painted, known: region.pixels, mask: region.mask })
}

/** What denoising starts from, at work size. @param strength of the whole region, 0 to 1 */
async function initialImage(
  { fill, region, task, settings, initImage, seed }: InpaintRegionParams,
  { size, contentBox, known, mask, isBlank }: WorkRegion,
  strength: number,
  map: StrengthMap | undefined,
): Promise<Pixels> {
  const fillMasked = async (hiddenBy: number): Promise<Pixels> => {
    if (settings.prefill === 'blur') return blurredFill({ pixels: known, mask })
    if (settings.prefill === 'edge color') return edgeColourFill({ pixels: known, mask })
    if (settings.prefill === 'matched noise') return matchedNoise({ pixels: known, mask }, seed)
    return fill({ pixels: known, mask, old: region.old }, seed, hiddenBy)
  }
  if (initImage) return paste(filledPixels(size), await resizePixels(initImage, contentBox), contentBox)
  if (map) return softInitialImage(map, mask, () => fillMasked(0))
  if (isBlank) return known
  // A ControlNet may show it as it is.
  return fillMasked(task.options?.control?.length ? 0 : strength)
}

/** The mask of what is repainted as a whole: only there the old content may be lost before denoising. */
function wholeMask({ mask, strength }: InpaintConditioning, settings: ResolvedOptions): Float32Array {
  return strength ? mask.map((value, at) => (strength[at]! >= settings.strength ? value : 0)) : mask
}
