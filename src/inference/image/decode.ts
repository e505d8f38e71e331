import type { Metadata, Sharp } from 'sharp'
import { UserError } from '../../user-error.js'
import { type Box, type Extent, isSameSize, MAX_PICTURE_SIZE } from './geometry.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from './pixels.js'
import { sharp } from './sharp.js'

/** The picture formats that are read. SVG and PDF are programs rather than pictures, and are not. */
const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif'])

/** Below this alpha a pixel is missing; from here on its colour belongs to the picture. */
const OPAQUE_ALPHA = 128

/** A picture and the mask of its missing pixels: those that are transparent. */
export type DecodedPicture = { readonly pixels: Pixels; readonly transparentMask: Mask }

/**
 * The size of a picture as it is shown, after its EXIF orientation, read from its header alone.
 *
 * @throws UserError `not-a-picture`, `picture-too-large`
 */
export async function readSize(file: Uint8Array): Promise<Extent> {
  const metadata = await inspect(file)
  return { width: metadata.autoOrient.width, height: metadata.autoOrient.height }
}

/** The usual extension of such a file, without the dot. @throws UserError `not-a-picture`, `picture-too-large` */
export async function fileExtension(file: Uint8Array): Promise<string> {
  const { format } = await inspect(file)
  return format === 'jpeg' ? 'jpg' : format === 'heif' ? 'avif' : format
}

/**
 * Read a picture as 8-bit sRGB, upright. Greyscale, 16-bit, CMYK and pictures with a colour profile are converted.
 * Of an animation the first frame is read.
 *
 * @param part only this part of the picture; all of it if left out
 * @param size resample the part to this size (Lanczos, 3 lobes); its own size if left out
 * @returns `transparentMask` marks the pixels that are less than half opaque; the others keep their colour and become opaque
 * @throws UserError `not-a-picture`, `picture-corrupt`, `picture-too-large`, `picture-transparent`
 */
export async function readPicture(
  file: Uint8Array,
  { part, size }: { readonly part?: Box; readonly size?: Extent } = {},
): Promise<DecodedPicture> {
  const metadata = await inspect(file)
  let image = open(file)
  const partSize = part ?? metadata.autoOrient
  if (part) image = image.extract({ left: part.x, top: part.y, width: part.width, height: part.height })
  if (size && !isSameSize(size, partSize)) {
    image = image.resize({ width: size.width, height: size.height, fit: 'fill', kernel: 'lanczos3' })
  }
  const rgba = await rawRgba(image)
  const pixels = { width: rgba.width, height: rgba.height, data: new Uint8Array(rgba.width * rgba.height * 3) }
  const transparentMask = filledMask(pixels, KEEP)
  let missing = 0
  for (let at = 0; at < transparentMask.data.length; at++) {
    pixels.data[at * 3] = rgba.data[at * 4]!
    pixels.data[at * 3 + 1] = rgba.data[at * 4 + 1]!
    pixels.data[at * 3 + 2] = rgba.data[at * 4 + 2]!
    if (rgba.data[at * 4 + 3]! < OPAQUE_ALPHA) {
      transparentMask.data[at] = PAINT
      missing++
    }
  }
  if (missing === transparentMask.data.length) throw new UserError({ code: 'picture-transparent' })
  return { pixels, transparentMask }
}

/** 8-bit sRGB with alpha, row-major, interleaved R G B A. */
export type Rgba = Extent & { readonly data: Uint8Array }

/**
 * Read a picture with its transparency, upright, as {@link readPicture} does.
 *
 * @param size to resample it to (Lanczos, 3 lobes); its own size if left out
 * @throws UserError `not-a-picture`, `picture-corrupt`, `picture-too-large`
 */
export async function readRgba(file: Uint8Array, size?: Extent): Promise<Rgba> {
  const { autoOrient } = await inspect(file)
  const isOwnSize = !size || isSameSize(size, autoOrient)
  return rawRgba(isOwnSize ? open(file) : open(file).resize({ ...size, fit: 'fill', kernel: 'lanczos3' }))
}

/** A sharp pipeline of raw pixels, to be encoded or resized. */
export function sharpFromPixels({ width, height, data }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
}

/** A picture at another size (Lanczos, 3 lobes); its aspect ratio may change. */
export async function resizePixels(pixels: Pixels, { width, height }: Extent): Promise<Pixels> {
  if (isSameSize(pixels, { width, height })) return pixels
  const data = await sharpFromPixels(pixels).resize({ width, height, fit: 'fill', kernel: 'lanczos3' }).raw().toBuffer()
  return { width, height, data }
}

/** The same with alpha: the colour of transparent pixels does not bleed into the others. */
export async function resizeRgba({ width, height, data }: Rgba, size: Extent): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false })
    .resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer()
}

async function inspect(file: Uint8Array): Promise<Metadata> {
  let metadata: Metadata
  try {
    metadata = await sharp(file, { limitInputPixels: false }).metadata()
  } catch (cause) {
    throw new UserError({ code: 'not-a-picture' }, { cause })
  }
  if (!FORMATS.has(metadata.format)) throw new UserError({ code: 'not-a-picture' })
  const { width, height } = metadata.autoOrient
  if (width * height > MAX_PICTURE_SIZE.megapixels * 1e6 || Math.max(width, height) > MAX_PICTURE_SIZE.side) {
    const megapixels = Math.ceil((width * height) / 1e6)
    throw new UserError({
      code: 'picture-too-large',
      megapixels,
      side: Math.max(width, height),
      limit: MAX_PICTURE_SIZE,
    })
  }
  return metadata
}

function open(file: Uint8Array): Sharp {
  // The header's size was checked before. `truncated` accepts slightly damaged files, as other viewers do.
  return sharp(file, { autoOrient: true, limitInputPixels: false, failOn: 'truncated' })
}

async function rawRgba(pipeline: Sharp): Promise<Rgba> {
  try {
    const { data, info } = await pipeline
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data }
  } catch (cause) {
    throw new UserError({ code: 'picture-corrupt' }, { cause })
  }
}
