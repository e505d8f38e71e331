import { move } from 'piscina'
import { postProcessHere } from './post-process.js'

// The tasks of `post-processing-thread.ts`, in the thread.

export const { toPixels, matchColors, seamMask, blendSeam } = postProcessHere

/** Planes are large, so they move instead of being copied. */
export async function toPlanes(...given: Parameters<typeof postProcessHere.toPlanes>) {
  return move(await postProcessHere.toPlanes(...given))
}
