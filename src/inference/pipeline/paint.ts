import { UserError } from '../../user-error.js'
import { installedEngines } from '../engines/registry.js'
import { cropCanvas, paddedBounds, paste } from '../image/crop.js'
import { readPicture, readSize, sharpFromPixels } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import { resizeMask } from '../image/mask-file.js'
import { cropMask, cropPixels, filledMask, filledPixels, KEEP, type Mask, PAINT, type Pixels } from '../image/pixels.js'
import { encodePng } from '../image/png.js'
import { stripMetadata } from '../image/strip-metadata.js'
import { interpretMask } from '../mask/interpret.js'
import { dilate } from '../mask/morphology.js'
import { type Canvas, type CanvasLayout, createCanvas, layoutCanvas } from './canvas.js'
import { composite } from './composite.js'
import { type Edit, needsMask } from './edit.js'
import type { Engine, PaintTaskOptions, Progress } from './engine.js'
import { createFeather } from './feather.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'
import { fingerprint, formatParameters } from './recipe.js'
import { varyMask } from './vary.js'

export type PaintRequest = {
  readonly edit: Edit
  /** A picture file, as it came; only `imagine` goes without. */
  readonly source?: Uint8Array
  /** What somebody drew to say where; see `mask/interpret.ts`. For `vary`, the mask of the edit before. */
  readonly mask?: Uint8Array
  readonly prompt: string
  readonly seeds: readonly number[]
  readonly engine: string
  /** How to paint, for engines that read. */
  readonly options?: DiffusionOptions
}

export type PaintedPicture = Extent & {
  readonly seed: number
  /** PNG, with its recipe in the `parameters` text. */
  readonly png: Uint8Array
}

export type PaintResult = {
  readonly engine: string
  readonly pictures: readonly PaintedPicture[]
  /** Wall time in milliseconds: reading and laying out, the engine, compositing and writing. */
  readonly timings: { readonly read: number; readonly paint: number; readonly write: number; readonly total: number }
  /** What was done because memory was short, if it was. */
  readonly savings?: readonly MemoryFallback[]
}

export type PaintHooks = { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }

/**
 * The path of a picture: read it, lay it on the canvas, have the engine paint what is missing, restore what was
 * there, write the pictures.
 *
 * @throws ProblemError for whatever is wrong with the request; the signal's reason once it fires
 */
export async function paint(request: PaintRequest, engine: Engine, hooks: PaintHooks): Promise<PaintResult> {
  const { edit, seeds } = request
  const prompt = printable(request.prompt)
  const start = performance.now()
  const { whole, old, fade, under } = request.source
    ? await layPicture(request, request.source)
    : { whole: emptyCanvas(edit), old: NOWHERE, fade: undefined, under: undefined }
  const area = edit.kind === 'inpaint' && edit.area === 'masked' ? paddedBounds(whole.mask, edit.padding) : undefined
  const seen = area ? cropCanvas(whole, area) : whole
  hooks.signal.throwIfAborted()

  const read = performance.now()
  const options = taskOptions(request, whole)
  const shown = under && (area ? cropPixels(under, area) : under)
  const savings: MemoryFallback[] = []
  const onMemoryFallback = (saving: MemoryFallback) => savings.push(saving)
  const painted = await engine.paint(seen, {
    seeds,
    prompt,
    options,
    ...(shown && { initImage: shown }),
    ...hooks,
    onMemoryFallback,
  })
  hooks.signal.throwIfAborted()

  const written = performance.now()
  const { source, mask } = request
  const made = { edit, old, prompt, engine: engine.name, ...(request.options && { options: request.options }) }
  const from = {
    source: source ? fingerprint(await stripMetadata(source)) : '',
    ...(mask && { mask: fingerprint(mask) }),
  }
  const pictures = await Promise.all(
    painted.map(async (one, index) => {
      const seed = seeds[index]!
      const full = area ? paste(whole.pixels, one, area) : one
      const picture = composite(whole, fade ? fade(full) : full)
      const png = await encodePng(picture, { parameters: formatParameters({ ...made, ...from, seed }, picture) })
      return { seed, width: picture.width, height: picture.height, png }
    }),
  )
  const end = performance.now()
  const timings = { read: read - start, paint: written - read, write: end - written, total: end - start }
  return { engine: engine.name, pictures, timings, ...(savings.length > 0 && { savings }) }
}

/** The place of the old picture on one that was made from words alone. */
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 }

function emptyCanvas(edit: Edit): Canvas {
  if (edit.kind !== 'imagine') throw new UserError({ code: 'edit-invalid', detail: `${edit.kind} needs a picture` })
  return { pixels: filledPixels(edit), mask: filledMask(edit, PAINT), old: NOWHERE }
}

/** The canvas, where the old picture counts as lying, and how the new one fades into it. */
async function layPicture(request: PaintRequest, source: Uint8Array) {
  const { edit } = request
  if (edit.kind === 'imagine') throw new UserError({ code: 'edit-invalid', detail: 'imagine takes no picture' })
  const laid = layoutCanvas(edit, await readSize(source))
  const { pixels, transparentMask } = await readPicture(source, {
    size: laid.old,
    ...(laid.sourceCrop && { part: laid.sourceCrop }),
  })
  const drawn = await drawnMask(request, source, laid)
  if (edit.kind === 'vary' && !drawn) {
    // Whoever goes on from pictures as they are can vary any; others only what they painted.
    requireReading(request.engine)
    const whole = { pixels: filledPixels(laid.size), mask: filledMask(laid.size, PAINT), old: NOWHERE }
    return { whole, old: NOWHERE, fade: undefined, under: pixels }
  }
  const whole = createCanvas(laid, pixels, drawn ? union(drawn.mask, transparentMask) : transparentMask)
  const repainted = edit.kind === 'inpaint' ? edit : undefined
  // Only what is repainted has something under it.
  const under = repainted && (await reachingOut(pixels, laid))
  const blur = repainted?.blur ?? 0
  const fade =
    under && blur > 0 ? await createFeather(under, whole.mask, around(transparentMask, laid), blur) : undefined
  return { whole, old: drawn?.old ?? laid.old, fade, under }
}

/** A picture whose edges go on to those of the canvas. */
async function reachingOut(pixels: Pixels, { size, old }: CanvasLayout): Promise<Pixels> {
  if (pixels.width === size.width && pixels.height === size.height) return pixels
  const right = size.width - old.x - old.width
  const bottom = size.height - old.y - old.height
  const sides = { left: old.x, top: old.y, right, bottom, extendWith: 'copy' as const }
  return { ...size, data: await sharpFromPixels(pixels).extend(sides).raw().toBuffer() }
}

/** Holes of a picture and all around it, on the canvas. */
function around(holes: Mask, { size, old }: CanvasLayout): Mask {
  const mask = filledMask(size, PAINT)
  for (let row = 0; row < old.height; row++) {
    const line = holes.data.subarray(row * old.width, (row + 1) * old.width)
    mask.data.set(line, (old.y + row) * size.width + old.x)
  }
  return mask
}

/** What was chosen for the engine, together with what the edit itself says. */
function taskOptions({ edit, options }: PaintRequest, { old }: Canvas): PaintTaskOptions {
  if (edit.kind === 'inpaint') return { ...options, strength: edit.strength, content: edit.content }
  if (edit.kind === 'vary' && old === NOWHERE) {
    return { ...options, strength: VARIED[edit.strength], content: 'original' }
  }
  return options ?? {}
}

/** Denoising strength where a whole picture is varied. */
const VARIED = { subtle: 0.35, strong: 0.75 } as const

/** The mask that goes with an edit, and where the old picture lies on one whose painted part is painted again. */
async function drawnMask({ edit, mask }: PaintRequest, source: Uint8Array, laid: CanvasLayout) {
  if (needsMask(edit)) {
    if (!mask) throw new UserError({ code: 'mask-missing' })
    const understood = (await interpretMask(mask, source)).mask
    const taken = laid.sourceCrop ? cropMask(understood, laid.sourceCrop) : understood
    const placed = await resizeMask(taken, laid.old)
    const grow = edit.kind === 'inpaint' ? (edit.grow ?? 0) : 0
    return { mask: grow > 0 ? dilate(placed, grow) : placed, old: undefined }
  }
  if (edit.kind === 'vary') return varyMask(source, laid.size, mask, edit.strength)
  if (mask) throw new UserError({ code: 'edit-invalid', detail: 'a mask goes with repainting only' })
  return undefined
}

/** @throws ProblemError `needs-model`, or `needs-another-model` where there is one that can */
function requireReading(engine: string): void {
  const able = installedEngines().filter(({ supportsPrompt }) => supportsPrompt)
  if (able.some(({ name }) => name === engine)) return
  if (able.length === 0) throw new UserError({ code: 'needs-model', what: 'vary' })
  const models = able.slice(0, 10).map(({ name }) => name)
  throw new UserError({ code: 'needs-another-model', engine, models: models.join(', ') })
}

/** Text without control characters other than line breaks: neither PNG nor XMP can hold them. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]+/g, ' ').trim()
}

function union(one: Mask, other: Mask): Mask {
  return { ...one, data: one.data.map((value, at) => (value === PAINT || other.data[at] === PAINT ? PAINT : KEEP)) }
}
