import { KEEP, type Pixels } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import { gaussianBlur } from './gaussian-blur.js'

/** Sigma in pixels, widest first, and how often that layer is composited. The values of A1111's `masking.fill`. */
const BLUR_LAYERS = [
  [256, 1],
  [64, 1],
  [16, 2],
  [4, 4],
  [2, 2],
] as const

/**
 * Fill the masked area with blurred copies of the known picture, as A1111's masked content "fill" does: close to the
 * border with little blur, far away with nearly the mean colour.
 */
export function blurredFill({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>): Pixels {
  const { width, height } = mask
  const known = Float32Array.from(mask.data, value => Number(value === KEEP))
  const weights = BLUR_LAYERS.map(([sigma, times]) => ({
    alpha: gaussianBlur(known, width, sigma),
    sigma,
    times,
  }))
  const data = pixels.data.slice()
  for (let channel = 0; channel < 3; channel++) {
    const colour = known.map((share, at) => share * pixels.data[at * 3 + channel]!)
    const premultiplied = new Float32Array(known.length)
    const opacity = new Float32Array(known.length)
    for (const { alpha, sigma, times } of weights) {
      const layer = gaussianBlur(colour, width, sigma)
      for (let at = 0; at < known.length; at++) {
        for (let time = 0; time < times; time++) {
          premultiplied[at] = layer[at]! + premultiplied[at]! * (1 - alpha[at]!)
          opacity[at] = alpha[at]! + opacity[at]! * (1 - alpha[at]!)
        }
      }
    }
    for (let at = 0; at < known.length; at++) {
      // Beyond the widest blur the opacity is 0 and the pixel stays black.
      if (known[at] === 0)
        data[at * 3 + channel] = Math.min(255, Math.round(premultiplied[at]! / Math.max(opacity[at]!, 1e-6)))
    }
  }
  return { width, height, data }
}
