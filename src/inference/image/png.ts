import { sharpFromPixels } from './decode.js'
import type { Pixels, SoftMask } from './pixels.js'
import { setPngTexts } from './png-texts.js'

/**
 * zlib's level. Photos of 1024 × 1024 take 0.11 s of the processor and 1377 kB; at level 6 0.16 s and 1358 kB, at level 2 0.09 s and 1435 kB.
 * Without adaptive filters they are 45% larger.
 */
const COMPRESSION_LEVEL = 4

/**
 * Encode a picture as PNG, with texts.
 *
 * @param texts by keyword (1 to 79 Latin-1 characters); `tEXt` chunks where Latin-1 is enough, `iTXt` otherwise
 * @param alpha of each pixel, of the size of `pixels`; opaque if left out
 */
export async function encodePng(
  pixels: Pixels,
  texts: Readonly<Record<string, string>> = {},
  alpha?: SoftMask,
): Promise<Buffer> {
  const { width, height } = pixels
  const image = sharpFromPixels(pixels)
  if (alpha)
    image.joinChannel(Buffer.from(alpha.data), {
      raw: { width, height, channels: 1 },
      limitInputPixels: width * height,
    })
  return setPngTexts(
    await image.png({ compressionLevel: COMPRESSION_LEVEL, adaptiveFiltering: true }).toBuffer(),
    texts,
  )
}
