import { UserError } from '../../user-error.js'
import type { EngineRegistry } from '../engines/registry.js'
import { refill } from '../history/refill.js'
import type { EarlierPicture } from '../history/stages.js'
import type { Conversion } from '../image/conversion-names.js'
import { conversionsOf } from '../image/conversions.js'
import { cropCanvas, paddedBounds, paste } from '../image/crop.js'
import type { Box, Extent } from '../image/geometry.js'
import { cropMask, cropPixels, filledPixels, KEEP, PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import { encodePng } from '../image/png.js'
import { stripMetadata } from '../image/strip-metadata.js'
import { type Canvas, NOWHERE, wholeCanvas } from './canvas.js'
import { cleanText } from './clean-text.js'
import { composite } from './composite.js'
import type { UsedControl } from './control-modules.js'
import type { Edit, UpscaleHistory } from './edit.js'
import type { Engine, PaintTask, PaintTaskOptions, Progress } from './engine.js'
import { type LaidPicture, layPicture } from './lay-picture.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'
import { fingerprint, formatParameters, MAX_PROMPT_LENGTH, type Recipe } from './recipe.js'
import { enlargeAndRedraw, type OpenEngine, partOf, secondPassOf, withSecondPass } from './redraw.js'
import { applyMix } from './transparency.js'
import { upscaleAlpha } from './upscale.js'
import { usedControls } from './used-controls.js'

export type PaintRequest = {
  readonly edit: Edit
  /** A picture file, as it came; only `imagine` goes without. */
  readonly source?: Uint8Array
  /**
   * A canonical mask, as `encodeMask` writes it: a PNG of the size of `source` (upright), white where it is painted. Whatever else
   * somebody sends as a mask is interpreted where it comes in, by `interpretMask`. For `vary`, the mask of the edit before, of the
   * size of that edit's source.
   */
  readonly mask?: Uint8Array
  /** For upscaling from history: what `source` was made of, the latest first. */
  readonly earlier?: readonly EarlierPicture[]
  readonly prompt: string
  readonly seeds: readonly number[]
  readonly engine: string
  /** How to paint, for engines that read prompts. */
  readonly options?: DiffusionOptions
}

export type PaintedPicture = Extent & {
  readonly seed: number
  readonly recipe: Recipe
  /** PNG, with the recipe in its `parameters` text. */
  readonly png: Uint8Array
}

export type PaintResult = {
  readonly engine: string
  readonly pictures: readonly PaintedPicture[]
  /** Wall time in milliseconds: reading and layout, the engine, compositing and encoding. */
  readonly timings: { readonly read: number; readonly paint: number; readonly write: number; readonly total: number }
  /** What was done because memory was short, if it was. */
  readonly savings?: readonly MemoryFallback[]
  /** How the source was converted when it was read, if it was. */
  readonly conversions?: readonly Conversion[]
  /** The ControlNets that took part, if any did. */
  readonly controls?: readonly UsedControl[]
}

export type PaintContext = {
  /** The installed engines, named in the error if the engine can't paint the request. */
  readonly engines: EngineRegistry
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Opens the engines of edits that need two of them. Without it such an edit is a bug. */
  readonly openEngine?: OpenEngine
}

/**
 * The path of a picture: read it, put it on the canvas, let the engine paint what is missing, restore what was
 * there, encode the pictures.
 *
 * @throws UserError for whatever is wrong with the request; the signal's reason once it fires
 */
export async function paint(request: PaintRequest, engine: Engine, context: PaintContext): Promise<PaintResult> {
  const { engines, openEngine = refuseSecondEngine, signal, onProgress } = context
  const second = secondPassOf(request.edit, engines)
  const edit = withSecondPass(request.edit, second)
  const { seeds } = request
  const prompt = cleanText(request.prompt)
  if (prompt.length > MAX_PROMPT_LENGTH) {
    throw new UserError({ code: 'prompt-too-long', length: prompt.length, max: MAX_PROMPT_LENGTH })
  }
  const startedAt = performance.now()
  const laid = request.source ? await layPicture(request, request.source, engines) : emptyCanvas(edit)
  const { canvas, old, whole, mix, initImage, strength } = laid
  const area = enginePart(edit, laid)
  const engineCanvas = area ? cropCanvas(canvas, area) : canvas
  signal.throwIfAborted()

  const readAt = performance.now()
  const engineInitImage = initImage && (area ? cropPixels(initImage, area) : initImage)
  const softMask = strength && (area ? cropMask(strength, area) : strength)
  const fallbacks: MemoryFallback[] = []
  const controls = usedControls(request, canvas, engines)
  const task: PaintTask = {
    seeds,
    prompt,
    options: { ...taskOptions(request, canvas), ...controls.options },
    ...(engineInitImage && { initImage: engineInitImage }),
    ...(softMask && { softMask }),
    signal,
    onProgress,
    onMemoryFallback: fallback => fallbacks.push(fallback),
  }
  // Around a sticker that keeps its transparency there may be nothing to paint.
  const history = edit.kind === 'upscale' ? edit.history : undefined
  const isPainted = laid.visible.data.includes(PAINT) && !history && !(second && edit.kind === 'upscale')
  const { source, mask, options } = request
  const recipe: Omit<Recipe, 'seed'> = {
    edit,
    old,
    ...(whole && { whole }),
    prompt,
    engine: engine.name,
    ...(options && { options }),
    source: source ? fingerprint(stripMetadata(source)) : '',
    ...(mask && { mask: fingerprint(mask) }),
    ...(controls.used.length > 0 && { controls: [...controls.used] }),
  }
  const isFinal = edit.kind === 'upscale' || second !== undefined
  const encode = async (pixels: Pixels, index: number, alpha: SoftMask | undefined): Promise<PaintedPicture> => {
    const own = { ...recipe, seed: seeds[index]! }
    const picture = isFinal ? pixels : finish(laid, pixels, area)
    const png = await encodePng(picture, { parameters: formatParameters(own, picture) }, alpha)
    return { seed: own.seed, width: picture.width, height: picture.height, recipe: own, png }
  }
  /** Pictures that are encoded while the next one is painted. */
  const encoded = new Map<Pixels, Promise<PaintedPicture>>()
  const onPicture = (pixels: Pixels, index: number) => {
    const encoding = encode(pixels, index, mix?.alpha)
    encoding.catch(() => {}) // whoever asks for it gets the error
    encoded.set(pixels, encoding)
  }
  const firstTask = second
    ? { ...task, onProgress: partOf(onProgress, 0, second.firstShare) }
    : { ...task, ...(!isFinal && { onPicture }) }
  const first = isPainted ? await engine.paint(engineCanvas, firstTask) : seeds.map(() => engineCanvas.pixels)
  const refilled = history && (await refillFrom(request, history, laid, engine, task))
  const painted = refilled
    ? [refilled.pixels]
    : second
      ? await enlargeAndRedraw(first, second, engine.name, task, openEngine)
      : first
  const upscaler = second ? await openEngine(second.redraw.upscaler) : engine
  const alpha = refilled
    ? refilled.alpha
    : edit.kind === 'upscale' && laid.alpha
      ? await upscaleAlpha(upscaler, laid.alpha, edit.scale, task)
      : mix?.alpha
  signal.throwIfAborted()

  const paintedAt = performance.now()
  const pictures = await Promise.all(
    painted.map((pixels, index) => encoded.get(pixels) ?? encode(pixels, index, alpha)),
  )
  const endedAt = performance.now()
  const timings = {
    read: readAt - startedAt,
    paint: paintedAt - readAt,
    write: endedAt - paintedAt,
    total: endedAt - startedAt,
  }
  const conversions = source ? await conversionsOf(source) : []
  return {
    engine: engine.name,
    pictures,
    timings,
    ...(fallbacks.length > 0 && { savings: fallbacks }),
    ...(conversions.length > 0 && { conversions }),
    ...(controls.used.length > 0 && { controls: controls.used }),
  }
}

const refuseSecondEngine: OpenEngine = async name => {
  throw new Error(`${name} can’t be opened without openEngine`)
}

/** @throws UserError `history-missing` where the earlier pictures are not there */
async function refillFrom(
  { source, earlier }: PaintRequest,
  { width, height }: UpscaleHistory,
  { canvas, alpha }: LaidPicture,
  engine: Engine,
  task: PaintTask,
) {
  if (!source || !earlier) throw new UserError({ code: 'history-missing', isGone: true })
  return refill({ source, earlier, pixels: canvas.pixels, alpha, size: { width, height } }, engine, task)
}

/** The picture that an engine painted, with everything else as it was. @param area the part of the canvas that it painted */
function finish({ canvas, mix }: LaidPicture, painted: Pixels, area: Box | undefined): Pixels {
  const whole = area ? paste(canvas.pixels, painted, area) : painted
  const kept = composite(canvas, whole)
  return mix ? applyMix(mix, kept) : kept
}

function emptyCanvas(edit: Edit): LaidPicture {
  if (edit.kind !== 'imagine') throw new UserError({ code: 'edit-invalid', detail: `${edit.kind} needs a picture` })
  const canvas = wholeCanvas(filledPixels(edit))
  return { canvas, old: NOWHERE, visible: canvas.mask }
}

/** What the engine sees: with the inpaint area "only masked" a part of the canvas, if some of it is known. */
function enginePart(edit: Edit, { canvas, visible }: LaidPicture): Box | undefined {
  if (edit.kind !== 'inpaint' || edit.area !== 'masked') return undefined
  const box = paddedBounds(visible, edit.padding)
  return box && cropMask(canvas.mask, box).data.includes(KEEP) ? box : undefined
}

/** What was chosen for the engine, together with what the edit itself says. */
function taskOptions({ edit, options }: PaintRequest, { old }: Canvas): PaintTaskOptions {
  if (edit.kind === 'upscale' && !edit.creative) return { scale: edit.scale }
  if (edit.kind === 'inpaint') return { ...options, strength: edit.strength, content: edit.content }
  if (edit.kind === 'vary' && old === NOWHERE) {
    return { ...options, strength: VARY_STRENGTH[edit.strength], content: 'original' }
  }
  return options ?? {}
}

/** Denoising strength where a whole picture is varied. */
const VARY_STRENGTH = { subtle: 0.35, strong: 0.75 } as const
