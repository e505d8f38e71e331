import { UserError } from '../../user-error.js'
import { PIXEL_LIMIT, readSize } from './decode.js'
import { type Extent, hasSameAspect, isSameSize } from './geometry.js'
import { KEEP, type Mask, PAINT } from './pixels.js'
import { sharp } from './sharp.js'

/** From this grey level on, a pixel of a canonical mask is painted. */
const PAINT_THRESHOLD = 128

/**
 * Write a canonical mask: a PNG of one 8-bit grey channel and of the picture's size, white where it is painted, black
 * where it is kept. Requests and messages carry masks in this form only.
 */
export async function encodeMask({ width, height, data }: Mask): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer()
}

/**
 * Read a canonical mask. Its first channel decides: 128 and more is painted. Nothing is guessed: what people send goes
 * through `interpretMask` first.
 *
 * @throws UserError `not-a-picture`, `picture-corrupt`, `picture-too-large`
 */
export async function decodeMask(file: Uint8Array): Promise<Mask> {
  await readSize(file)
  try {
    const { data, info } = await sharp(file, { limitInputPixels: PIXEL_LIMIT })
      .extractChannel(0)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data: threshold(data) }
  } catch (cause) {
    throw new UserError({ code: 'picture-corrupt' }, { cause })
  }
}

/** A mask of another size, its edges smooth. */
export async function resizeMask({ width, height, data }: Mask, size: Extent): Promise<Mask> {
  if (isSameSize({ width, height }, size)) return { width, height, data }
  const scaled = await sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return { width: size.width, height: size.height, data: threshold(scaled) }
}

/**
 * A mask at the size of another picture of the same shape.
 *
 * @throws UserError `mask-size-differs` where the shape is another
 */
export async function fitMask(mask: Mask, picture: Extent): Promise<Mask> {
  if (!hasSameAspect(mask, picture)) throw maskSizeError(mask, picture)
  return resizeMask(mask, picture)
}

export function maskSizeError(mask: Extent, picture: Extent): UserError {
  const format = ({ width, height }: Extent) => `${width}×${height}`
  return new UserError({ code: 'mask-size-differs', mask: format(mask), picture: format(picture) })
}

function threshold(grey: Uint8Array): Uint8Array {
  return Uint8Array.from(grey, value => (value >= PAINT_THRESHOLD ? PAINT : KEEP))
}
