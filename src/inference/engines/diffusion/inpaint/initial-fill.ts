import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { resizePixels } from '../../../image/decode.js'
import { KEEP, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import { composite } from '../../../pipeline/composite.js'
import type { Engine } from '../../../pipeline/engine.js'
import { resizeCanvas } from './work-size.js'

/**
 * The picture that denoising starts from, for one seed. Known pixels stay as they are.
 *
 * @param strength the denoising strength, if noise hides the picture; 0 by default
 */
export type InitialFill = (canvas: Canvas, seed: number, strength?: number) => Promise<Pixels>

/** The `fill` engine's picture, made when it is asked for; as a draft and smaller where noise will hide that. */
export function fillOnDemand(fill: Engine, signal: AbortSignal): InitialFill {
  return async (canvas, seed, strength = 0) => {
    const { reduced, isDraft, enlarge } = await draftOf(canvas, strength)
    const [painted] = await fill.paint(reduced, { ...TASK, seeds: [seed], isDraft, signal })
    return enlarge(painted!)
  }
}

/** As many pictures as threads are filled at the same time: the next one need not wait for all others. */
const FILLED_AT_ONCE = Math.max(2, availableParallelism())

/**
 * How long the first picture has the processor for itself, to get to the GPU, before others are begun. In milliseconds. Without it the
 * first picture was there about 50 ms later, on two cores.
 */
const HEAD_START_MS = 50

/**
 * As {@link fillOnDemand}, for pictures that start from the same canvas: the first one is made, then the others, so that the processor
 * makes them while a GPU denoises.
 *
 * @param seeds of all pictures
 */
export function fillAhead(fill: Engine, seeds: readonly number[], signal: AbortSignal): InitialFill {
  const [firstSeed, ...rest] = seeds
  let draft: Promise<Draft> | undefined
  let first: Promise<Pixels> | undefined
  let others: Promise<Promise<Pixels[]>[]> | undefined
  const paint = async (group: readonly number[]) => {
    const { reduced, isDraft } = await draft!
    return fill.paint(reduced, { ...TASK, seeds: group, isDraft, signal })
  }
  const paintFirst = async () => {
    const [painted] = await paint([firstSeed!])
    return (await draft!).enlarge(painted!)
  }
  /** Groups of pictures, one after the other. */
  const beginOthers = async () => {
    await first
    await sleep(HEAD_START_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    const groups: Promise<Pixels[]>[] = []
    for (let from = 0; from < rest.length; from += FILLED_AT_ONCE) {
      const group = rest.slice(from, from + FILLED_AT_ONCE)
      const painted = groups.at(-1)?.then(() => paint(group)) ?? paint(group)
      painted.catch(() => {}) // whoever asks for one gets the error
      groups.push(painted)
    }
    return groups
  }
  return async (canvas, seed, strength = 0) => {
    draft ??= draftOf(canvas, strength)
    first ??= paintFirst()
    if (rest.length > 0 && !others) {
      others = beginOthers()
      others.catch(() => {})
    }
    if (seed === firstSeed) return first
    const index = rest.indexOf(seed)
    const groups = await others!
    const group = await groups[Math.floor(index / FILLED_AT_ONCE)]
    const painted = group?.[index % FILLED_AT_ONCE]
    return painted ? (await draft).enlarge(painted) : fillOnDemand(fill, signal)(canvas, seed, strength)
  }
}

/**
 * From these denoising strengths on, the noise hides what a picture of a half or a quarter of the size does not show: the noise has a
 * deviation of 4.5 and 9.3, and what is lost one of 0.30 and 0.49 on average (latents of TAESD under the mask, 8 photos of 512 × 512; of 1024
 * × 1024: 0.20 and 0.36). Two seeds of `fill` differ by 0.66.
 */
const HALF_STRENGTH = 0.75
const QUARTER_STRENGTH = 0.9

/** At half their size smaller pictures, in pixels, take as long. */
const HALF_LEAST_PIXELS = 640 * 640

/** A quarter of the shorter side is at least this, in pixels: `fill` starts at a size at which 32 pixels are known. */
const QUARTER_LEAST_SIDE = 64

type Draft = {
  /** What is filled. */
  readonly reduced: Canvas
  readonly isDraft: boolean
  /** The painted picture at the size of the canvas. */
  readonly enlarge: (painted: Pixels) => Promise<Pixels>
}

async function draftOf(canvas: Canvas, strength: number): Promise<Draft> {
  const { pixels, old } = canvas
  const whole = { reduced: canvas, isDraft: strength >= HALF_STRENGTH, enlarge: async (painted: Pixels) => painted }
  const by = reductionOf(pixels, strength)
  if (by === 1) return whole
  const reduced = await resizeCanvas(canvas, { width: pixels.width / by, height: pixels.height / by })
  if (!reduced.mask.data.includes(KEEP)) return whole
  const enlarge = async (painted: Pixels) => composite(canvas, await resizePixels(painted, pixels))
  return { reduced: { ...reduced, old }, isDraft: true, enlarge }
}

/** By what the sides are divided. They are multiples of 64. */
function reductionOf({ width, height }: Pixels, strength: number): 1 | 2 | 4 {
  if (strength >= QUARTER_STRENGTH && Math.min(width, height) / 4 >= QUARTER_LEAST_SIDE) return 4
  return strength >= HALF_STRENGTH && width * height >= HALF_LEAST_PIXELS ? 2 : 1
}

const TASK = { prompt: '', onProgress: () => {} }
