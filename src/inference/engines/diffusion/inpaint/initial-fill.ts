import type { Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { Engine } from '../../../pipeline/engine.js'

/** The picture that denoising starts from, for one seed. */
export type InitialFill = (canvas: Canvas, seed: number) => Promise<Pixels>

/** The `fill` engine's picture, made when it is asked for. */
export function fillOnDemand(fill: Engine, signal: AbortSignal): InitialFill {
  return async (canvas, seed) => (await fill.paint(canvas, { ...TASK, seeds: [seed], signal }))[0]!
}

/**
 * As {@link fillOnDemand}, for pictures that start from the same canvas: with the first one the others are begun, so that
 * the processor makes them while a GPU denoises.
 *
 * @param seeds of all pictures, in the order in which they are asked for
 */
export function fillAhead(fill: Engine, seeds: readonly number[], signal: AbortSignal): InitialFill {
  let others: Promise<Pixels[]> | undefined
  return async (canvas, seed) => {
    if (seed === seeds[0]) {
      const first = await fillOnDemand(fill, signal)(canvas, seed)
      const rest = seeds.slice(1)
      others = rest.length > 0 ? fill.paint(canvas, { ...TASK, seeds: rest, signal }) : undefined
      others?.catch(() => {}) // whoever asks for one gets the error
      return first
    }
    const index = seeds.indexOf(seed, 1)
    return (await others)?.[index - 1] ?? fillOnDemand(fill, signal)(canvas, seed)
  }
}

const TASK = { prompt: '', onProgress: () => {} }
