import { blurMask } from '../image/decode.js'
import { type Mask, PAINT, type Pixels } from '../image/pixels.js'

/**
 * Mask blur: a function that fades a repainted area into the old picture inside the border of the mask. It is old at the border, and
 * new from about two sigmas inward. Nothing outside the mask changes.
 *
 * @param holes where there is no old picture to fade into
 * @param sigma of the Gaussian, in pixels
 */
export async function createFeather(
  old: Pixels,
  mask: Mask,
  holes: Mask,
  sigma: number,
): Promise<(painted: Pixels) => Pixels> {
  const blurred = await blurMask(mask, sigma)
  return painted => {
    const data = painted.data.slice()
    for (let at = 0; at < mask.data.length; at++) {
      if (mask.data[at] !== PAINT || holes.data[at] === PAINT) continue
      // At a straight border the blurred mask is one half.
      const opacity = Math.min(1, Math.max(0, (2 * blurred.data[at]!) / PAINT - 1))
      for (let channel = at * 3; channel < at * 3 + 3; channel++) {
        data[channel] = Math.round(opacity * data[channel]! + (1 - opacity) * old.data[channel]!)
      }
    }
    return { ...painted, data }
  }
}
