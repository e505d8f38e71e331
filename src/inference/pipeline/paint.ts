import { UserError } from '../../user-error.js'
import type { EngineRegistry } from '../engines/registry.js'
import { cropCanvas, paddedBounds, paste } from '../image/crop.js'
import { readPicture, readSize, sharpFromPixels } from '../image/decode.js'
import { type Box, type Extent, isSameSize } from '../image/geometry.js'
import { decodeSoftMask, hardMask, maskSizeError } from '../image/mask-file.js'
import {
  cropPixels,
  filledMask,
  filledPixels,
  KEEP,
  type Mask,
  PAINT,
  type Pixels,
  type SoftMask,
} from '../image/pixels.js'
import { encodePng } from '../image/png.js'
import { stripMetadata } from '../image/strip-metadata.js'
import { dilate } from '../mask/morphology.js'
import { type Canvas, createCanvas } from './canvas.js'
import { composite } from './composite.js'
import { type Edit, needsMask } from './edit.js'
import type { Engine, PaintTaskOptions, Progress } from './engine.js'
import { blend, featherOpacity } from './feather.js'
import { type CanvasLayout, layoutCanvas } from './layout.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'
import { layOutSoftMask, placeMask } from './place-mask.js'
import { fingerprint, formatParameters, MAX_PROMPT_LENGTH, type Recipe } from './recipe.js'
import { varyMask } from './vary.js'

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
}

export type PaintContext = {
  /** The installed engines, named in the error if the engine can't paint the request. */
  readonly engines: EngineRegistry
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/**
 * The path of a picture: read it, put it on the canvas, let the engine paint what is missing, restore what was
 * there, encode the pictures.
 *
 * @throws UserError for whatever is wrong with the request; the signal's reason once it fires
 */
export async function paint(request: PaintRequest, engine: Engine, context: PaintContext): Promise<PaintResult> {
  const { engines, signal, onProgress } = context
  const { edit, seeds } = request
  const prompt = stripControlCharacters(request.prompt)
  if (prompt.length > MAX_PROMPT_LENGTH) {
    throw new UserError({ code: 'prompt-too-long', length: prompt.length, max: MAX_PROMPT_LENGTH })
  }
  const startedAt = performance.now()
  const { canvas, old, feather, initImage } = request.source
    ? await layPicture(request, request.source, engines)
    : { canvas: emptyCanvas(edit), old: NOWHERE, feather: undefined, initImage: undefined }
  const area = edit.kind === 'inpaint' && edit.area === 'masked' ? paddedBounds(canvas.mask, edit.padding) : undefined
  const engineCanvas = area ? cropCanvas(canvas, area) : canvas
  signal.throwIfAborted()

  const readAt = performance.now()
  const engineInitImage = initImage && (area ? cropPixels(initImage, area) : initImage)
  const fallbacks: MemoryFallback[] = []
  const painted = await engine.paint(engineCanvas, {
    seeds,
    prompt,
    options: taskOptions(request, canvas),
    ...(engineInitImage && { initImage: engineInitImage }),
    signal,
    onProgress,
    onMemoryFallback: fallback => fallbacks.push(fallback),
  })
  signal.throwIfAborted()

  const paintedAt = performance.now()
  const { source, mask, options } = request
  const recipe: Omit<Recipe, 'seed'> = {
    edit,
    old,
    prompt,
    engine: engine.name,
    ...(options && { options }),
    source: source ? fingerprint(stripMetadata(source)) : '',
    ...(mask && { mask: fingerprint(mask) }),
  }
  const pictures = await Promise.all(
    painted.map(async (pixels, index) => {
      const own = { ...recipe, seed: seeds[index]! }
      const whole = area ? paste(canvas.pixels, pixels, area) : pixels
      const picture = composite(canvas, feather ? feather(whole) : whole)
      const png = await encodePng(picture, { parameters: formatParameters(own, picture) })
      return { seed: own.seed, width: picture.width, height: picture.height, recipe: own, png }
    }),
  )
  const endedAt = performance.now()
  const timings = {
    read: readAt - startedAt,
    paint: paintedAt - readAt,
    write: endedAt - paintedAt,
    total: endedAt - startedAt,
  }
  return { engine: engine.name, pictures, timings, ...(fallbacks.length > 0 && { savings: fallbacks }) }
}

/** The place of the old picture on one that was made without it. */
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 }

function emptyCanvas(edit: Edit): Canvas {
  if (edit.kind !== 'imagine') throw new UserError({ code: 'edit-invalid', detail: `${edit.kind} needs a picture` })
  return { pixels: filledPixels(edit), mask: filledMask(edit, PAINT), old: NOWHERE }
}

/** The canvas, the place of the old picture for the recipe, and the feather between old and new. */
async function layPicture(request: PaintRequest, source: Uint8Array, engines: EngineRegistry) {
  const { edit } = request
  if (edit.kind === 'imagine') throw new UserError({ code: 'edit-invalid', detail: 'imagine takes no picture' })
  const sourceSize = await readSize(source)
  const layout = layoutCanvas(edit, sourceSize)
  const { pixels, transparentMask } = await readPicture(source, {
    size: layout.old,
    ...(layout.sourceCrop && { part: layout.sourceCrop }),
  })
  const drawn = await maskFor(request, source, sourceSize, layout, engines)
  if (edit.kind === 'vary' && !drawn) {
    // An engine that starts from a picture can vary any; the others only what they painted.
    requirePromptSupport(request.engine, engines)
    const canvas = { pixels: filledPixels(layout.size), mask: filledMask(layout.size, PAINT), old: NOWHERE }
    return { canvas, old: NOWHERE, feather: undefined, initImage: pixels }
  }
  const canvas = createCanvas(layout, pixels, drawn ? union(drawn.mask, transparentMask) : transparentMask)
  // Only a repainted picture has something under its mask.
  const before = needsMask(edit) ? await extendEdges(pixels, layout) : undefined
  const blur = edit.kind === 'inpaint' ? edit.blur : 0
  const strength = drawn?.soft && placeMask(drawn.soft, layout)
  const opacity = before && opacityOf(canvas.mask, strength, placeMask(transparentMask, layout), blur)
  const feather = opacity && ((painted: Pixels) => blend(before, painted, opacity))
  const initImage = edit.kind === 'inpaint' ? before : undefined
  return { canvas, old: drawn?.old ?? layout.old, feather, initImage }
}

/**
 * How much of the new picture is seen where it is painted, from 0 to 1; undefined where it is all of it.
 *
 * @param strength the soft mask, if it has greys
 * @param holes where there is no old picture to fade into
 */
function opacityOf(mask: Mask, strength: SoftMask | undefined, holes: Mask, blur: number): Float32Array | undefined {
  if (blur === 0 && !strength) return undefined
  const opacity = blur > 0 ? featherOpacity(mask, blur) : new Float32Array(mask.data.length).fill(1)
  for (let at = 0; at < opacity.length; at++) {
    if (holes.data[at] === PAINT) opacity[at] = 1
    else if (strength) opacity[at]! *= strength.data[at]! / PAINT
  }
  return opacity
}

/** A picture whose edges are repeated up to those of the canvas. */
async function extendEdges(pixels: Pixels, { size, old }: CanvasLayout): Promise<Pixels> {
  if (isSameSize(pixels, size)) return pixels
  const right = size.width - old.x - old.width
  const bottom = size.height - old.y - old.height
  const sides = { left: old.x, top: old.y, right, bottom, extendWith: 'copy' as const }
  return { ...size, data: await sharpFromPixels(pixels).extend(sides).raw().toBuffer() }
}

/** What was chosen for the engine, together with what the edit itself says. */
function taskOptions({ edit, options }: PaintRequest, { old }: Canvas): PaintTaskOptions {
  if (edit.kind === 'inpaint') return { ...options, strength: edit.strength, content: edit.content }
  if (edit.kind === 'vary' && old === NOWHERE) {
    return { ...options, strength: VARY_STRENGTH[edit.strength], content: 'original' }
  }
  return options ?? {}
}

/** Denoising strength where a whole picture is varied. */
const VARY_STRENGTH = { subtle: 0.35, strong: 0.75 } as const

/** The mask that goes with an edit, of the size of `layout.old`, and the place of the old picture where it is another one. */
async function maskFor(
  { edit, mask, engine }: PaintRequest,
  source: Uint8Array,
  sourceSize: Extent,
  layout: CanvasLayout,
  engines: EngineRegistry,
): Promise<{ mask: Mask; soft?: SoftMask | undefined; old: Box | undefined } | undefined> {
  if (edit.kind === 'vary') return varyMask(source, layout.size, mask, edit.strength)
  if (!needsMask(edit)) {
    if (mask) throw new UserError({ code: 'edit-invalid', detail: 'a mask goes with repainting only' })
    return undefined
  }
  if (!mask) throw new UserError({ code: 'mask-missing' })
  const decoded = await decodeSoftMask(mask)
  if (!isSameSize(decoded, sourceSize)) throw maskSizeError(decoded, sourceSize)
  const placed = await layOutSoftMask(decoded, layout)
  const grow = edit.kind === 'inpaint' ? (edit.grow ?? 0) : 0
  const hard = grow > 0 ? dilate(hardMask(placed), grow) : hardMask(placed)
  // Diffusion can't paint a pixel by half.
  const paintsWhole = engines.installed().some(({ name, supportsPrompt }) => name === engine && supportsPrompt)
  if (paintsWhole || !isSoft(decoded)) return { mask: hard, old: undefined }
  const soft = {
    ...placed,
    data: placed.data.map((value, at) => (hard.data[at] === PAINT && grow > 0 ? PAINT : value)),
  }
  const painted = { ...placed, data: soft.data.map(value => (value > KEEP ? PAINT : KEEP)) }
  // What is removed has to go as a whole: half of an outline would stay as a ghost.
  return { mask: painted, soft: edit.kind === 'remove' ? undefined : soft, old: undefined }
}

/** Whether a mask has greys. */
function isSoft({ data }: SoftMask): boolean {
  return data.some(value => value !== KEEP && value !== PAINT)
}

/** @throws UserError `needs-model`, or `needs-another-model` where there is one that can */
function requirePromptSupport(engine: string, engines: EngineRegistry): void {
  const capable = engines.installed().filter(({ supportsPrompt }) => supportsPrompt)
  if (capable.some(({ name }) => name === engine)) return
  if (capable.length === 0) throw new UserError({ code: 'needs-model', what: 'vary' })
  const models = capable.slice(0, 10).map(({ name }) => name)
  throw new UserError({ code: 'needs-another-model', engine, models: models.join(', ') })
}

/** Neither PNG texts nor XMP can hold control characters other than line breaks. */
function stripControlCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]+/g, ' ').trim()
}

function union(one: Mask, other: Mask): Mask {
  return { ...one, data: one.data.map((value, at) => (value === PAINT || other.data[at] === PAINT ? PAINT : KEEP)) }
}
