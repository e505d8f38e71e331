import { ProblemError } from '../problem.js'
import { canvas, frame } from './canvas.js'
import { composite } from './composite.js'
import type { Edit } from './edit.js'
import type { Engine, Progress } from './engine.js'
import { readMask, readPicture, sizeOf } from './files/picture.js'
import { encodePng } from './files/png.js'
import type { Extent } from './geometry.js'
import { KEEP, type Mask, PAINT } from './pixels.js'
import { parametersOf } from './recipe.js'

/** The most pictures that one request may ask for. */
export const VARIATIONS = { min: 1, max: 4 } as const
export const SEED = { min: 0, max: 2 ** 32 - 1 } as const

export type PaintRequest = {
  readonly edit: Edit
  /** A picture file, as it came. */
  readonly source: Uint8Array
  /** A mask file of the picture's size; with `inpaint`, and only there. */
  readonly mask?: Uint8Array
  readonly prompt: string
  readonly seeds: readonly number[]
  readonly engine: string
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
}

export type PaintHooks = { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }

/**
 * The path of a picture: read it, lay it on the canvas, have the engine paint what is missing, restore what was
 * there, write the pictures.
 *
 * @throws ProblemError for whatever is wrong with the request; the signal's reason once it fires
 */
export async function paint(request: PaintRequest, engine: Engine, hooks: PaintHooks): Promise<PaintResult> {
  const { edit, seeds, mask } = request
  const prompt = printable(request.prompt)
  if ((edit.kind === 'inpaint') !== (mask !== undefined)) {
    throw new ProblemError({ code: 'edit-unreadable', detail: 'a mask goes with inpaint, and only there' })
  }
  const start = performance.now()
  const size = await sizeOf(request.source)
  const laid = frame(edit, size)
  const drawn = mask && (await readMask(mask, size))
  // A redo starts from its own result: what it keeps is a part of that, as it is.
  const part = edit.kind === 'redo' ? { part: edit.keep } : { size: laid.old }
  const { pixels, holes } = await readPicture(request.source, part)
  const toPaint = canvas(laid, pixels, drawn ? union(drawn, holes) : holes)
  hooks.signal.throwIfAborted()

  const read = performance.now()
  const painted = await engine.paint(toPaint, { seeds, prompt, ...hooks })
  hooks.signal.throwIfAborted()

  const written = performance.now()
  const pictures = await Promise.all(
    painted.map(async (one, index) => {
      const seed = seeds[index]!
      const whole = composite(toPaint, one)
      const recipe = { edit, old: laid.old, prompt, seed, engine: engine.name }
      const png = await encodePng(whole, { parameters: parametersOf(recipe, whole) })
      return { seed, width: whole.width, height: whole.height, png }
    }),
  )
  const end = performance.now()
  const timings = { read: read - start, paint: written - read, write: end - written, total: end - start }
  return { engine: engine.name, pictures, timings }
}

/**
 * Seeds for the variations of one request: the first as asked for (a random one otherwise), then one more each time,
 * as A1111 and Midjourney count, so that any of them can be had again on its own.
 *
 * @throws ProblemError `variations-out-of-range`, `seed-out-of-range`
 */
export function seedsFor(variations: number, first = Math.floor(Math.random() * (SEED.max + 1))): number[] {
  if (!(Number.isInteger(variations) && variations >= VARIATIONS.min && variations <= VARIATIONS.max)) {
    throw new ProblemError({ code: 'variations-out-of-range', variations, max: VARIATIONS.max })
  }
  if (!(Number.isInteger(first) && first >= SEED.min && first <= SEED.max)) {
    throw new ProblemError({ code: 'seed-out-of-range', seed: first, max: SEED.max })
  }
  return Array.from({ length: variations }, (_, index) => (first + index) % (SEED.max + 1))
}

/** Text without control characters other than line breaks: neither PNG nor XMP can hold them. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are taken out
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]+/g, ' ').trim()
}

function union(one: Mask, other: Mask): Mask {
  return { ...one, data: one.data.map((value, at) => (value === PAINT || other.data[at] === PAINT ? PAINT : KEEP)) }
}
