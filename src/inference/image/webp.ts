import type { Sharp } from 'sharp'
import { PIXEL_LIMIT, readSize } from './decode.js'
import { withKnownBrand } from './format.js'
import { parametersXmp } from './parameters-xmp.js'
import { sharp } from './sharp.js'

/** WebP qualities (0 to 100) that are tried in this order. */
const QUALITIES = [95, 85, 70, 50] as const

/** The longest side that WebP can hold, in pixels. */
export const WEBP_MAX_SIDE = 16383

/**
 * Make a picture file smaller by writing it as lossy WebP, upright, at the best quality that fits.
 *
 * @param parameters is written as XMP, and as EXIF UserComment for programs that look there; if empty, nothing is
 * @param limit in bytes
 * @throws UserError as `readSize` does
 * @returns undefined if even the lowest acceptable quality is too large, or a side is longer than WebP can hold
 */
export async function encodeWebp(file: Uint8Array, parameters: string, limit: number): Promise<Buffer | undefined> {
  const { width, height } = await readSize(file)
  if (Math.max(width, height) > WEBP_MAX_SIDE) return undefined
  for (const quality of QUALITIES) {
    const image = sharp(withKnownBrand(file), { autoOrient: true, limitInputPixels: PIXEL_LIMIT })
    const webp = await addParameters(image, parameters).webp({ quality, effort: 3 }).toBuffer()
    if (webp.length <= limit) return webp
  }
  return undefined
}

/** Has an image written with parameters, in XMP and in EXIF; with none if they are empty. */
export function addParameters(image: Sharp, parameters: string): Sharp {
  if (!parameters) return image
  return image
    .withExif({ IFD0: { Software: 'Overscan' }, IFD2: { UserComment: parameters } })
    .withXmp(parametersXmp(parameters))
}
