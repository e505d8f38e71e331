import type { Metadata, Sharp, SharpOptions } from 'sharp'
import { UserError } from '../../user-error.js'
import { type PictureFormat, withKnownBrand } from './format.js'
import { type Box, type Extent, isSameSize, MAX_PICTURE_SIZE } from './geometry.js'
import { assertSizeIsAllowed, readHeader } from './header.js'
import { convertToSrgb, type MatrixProfile, parseMatrixProfile } from './matrix-profile.js'
import type { Pixels, SoftMask } from './pixels.js'
import { setPngProfile } from './png-chunks.js'
import { sharp } from './sharp.js'
import { stripJpeg } from './strip/jpeg.js'

const END_OF_IMAGE = Buffer.from([0xff, 0xd9])

/** In pixels; {@link readSize} refuses larger pictures with a sentence. */
export const PIXEL_LIMIT = MAX_PICTURE_SIZE.megapixels * 1e6

/** A picture, and how opaque each of its pixels is, from 0 to 255; without `alpha` all of it is. */
export type DecodedPicture = { readonly pixels: Pixels; readonly alpha?: SoftMask }

/**
 * The size of a picture as it is shown, after its EXIF orientation, read from its header alone by the decoder's library. The bot,
 * which loads no decoder, calls `readHeader`.
 *
 * @throws UserError `not-a-picture`, `picture-format-unsupported`, `picture-depth-unsupported`, `picture-too-large`
 */
export async function readSize(file: Uint8Array): Promise<Extent> {
  const { autoOrient } = await inspect(file)
  return { width: autoOrient.width, height: autoOrient.height }
}

/** As {@link readSize}, and whether the picture can have transparent pixels. */
export async function readSizeAndAlpha(file: Uint8Array): Promise<Extent & { readonly hasAlpha: boolean }> {
  const { autoOrient, hasAlpha } = await inspect(file)
  return { width: autoOrient.width, height: autoOrient.height, hasAlpha }
}

/**
 * Read a picture as 8-bit sRGB, upright. Greyscale, 16-bit, CMYK and pictures with a colour profile are converted.
 * Of an animation the first frame is read.
 *
 * @throws UserError as {@link readSize} does, `picture-corrupt`, `picture-transparent` if no pixel is visible
 */
export async function readPicture(file: Uint8Array, section: Section = {}): Promise<DecodedPicture> {
  const rgba = await readRgba(file, section)
  const { width, height } = rgba
  const pixels = { width, height, data: new Uint8Array(width * height * 3) }
  const alpha = { width, height, data: new Uint8Array(width * height) }
  let [lowest, highest] = [255, 0]
  for (let at = 0; at < alpha.data.length; at++) {
    pixels.data[at * 3] = rgba.data[at * 4]!
    pixels.data[at * 3 + 1] = rgba.data[at * 4 + 1]!
    pixels.data[at * 3 + 2] = rgba.data[at * 4 + 2]!
    const value = rgba.data[at * 4 + 3]!
    alpha.data[at] = value
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
  }
  if (highest === 0) throw new UserError({ code: 'picture-transparent' })
  return lowest === 255 ? { pixels } : { pixels, alpha }
}

/** 8-bit sRGB with alpha, row-major, interleaved R G B A. */
export type Rgba = Extent & { readonly data: Uint8Array }

/**
 * The part of a picture that is read, and the size to resample it to (Lanczos, 3 lobes); all of it, at its own size, if left out.
 * `crop` is the part of the resampled picture that is returned: its pixels are those of the whole resampled picture.
 */
export type Section = { readonly part?: Box; readonly size?: Extent; readonly crop?: Box }

/**
 * Read a picture with its transparency, upright, as {@link readPicture} does.
 *
 * @throws UserError as {@link readSize} does, `picture-corrupt`
 */
export async function readRgba(file: Uint8Array, { part, size, crop }: Section = {}): Promise<Rgba> {
  const header = await inspect(file)
  return decodeRgba(file, header, image => {
    const partSize = part ?? header.autoOrient
    if (part) image.extract({ left: part.x, top: part.y, width: part.width, height: part.height })
    if (size && !isSameSize(size, partSize)) image.resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    if (crop) image.extract({ left: crop.x, top: crop.y, width: crop.width, height: crop.height })
  })
}

/** A sharp pipeline of raw pixels, to be encoded or resized. */
export function sharpFromPixels({ width, height, data }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: width * height })
}

/** A picture at another size (Lanczos, 3 lobes); its aspect ratio may change. */
export async function resizePixels(pixels: Pixels, { width, height }: Extent): Promise<Pixels> {
  if (isSameSize(pixels, { width, height })) return pixels
  const data = await sharpFromPixels(pixels).resize({ width, height, fit: 'fill', kernel: 'lanczos3' }).raw().toBuffer()
  return { width, height, data: plainBytes(data) }
}

/** A Buffer as a Uint8Array: the `slice` of a Buffer doesn't copy. */
function plainBytes({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}

/** 16-bit colors with alpha, row-major, interleaved R G B A. */
export type Rgba16 = Extent & { readonly data: Uint16Array }

/**
 * A picture with alpha at another size (Lanczos, 3 lobes). The color of transparent pixels does not bleed into the others. Next to them the
 * resampled alpha overshoots by up to 19%: where it is cut off, colors become too bright.
 */
export async function resizeRgba16({ width, height, data }: Rgba16, size: Extent): Promise<Uint16Array> {
  const resized = await sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: width * height })
    .resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer()
  return new Uint16Array(resized.buffer, resized.byteOffset, resized.length / Uint16Array.BYTES_PER_ELEMENT)
}

/** A header, and the format by the file's first bytes. */
type Header = Metadata & { readonly pictureFormat: PictureFormat }

async function inspect(file: Uint8Array): Promise<Header> {
  const { format: pictureFormat } = readHeader(file)
  let metadata: Metadata
  try {
    metadata = await sharp(withKnownBrand(file), { limitInputPixels: PIXEL_LIMIT }).metadata()
  } catch (cause) {
    throw new UserError({ code: 'not-a-picture' }, { cause })
  }
  if (metadata.format === 'heif' && metadata.compression !== 'av1') {
    throw new UserError({ code: 'picture-format-unsupported', format: 'HEIC' })
  }
  assertSizeIsAllowed(metadata.autoOrient)
  // sharp clips floats of 0 to 1 to 8 bits: the picture would be black.
  if (metadata.depth !== 'uchar' && metadata.depth !== 'ushort') {
    throw new UserError({ code: 'picture-depth-unsupported' })
  }
  return { ...metadata, pictureFormat }
}

/** @param transform adds cropping and resizing to the pipeline */
async function decodeRgba(file: Uint8Array, header: Header, transform: (image: Sharp) => void): Promise<Rgba> {
  try {
    const is16Bit = header.space === 'rgb16' || header.space === 'grey16'
    const convert = is16Bit && (await changesColors(header))
    const matrix = convert && header.icc ? parseMatrixProfile(header.icc) : undefined
    const image = open(file, header.pictureFormat, { ignoreIcc: is16Bit && (!convert || matrix !== undefined) })
    transform(image)
    return await (convert ? rgbaFrom16Bits(image, header, matrix) : rawRgba(image))
  } catch (cause) {
    throw new UserError({ code: 'picture-corrupt' }, { cause })
  }
}

function open(file: Uint8Array, format: PictureFormat, options: SharpOptions): Sharp {
  const common = { autoOrient: true, limitInputPixels: PIXEL_LIMIT, ...options }
  if (format === 'jpeg') {
    const { bytes, isComplete } = stripJpeg(file)
    // With the marker that ends it added, missing pixels are a warning of libjpeg, and the only one that is expected.
    if (!isComplete) return sharp(withEndMarker(bytes), { ...common, failOn: 'warning' })
  }
  // `truncated` accepts slightly damaged files, as other viewers do.
  return sharp(withKnownBrand(file), { ...common, failOn: 'truncated' })
}

function withEndMarker(jpeg: Uint8Array): Buffer {
  return Buffer.concat([jpeg.at(-1) === 0xff ? jpeg.subarray(0, -1) : jpeg, END_OF_IMAGE])
}

/**
 * Whether the color profile of a 16-bit picture changes colors. One that doesn't is plain sRGB, or broken.
 * The test picture has 8 bits, for which sharp converts right.
 */
async function changesColors({ icc, channels }: Header): Promise<boolean> {
  if (!icc) return false
  const isGrey = channels < 3
  const data = Buffer.from(
    Array.from({ length: 256 }, (_, value) =>
      isGrey ? [value] : [value, (value * 7) & 255, (value * 31) & 255],
    ).flat(),
  )
  const sample = sharp(data, { raw: { width: 16, height: 16, channels: isGrey ? 1 : 3 } })
  const png = await (isGrey ? sample.toColourspace('b-w') : sample).png().toBuffer()
  const read = (ignoreIcc: boolean) =>
    sharp(setPngProfile(png, icc), { ignoreIcc }).toColourspace('srgb').raw().toBuffer()
  return !(await read(false)).equals(await read(true))
}

/**
 * sharp converts 16-bit RGB to Display P3, which clips and rounds, and 16-bit grey not at all. So a matrix profile is applied here;
 * for others the conversion to sRGB follows as output profile, at 16 bits so that nothing is rounded twice.
 */
async function rgbaFrom16Bits(image: Sharp, { channels }: Header, matrix: MatrixProfile | undefined): Promise<Rgba> {
  image.toColourspace(channels < 3 ? 'grey16' : 'rgb16')
  if (!matrix) image.withIccProfile('srgb')
  const { data, info } = await image.ensureAlpha().raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true })
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
  const { width, height } = info
  if (matrix) return { width, height, data: convertToSrgb(samples, matrix) }
  return { width, height, data: new Uint8Array(samples.map(value => value / 257 + 0.5)) }
}

async function rawRgba(image: Sharp): Promise<Rgba> {
  const { data, info } = await image
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}
