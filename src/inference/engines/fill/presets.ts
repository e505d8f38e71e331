import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { type OnStep, prepare, type Style, variation } from './completion.js'
import { transport, withGrain } from './pde-inpaint.js'

/**
 * The three classical families of completing a picture from itself, and what we make of them:
 * - `fill`: exemplar-based, with all that we know; the best, also of thin scratches;
 * - `fill:exemplar`: patches from wherever they match, copied as they are (Newson et al. 2014);
 * - `fill:texture`: texture synthesis (Kwatra et al. 2005), for uniform material: starts from patches at random from all
 *   over the picture, so that only what repeats comes to agree;
 * - `fill:pde`: diffusion-based, along the picture's edges (Bornemann and März 2007), for thin holes.
 */
const styles = {
  fill: { leans: true, guards: true, blends: true, scatters: false },
  'fill:exemplar': { leans: false, guards: false, blends: false, scatters: false },
  'fill:texture': { leans: false, guards: false, blends: true, scatters: true },
  'fill:pde': undefined,
} satisfies Record<string, Style | undefined>

export type Method = keyof typeof styles

/**
 * Get ready to complete a canvas by a method.
 *
 * @returns paints a variation; kept pixels are the canvas's own
 * @throws RangeError if nothing is known at all
 */
export function painting(
  method: Method,
  canvas: Pick<Canvas, 'pixels' | 'mask'>,
): (seed: number, onStep?: OnStep) => Pixels {
  const style = styles[method]
  if (!style) {
    let smooth: Pixels | undefined
    return (seed, onStep) => {
      smooth ??= transport(canvas, onStep)
      return withGrain(smooth, canvas, seed)
    }
  }
  const prepared = prepare(canvas, style)
  return (seed, onStep) => variation(prepared, seed, onStep)
}
