import { availableParallelism } from 'node:os'
import { resizePixels } from '../../../image/decode.js'
import { KEEP, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import { composite } from '../../../pipeline/composite.js'
import type { Engine } from '../../../pipeline/engine.js'
import { resizeCanvas } from './work-size.js'

/** The picture that denoising starts from, for one seed. @param isDraft noise will hide it */
export type InitialFill = (canvas: Canvas, seed: number, isDraft?: boolean) => Promise<Pixels>

/** The `fill` engine's picture, made when it is asked for. */
export function fillOnDemand(fill: Engine, signal: AbortSignal): InitialFill {
  return async (canvas, seed, isDraft = false) =>
    (await fill.paint(canvas, { ...TASK, seeds: [seed], isDraft, signal }))[0]!
}

/** As many pictures as threads are filled at the same time: the next one need not wait for all others. */
const FILLED_AT_ONCE = Math.max(2, availableParallelism())

/**
 * As {@link fillOnDemand}, for pictures that start from the same canvas: the first one is made, then the others, so that the processor
 * makes them while a GPU denoises.
 *
 * @param seeds of all pictures
 */
export function fillAhead(fill: Engine, seeds: readonly number[], signal: AbortSignal): InitialFill {
  const [firstSeed, ...rest] = seeds
  let first: Promise<Pixels> | undefined
  /** Groups of pictures, one after the other. */
  const groups: Promise<Pixels[]>[] = []
  const begin = async (canvas: Canvas, isDraft: boolean): Promise<Pixels> => {
    const picture = await fillOnDemand(fill, signal)(canvas, firstSeed!, isDraft)
    for (let from = 0; from < rest.length; from += FILLED_AT_ONCE) {
      const group = rest.slice(from, from + FILLED_AT_ONCE)
      const paint = () => fill.paint(canvas, { ...TASK, seeds: group, isDraft, signal })
      const painted = groups.at(-1)?.then(paint) ?? paint()
      painted.catch(() => {}) // whoever asks for one gets the error
      groups.push(painted)
    }
    return picture
  }
  return async (canvas, seed, isDraft = false) => {
    first ??= begin(canvas, isDraft)
    const picture = await first
    if (seed === firstSeed) return picture
    const index = rest.indexOf(seed)
    const group = await groups[Math.floor(index / FILLED_AT_ONCE)]
    return group?.[index % FILLED_AT_ONCE] ?? fillOnDemand(fill, signal)(canvas, seed, isDraft)
  }
}

/**
 * From this denoising strength on, the noise hides what only a picture of full size shows: its deviation is 4.5 or more, and that of what
 * half the size loses was 0.26 at most (latents of TAESD, photos of 1024 × 1024). Two seeds of `fill` differ by 0.6 to 0.8.
 */
export const COARSE_STRENGTH = 0.75

/** At half their size smaller pictures, in pixels, take as long. */
const COARSE_LEAST_PIXELS = 640 * 640

/** As `fill`, as a draft, and large pictures at half their size. Known pixels stay as they are. */
export function coarseFill(fill: InitialFill): InitialFill {
  return async (canvas, seed) => {
    const { pixels, old } = canvas
    if (pixels.width * pixels.height < COARSE_LEAST_PIXELS) return fill(canvas, seed, true)
    const half = await resizeCanvas(canvas, { width: pixels.width / 2, height: pixels.height / 2 })
    if (!half.mask.data.includes(KEEP)) return fill(canvas, seed, true)
    return composite(canvas, await resizePixels(await fill({ ...half, old }, seed, true), pixels))
  }
}

const TASK = { prompt: '', onProgress: () => {} }
