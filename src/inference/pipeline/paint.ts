import { ProblemError } from '../../user-error.js'
import { installedEngines } from '../engines/registry.js'
import { part, pasted, windowOf } from '../image/crop.js'
import { image, readPicture, sizeOf } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import { resizedMask } from '../image/mask-file.js'
import { blank, crop, cropMask, KEEP, type Mask, maskOf, PAINT, type Pixels } from '../image/pixels.js'
import { encodePng } from '../image/png.js'
import { withoutTraces } from '../image/strip-metadata.js'
import { understandMask } from '../mask/interpret.js'
import { grown } from '../mask/morphology.js'
import { type Canvas, canvas, type Frame, frame } from './canvas.js'
import { composite } from './composite.js'
import { type Edit, takesMask } from './edit.js'
import type { Engine, Progress, TaskOptions } from './engine.js'
import { fading } from './feather.js'
import type { Saving } from './memory-fallback.js'
import type { Options } from './options.js'
import { fingerprint, parametersOf } from './recipe.js'
import { variedPart } from './vary.js'

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
  readonly options?: Options
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
  readonly savings?: readonly Saving[]
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
  const area = edit.kind === 'inpaint' && edit.area === 'masked' ? windowOf(whole.mask, edit.padding) : undefined
  const seen = area ? part(whole, area) : whole
  hooks.signal.throwIfAborted()

  const read = performance.now()
  const options = taskOptions(request, whole)
  const shown = under && (area ? crop(under, area) : under)
  const savings: Saving[] = []
  const onSaving = (saving: Saving) => savings.push(saving)
  const painted = await engine.paint(seen, {
    seeds,
    prompt,
    options,
    ...(shown && { under: shown }),
    ...hooks,
    onSaving,
  })
  hooks.signal.throwIfAborted()

  const written = performance.now()
  const { source, mask } = request
  const made = { edit, old, prompt, engine: engine.name, ...(request.options && { options: request.options }) }
  const from = {
    source: source ? fingerprint(await withoutTraces(source)) : '',
    ...(mask && { mask: fingerprint(mask) }),
  }
  const pictures = await Promise.all(
    painted.map(async (one, index) => {
      const seed = seeds[index]!
      const full = area ? pasted(whole.pixels, one, area) : one
      const picture = composite(whole, fade ? fade(full) : full)
      const png = await encodePng(picture, { parameters: parametersOf({ ...made, ...from, seed }, picture) })
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
  if (edit.kind !== 'imagine')
    throw new ProblemError({ code: 'edit-unreadable', detail: `${edit.kind} needs a picture` })
  return { pixels: blank(edit), mask: maskOf(edit, PAINT), old: NOWHERE }
}

/** The canvas, where the old picture counts as lying, and how the new one fades into it. */
async function layPicture(request: PaintRequest, source: Uint8Array) {
  const { edit } = request
  if (edit.kind === 'imagine') throw new ProblemError({ code: 'edit-unreadable', detail: 'imagine takes no picture' })
  const laid = frame(edit, await sizeOf(source))
  const { pixels, holes } = await readPicture(source, { size: laid.old, ...(laid.part && { part: laid.part }) })
  const drawn = await drawnMask(request, source, laid)
  if (edit.kind === 'vary' && !drawn) {
    // Whoever goes on from pictures as they are can vary any; others only what they painted.
    requireReading(request.engine)
    const whole = { pixels: blank(laid.size), mask: maskOf(laid.size, PAINT), old: NOWHERE }
    return { whole, old: NOWHERE, fade: undefined, under: pixels }
  }
  const whole = canvas(laid, pixels, drawn ? union(drawn.mask, holes) : holes)
  const repainted = edit.kind === 'inpaint' ? edit : undefined
  // Only what is repainted has something under it.
  const under = repainted && (await reachingOut(pixels, laid))
  const blur = repainted?.blur ?? 0
  const fade = under && blur > 0 ? await fading(under, whole.mask, around(holes, laid), blur) : undefined
  return { whole, old: drawn?.old ?? laid.old, fade, under }
}

/** A picture whose edges go on to those of the canvas. */
async function reachingOut(pixels: Pixels, { size, old }: Frame): Promise<Pixels> {
  if (pixels.width === size.width && pixels.height === size.height) return pixels
  const right = size.width - old.x - old.width
  const bottom = size.height - old.y - old.height
  const sides = { left: old.x, top: old.y, right, bottom, extendWith: 'copy' as const }
  return { ...size, data: await image(pixels).extend(sides).raw().toBuffer() }
}

/** Holes of a picture and all around it, on the canvas. */
function around(holes: Mask, { size, old }: Frame): Mask {
  const mask = maskOf(size, PAINT)
  for (let row = 0; row < old.height; row++) {
    const line = holes.data.subarray(row * old.width, (row + 1) * old.width)
    mask.data.set(line, (old.y + row) * size.width + old.x)
  }
  return mask
}

/** What was chosen for the engine, together with what the edit itself says. */
function taskOptions({ edit, options }: PaintRequest, { old }: Canvas): TaskOptions {
  if (edit.kind === 'inpaint') return { ...options, strength: edit.strength, content: edit.content }
  if (edit.kind === 'vary' && old === NOWHERE) {
    return { ...options, strength: VARIED[edit.strength], content: 'original' }
  }
  return options ?? {}
}

/** Denoising strength where a whole picture is varied. */
const VARIED = { subtle: 0.35, strong: 0.75 } as const

/** The mask that goes with an edit, and where the old picture lies on one whose painted part is painted again. */
async function drawnMask({ edit, mask }: PaintRequest, source: Uint8Array, laid: Frame) {
  if (takesMask(edit)) {
    if (!mask) throw new ProblemError({ code: 'mask-missing' })
    const understood = (await understandMask(mask, source)).mask
    const taken = laid.part ? cropMask(understood, laid.part) : understood
    const placed = await resizedMask(taken, laid.old)
    const grow = edit.kind === 'inpaint' ? (edit.grow ?? 0) : 0
    return { mask: grow > 0 ? grown(placed, grow) : placed, old: undefined }
  }
  if (edit.kind === 'vary') return variedPart(source, laid.size, mask, edit.strength)
  if (mask) throw new ProblemError({ code: 'edit-unreadable', detail: 'a mask goes with repainting only' })
  return undefined
}

/** @throws ProblemError `needs-model`, or `needs-another-model` where there is one that can */
function requireReading(engine: string): void {
  const able = installedEngines().filter(({ reads }) => reads)
  if (able.some(({ name }) => name === engine)) return
  if (able.length === 0) throw new ProblemError({ code: 'needs-model', what: 'vary' })
  const models = able.slice(0, 10).map(({ name }) => name)
  throw new ProblemError({ code: 'needs-another-model', engine, models: models.join(', ') })
}

/** Text without control characters other than line breaks: neither PNG nor XMP can hold them. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]+/g, ' ').trim()
}

function union(one: Mask, other: Mask): Mask {
  return { ...one, data: one.data.map((value, at) => (value === PAINT || other.data[at] === PAINT ? PAINT : KEEP)) }
}
