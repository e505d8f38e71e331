import type { Pixels } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { completeVariation, type OnStep, prepareCompletion } from './completion.js'
import type { Style } from './level-plan.js'
import type { Method } from './methods.js'
import { addGrain, coherenceTransport } from './pde-inpaint.js'

const styles = {
  fill: { usesPriors: true, penalizesSalient: true, blends: true, startsAtRandom: false },
  'fill:exemplar': { usesPriors: false, penalizesSalient: false, blends: false, startsAtRandom: false },
  'fill:texture': { usesPriors: false, penalizesSalient: false, blends: true, startsAtRandom: true },
  'fill:pde': undefined,
} satisfies Record<Method, Style | undefined>

/**
 * Get ready to complete a canvas by a method.
 *
 * @param variant of the method, for those that search patches
 * @returns paints a variation; kept pixels are the canvas's own
 * @throws RangeError if nothing is known at all
 */
export function prepareMethod(
  method: Method,
  canvas: Pick<Canvas, 'pixels' | 'mask'>,
  variant: Pick<Style, 'without' | 'isDraft'> = {},
): (seed: number, onStep?: OnStep) => Pixels {
  const style = styles[method]
  if (!style) {
    let smooth: Pixels | undefined
    return (seed, onStep) => {
      smooth ??= coherenceTransport(canvas, onStep)
      return addGrain(smooth, canvas, seed)
    }
  }
  const prepared = prepareCompletion(canvas, { ...style, ...variant })
  return (seed, onStep) => completeVariation(prepared, seed, onStep)
}
