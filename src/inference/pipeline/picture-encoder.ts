import type { Pixels, SoftMask } from '../image/pixels.js'
import { encodePng } from '../image/png.js'
import type { PaintedPicture } from './paint-request.js'
import { formatParameters, type Recipe } from './recipe.js'

/**
 * Encodes painted pictures, each with its recipe.
 *
 * @param seeds one for each picture
 * @param finish makes the picture that is encoded of what an engine painted
 */
export function pictureEncoder(
  recipe: Omit<Recipe, 'seed'>,
  seeds: readonly number[],
  finish: (painted: Pixels) => Pixels,
) {
  const started = new Map<Pixels, Promise<PaintedPicture>>()

  async function encode(painted: Pixels, index: number, alpha: SoftMask | undefined): Promise<PaintedPicture> {
    const own = { ...recipe, seed: seeds[index]! }
    const picture = finish(painted)
    const png = await encodePng(picture, { parameters: formatParameters(own, picture) }, alpha)
    return { seed: own.seed, width: picture.width, height: picture.height, recipe: own, png }
  }

  return {
    /** Encode a picture while the next one is painted. */
    start(painted: Pixels, index: number, alpha: SoftMask | undefined): void {
      const encoding = encode(painted, index, alpha)
      encoding.catch(() => {}) // whoever asks for it gets the error
      started.set(painted, encoding)
    },
    /** Encode the pictures that were not started. @returns all of these, in their order */
    encodeAll: (painted: readonly Pixels[], alpha: SoftMask | undefined): Promise<PaintedPicture[]> =>
      Promise.all(painted.map((pixels, index) => started.get(pixels) ?? encode(pixels, index, alpha))),
  }
}
