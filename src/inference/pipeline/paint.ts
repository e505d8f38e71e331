import { UserError } from '../../user-error.js'
import type { EngineRegistry } from '../engines/registry.js'
import { conversionsOf } from '../image/conversions.js'
import { cropCanvas, paddedBounds, paste } from '../image/crop.js'
import type { Box } from '../image/geometry.js'
import { cropMask, cropPixels, filledPixels, KEEP, type Pixels } from '../image/pixels.js'
import { stripMetadata } from '../image/strip-metadata.js'
import { type Canvas, NOWHERE, wholeCanvas } from './canvas.js'
import { cleanText } from './clean-text.js'
import { composite } from './composite.js'
import type { UsedControl } from './control-modules.js'
import type { Edit } from './edit.js'
import type { Engine, PaintTask, PaintTaskOptions, Progress } from './engine.js'
import { type LaidPicture, layPicture } from './lay-picture.js'
import type { MemoryFallback } from './memory-fallback.js'
import { paintPixels } from './paint-pixels.js'
import type { PaintRequest, PaintResult } from './paint-request.js'
import { pictureEncoder } from './picture-encoder.js'
import { fingerprint, MAX_PROMPT_LENGTH, type Recipe } from './recipe.js'
import { type OpenEngine, secondPassOf, withSecondPass } from './redraw.js'
import { applyMix } from './transparency.js'
import { usedControls } from './used-controls.js'

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
  const { source, seeds } = request
  const second = secondPassOf(request.edit, engines)
  const edit = withSecondPass(request.edit, second)
  const prompt = checkedPrompt(request.prompt)
  const startedAt = performance.now()
  const laid = source ? await layPicture(request, source, engines) : emptyCanvas(edit)
  const area = enginePart(edit, laid)
  signal.throwIfAborted()

  const readAt = performance.now()
  const fallbacks: MemoryFallback[] = []
  const controls = usedControls(request, laid.canvas, engines)
  const task: PaintTask = {
    seeds,
    prompt,
    options: { ...taskOptions(request, laid.canvas), ...controls.options },
    ...startOf(laid, area),
    signal,
    onProgress,
    onMemoryFallback: fallback => fallbacks.push(fallback),
  }
  const recipe = recipeOf({ ...request, edit, prompt }, laid, engine.name, controls.used)
  // An upscaled picture has nothing left of the old one that could be restored.
  const isUpscaled = edit.kind === 'upscale' || second !== undefined
  const encoder = pictureEncoder(recipe, seeds, pixels => (isUpscaled ? pixels : finish(laid, pixels, area)))
  const canvas = area ? cropCanvas(laid.canvas, area) : laid.canvas
  const painted = await paintPixels({ request, laid, canvas, engine, second, openEngine }, task, (pixels, index) =>
    encoder.start(pixels, index, laid.mix?.alpha),
  )
  signal.throwIfAborted()

  const paintedAt = performance.now()
  const pictures = await encoder.encodeAll(painted.pictures, painted.alpha)
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

/** @throws UserError `prompt-too-long` */
function checkedPrompt(text: string): string {
  const prompt = cleanText(text)
  if (prompt.length <= MAX_PROMPT_LENGTH) return prompt
  throw new UserError({ code: 'prompt-too-long', length: prompt.length, max: MAX_PROMPT_LENGTH })
}

/** What sampling starts from, and how strongly it repaints each pixel. @param area the part of the canvas that the engine paints */
function startOf(
  { initImage, strength }: LaidPicture,
  area: Box | undefined,
): Pick<PaintTask, 'initImage' | 'softMask'> {
  return {
    ...(initImage && { initImage: area ? cropPixels(initImage, area) : initImage }),
    ...(strength && { softMask: area ? cropMask(strength, area) : strength }),
  }
}

/** How a picture of a request is made, whatever its seed. */
function recipeOf(
  { edit, prompt, options, source, mask }: PaintRequest,
  { old, whole }: LaidPicture,
  engine: string,
  controls: readonly UsedControl[],
): Omit<Recipe, 'seed'> {
  return {
    edit,
    old,
    ...(whole && { whole }),
    prompt,
    engine,
    ...(options && { options }),
    source: source ? fingerprint(stripMetadata(source)) : '',
    ...(mask && { mask: fingerprint(mask) }),
    ...(controls.length > 0 && { controls: [...controls] }),
  }
}

const refuseSecondEngine: OpenEngine = async name => {
  throw new Error(`${name} can’t be opened without openEngine`)
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
