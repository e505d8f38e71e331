import { filledMask, KEEP, PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import { continueAlpha } from './continue-alpha.js'
import type { CanvasLayout } from './layout.js'
import { placeMask } from './place-mask.js'

/** How the old picture and the painted one become the result, pixel by pixel of the canvas. */
export type Mix = {
  readonly old: Pixels
  /** How much of the colour is the painted picture's, from 0 to 1. */
  readonly share: Float32Array
  /** Of the result; without it the result is opaque. */
  readonly alpha?: SoftMask
}

/** What becomes of transparent pixels: all are `filled`, the painted ones become `opaque`, or their alpha is `kept`. */
export type AlphaRule = 'filled' | 'opaque' | 'kept'

/**
 * The mix of an old picture that has transparency.
 *
 * The old picture covers as much of a pixel as its alpha says, but at most what the strength leaves of it. The paint is
 * below it: so an edge or a shadow is on the painted ground what it was on any other ground.
 *
 * @param old of the canvas' size
 * @param alpha of the old picture, at the size of `layout.old`; its opacity if transparent pixels are `filled`
 * @param strength how much of each pixel of the canvas is repainted, from 0 to 1
 */
export function mixTransparent(
  old: Pixels,
  alpha: SoftMask,
  layout: CanvasLayout,
  strength: Float32Array,
  rule: AlphaRule,
): Mix {
  const before = rule === 'kept' ? continueAlpha(alpha, layout) : placeMask(alpha, layout, KEEP)
  const after = filledMask(old, PAINT)
  const share = new Float32Array(strength.length)
  for (let at = 0; at < share.length; at++) {
    const paint = strength[at]!
    if (rule === 'kept') {
      share[at] = before.data[at] === 0 ? 0 : paint
      after.data[at] = before.data[at]!
      continue
    }
    const cover = Math.min(before.data[at]! / 255, 1 - paint)
    const ground = rule === 'filled' ? 1 - cover : paint
    share[at] = ground === 0 ? 0 : ground / (ground + cover)
    after.data[at] = Math.round((ground + cover) * 255)
  }
  return after.data.every(value => value === 255) ? { old, share } : { old, share, alpha: after }
}

/** The result of a mix. */
export function applyMix({ old, share }: Mix, painted: Pixels): Pixels {
  const data = painted.data.slice()
  for (let at = 0; at < share.length; at++) {
    const part = share[at]!
    for (let channel = at * 3; channel < at * 3 + 3; channel++) {
      data[channel] = Math.round(part * data[channel]! + (1 - part) * old.data[channel]!)
    }
  }
  return { ...painted, data }
}
