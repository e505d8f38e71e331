import type { Edit } from '../pipeline/edit.js'
import type { EngineInfo } from './engine-info.js'

/** The built-in engine. */
export const FILL = 'fill'

/** What of an edit decides which engine is best. */
export type EditTraits = Pick<Edit, 'kind'> & {
  /** Its mask has only thin strokes, by `isScratch`. */
  readonly isScratch?: boolean | undefined
  /** Of `upscale`: a diffusion model paints over the result. */
  readonly creative?: object | undefined
}

/** What an engine is chosen by. */
export function traitsOf(edit: Edit, isScratch?: boolean): EditTraits {
  return { kind: edit.kind, isScratch, ...(edit.kind === 'upscale' && { creative: edit.creative }) }
}

/**
 * The engine that paints an edit where neither the request nor a setting names one: the best installed one.
 *
 * - Pictures beyond the frame and under a mask: a model for inpainting before others, and SDXL before smaller ones.
 * - Pictures from a prompt alone, variations and Upscale (Creative): models that are not for inpainting first.
 * - Scratches without a prompt: `fill`, which has the known pixels on both sides of them.
 * - Removing an object without a prompt: an object-removal model, which invents nothing, or `fill`.
 *
 * @param prompt of the request; empty if there is none
 * @returns the name of one of the installed engines; `fill` if no model can do more
 */
export function defaultEngineFor(edit: EditTraits, installed: readonly EngineInfo[], prompt = ''): string {
  const eraser = installed.find(({ isEraser }) => isEraser)?.name
  // Workers need not have it.
  const fill = installed.find(({ name }) => name === FILL)?.name
  const simplest = edit.kind === 'remove' ? (eraser ?? fill) : edit.kind === 'inpaint' && edit.isScratch && fill
  if (simplest && prompt === '') return simplest
  const wantsInpainting = !['imagine', 'vary', 'upscale'].includes(edit.kind)
  const score = ({ traits }: EngineInfo) =>
    (traits?.isForInpainting === wantsInpainting ? 2 : 0) + (traits?.isLarge ? 1 : 0)
  const [best] = installed
    .filter(({ traits }) => traits && !traits.isRefiner)
    .toSorted((one, other) => score(other) - score(one))
  if (best) return best.name
  return edit.kind === 'inpaint' || edit.kind === 'remove' ? (eraser ?? FILL) : FILL
}
