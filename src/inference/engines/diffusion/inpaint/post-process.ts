import type { Box, Extent } from '../../../image/geometry.js'
import { cropPixels, type Mask, type Pixels } from '../../../image/pixels.js'
import { areFinite, pixelsToPlanes, planesToPixels } from '../model/planes.js'
import { matchColors } from './color-match.js'
import { blendSeam, seamMask } from './seam.js'

/** What a decoder returns. */
export type Decoded = {
  /** Shape [3, height, width], about −1 to 1. Not to be used afterwards: they move to where the work is done. */
  readonly planes: Float32Array
  readonly size: Extent
  /** The part that is wanted. */
  readonly contentBox: Box
}

/** The parameters of `matchColors`. */
export type ColorMatch = { readonly painted: Pixels; readonly known: Pixels; readonly mask: Mask }

/** The parameters of `blendSeam`. */
export type SeamBlend = {
  readonly mask: Mask
  readonly scale: number
  readonly painted: Pixels
  readonly seamPainted: Pixels
}

/** What is done to a picture between runs of the device: here, or in a thread. */
export type PostProcess = {
  /** As `pixelsToPlanes`. */
  readonly toPlanes: (pixels: Pixels) => Promise<Float32Array>
  /** As `planesToPixels`. @returns undefined if some values are not finite */
  readonly toPixels: (decoded: Decoded) => Promise<Pixels | undefined>
  readonly matchColors: (task: ColorMatch) => Promise<Pixels>
  readonly seamMask: (task: Pick<SeamBlend, 'mask' | 'scale'>) => Promise<Mask | undefined>
  readonly blendSeam: (task: SeamBlend) => Promise<Pixels>
}

export const postProcessHere: PostProcess = {
  toPlanes: async pixels => pixelsToPlanes(pixels),
  toPixels: async ({ planes, size, contentBox }) =>
    areFinite(planes) ? cropPixels(planesToPixels(planes, size), contentBox) : undefined,
  matchColors: async ({ painted, known, mask }) => matchColors(painted, known, mask),
  seamMask: async ({ mask, scale }) => seamMask(mask, scale),
  blendSeam: async ({ mask, scale, painted, seamPainted }) => blendSeam(mask, scale, painted, seamPainted),
}
