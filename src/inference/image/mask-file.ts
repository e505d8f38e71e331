import { UserError } from '../../user-error.js'
import { PIXEL_LIMIT, readSize } from './decode.js'
import { type Extent, hasSameAspect, isSameSize } from './geometry.js'
import { KEEP, type Mask, PAINT, type SoftMask } from './pixels.js'
import { sharp } from './sharp.js'

/** From this grey level on, a pixel of a resized mask is painted: the edge stays where it was. */
const EDGE_THRESHOLD = 128

/** From this strength on, a pixel counts as painted where a mask has to be hard: a brush of 40% is meant. */
const HARD_THRESHOLD = 64

/**
 * Write a canonical mask: a PNG of one 8-bit grey channel and of the picture's size, white where it is painted, black
 * where it is kept, grey where both are mixed. Requests and messages carry masks in this form only.
 */
export async function encodeMask({ width, height, data }: SoftMask): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: width * height })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer()
}

/**
 * Read a canonical mask as a hard one: 64 and more is painted.
 *
 * @throws UserError `not-a-picture`, `picture-corrupt`, `picture-too-large`
 */
export async function decodeMask(file: Uint8Array): Promise<Mask> {
  return hardMask(await decodeSoftMask(file))
}

/**
 * Read a canonical mask from its first channel. Nothing is guessed: what people send goes through `interpretMask` first.
 *
 * @throws UserError `not-a-picture`, `picture-corrupt`, `picture-too-large`
 */
export async function decodeSoftMask(file: Uint8Array): Promise<SoftMask> {
  await readSize(file)
  try {
    const { data, info } = await sharp(file, { limitInputPixels: PIXEL_LIMIT })
      .extractChannel(0)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data }
  } catch (cause) {
    throw new UserError({ code: 'picture-corrupt' }, { cause })
  }
}

/** A hard mask of another size, its edges smooth. */
export async function resizeMask(mask: Mask, size: Extent): Promise<Mask> {
  const scaled = await resizeSoftMask(mask, size)
  return scaled.data === mask.data ? scaled : threshold(scaled, EDGE_THRESHOLD)
}

/** A soft mask of another size. */
export async function resizeSoftMask({ width, height, data }: SoftMask, size: Extent): Promise<SoftMask> {
  if (isSameSize({ width, height }, size)) return { width, height, data }
  const scaled = await sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: width * height })
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return { width: size.width, height: size.height, data: scaled }
}

/**
 * A hard mask at the size of another picture of the same shape.
 *
 * @throws UserError `mask-size-differs` where the shape is another
 */
export async function fitMask(mask: Mask, picture: Extent): Promise<Mask> {
  if (!hasSameAspect(mask, picture)) throw maskSizeError(mask, picture)
  return resizeMask(mask, picture)
}

/** As {@link fitMask}, with the greys. */
export async function fitSoftMask(mask: SoftMask, picture: Extent): Promise<SoftMask> {
  if (!hasSameAspect(mask, picture)) throw maskSizeError(mask, picture)
  return resizeSoftMask(mask, picture)
}

export function maskSizeError(mask: Extent, picture: Extent): UserError {
  const format = ({ width, height }: Extent) => `${width}×${height}`
  return new UserError({ code: 'mask-size-differs', mask: format(mask), picture: format(picture) })
}

/** What a soft mask paints, where it can't be mixed: all of a strength of 64 and more. */
export function hardMask(mask: SoftMask): Mask {
  return threshold(mask, HARD_THRESHOLD)
}

function threshold(mask: SoftMask, level: number): Mask {
  const data = new Uint8Array(mask.data.length).fill(KEEP)
  for (let at = 0; at < data.length; at++) if (mask.data[at]! >= level) data[at] = PAINT
  return { ...mask, data }
}
