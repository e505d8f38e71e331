import { blurMask } from '../image/decode.js'
import { type Mask, PAINT, type Pixels } from '../image/pixels.js'

/**
 * How a repainted region fades into the old picture inside the border of its mask (mask blur): old at the border, and
 * new from about two sigmas inward. Nothing outside the mask changes.
 *
 * @param holes where the old picture has nothing to fade from
 * @param sigma of the Gaussian, in pixels
 */
export async function createFeather(
  old: Pixels,
  mask: Mask,
  holes: Mask,
  sigma: number,
): Promise<(painted: Pixels) => Pixels> {
  const soft = await blurMask(mask, sigma)
  return painted => {
    const data = painted.data.slice()
    for (let at = 0; at < mask.data.length; at++) {
      if (mask.data[at] !== PAINT || holes.data[at] === PAINT) continue
      // The blurred mask has one half at a straight border.
      const share = Math.min(1, Math.max(0, (2 * soft.data[at]!) / PAINT - 1))
      for (let channel = at * 3; channel < at * 3 + 3; channel++) {
        data[channel] = Math.round(share * data[channel]! + (1 - share) * old.data[channel]!)
      }
    }
    return { ...painted, data }
  }
}
