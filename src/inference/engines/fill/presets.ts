import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { completeVariation, type OnStep, prepareCompletion } from './completion.js'
import type { Style } from './level-plan.js'
import { addGrain, coherenceTransport } from './pde-inpaint.js'

/**
 * The three classical families of completing a picture from itself, and ours:
 * - `fill`: exemplar-based, with priors and saliency; the best of them, also for thin scratches;
 * - `fill:exemplar`: patches from wherever they match, copied unchanged (Newson et al. 2014);
 * - `fill:texture`: texture synthesis (Kwatra et al. 2005), for uniform material: starts from random patches of the
 * whole
 *   picture, so that only what repeats converges;
 * - `fill:pde`: diffusion-based, along the picture's edges (Bornemann and März 2007), for thin holes.
 */
const styles = {
  fill: { usesPriors: true, penalizesSalient: true, blends: true, startsAtRandom: false },
  'fill:exemplar': { usesPriors: false, penalizesSalient: false, blends: false, startsAtRandom: false },
  'fill:texture': { usesPriors: false, penalizesSalient: false, blends: true, startsAtRandom: true },
  'fill:pde': undefined,
} satisfies Record<string, Style | undefined>

export type Method = keyof typeof styles

/**
 * Get ready to complete a canvas by a method.
 *
 * @returns paints a variation; kept pixels are the canvas's own
 * @throws RangeError if nothing is known at all
 */
export function prepareMethod(
  method: Method,
  canvas: Pick<Canvas, 'pixels' | 'mask'>,
): (seed: number, onStep?: OnStep) => Pixels {
  const style = styles[method]
  if (!style) {
    let smooth: Pixels | undefined
    return (seed, onStep) => {
      smooth ??= coherenceTransport(canvas, onStep)
      return addGrain(smooth, canvas, seed)
    }
  }
  const prepared = prepareCompletion(canvas, style)
  return (seed, onStep) => completeVariation(prepared, seed, onStep)
}
