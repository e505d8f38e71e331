import { isAnimated } from './animation.js'
import type { Conversion } from './conversion-names.js'
import { PIXEL_LIMIT } from './decode.js'
import { requireFormat, withKnownBrand } from './format.js'
import { sharp } from './sharp.js'

/** The name of sRGB in a color profile, in ASCII or in UTF-16. */
const SRGB_NAME = /s\0?R\0?G\0?B/

/**
 * How a picture is converted when it is read, by its header.
 *
 * @throws UserError `not-a-picture`, `picture-format-unsupported`
 */
export async function conversionsOf(file: Uint8Array): Promise<Conversion[]> {
  const format = requireFormat(file)
  const {
    depth,
    pages = 1,
    icc,
    space,
  } = await sharp(withKnownBrand(file), { limitInputPixels: PIXEL_LIMIT }).metadata()
  const hasFrames = pages > 1 || isAnimated(file)
  const hasOtherColors = space === 'cmyk' || (icc !== undefined && !SRGB_NAME.test(icc.toString('latin1')))
  return [
    ...(hasFrames ? [format === 'tiff' ? ('first-page' as const) : ('first-frame' as const)] : []),
    ...(depth === 'ushort' ? ['8-bit' as const] : []),
    ...(hasOtherColors ? ['srgb' as const] : []),
  ]
}
