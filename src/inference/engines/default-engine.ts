import type { Edit } from '../pipeline/edit.js'
import type { EngineInfo } from './engine-info.js'

/** The built-in engine. */
export const FILL = 'fill'

/**
 * The engine that paints an edit where neither the request nor a setting names one: the best installed one.
 *
 * - Pictures beyond the frame and under a mask: a model for inpainting before others, and SDXL before smaller ones.
 * - Pictures from a prompt alone and variations: models that are not for inpainting first.
 * - Removing an object without a prompt: an object-removal model, which invents nothing, or `fill`.
 *
 * @param prompt of the request; empty if there is none
 * @returns the name of one of the installed engines; `fill` if no model can do more
 */
export function defaultEngineFor(edit: Pick<Edit, 'kind'>, installed: readonly EngineInfo[], prompt = ''): string {
  const eraser = installed.find(({ isEraser }) => isEraser)?.name
  if (edit.kind === 'remove' && prompt === '') return eraser ?? FILL
  const wantsInpainting = edit.kind !== 'imagine' && edit.kind !== 'vary'
  const score = ({ traits }: EngineInfo) =>
    (traits?.isForInpainting === wantsInpainting ? 2 : 0) + (traits?.isLarge ? 1 : 0)
  const [best] = installed
    .filter(({ traits }) => traits && !traits.isRefiner)
    .toSorted((one, other) => score(other) - score(one))
  if (best) return best.name
  return edit.kind === 'inpaint' || edit.kind === 'remove' ? (eraser ?? FILL) : FILL
}
