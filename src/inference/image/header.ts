import { UserError } from '../../user-error.js'
import { type PictureFormat, requireFormat } from './format.js'
import { type Extent, MAX_PICTURE_SIZE } from './geometry.js'
import { readAvifSize } from './strip/avif-size.js'
import { exifOrientation, type StoredSize } from './strip/exif.js'
import { readJpegSize } from './strip/jpeg.js'
import { readPngSize } from './strip/png.js'
import { readTiffSize } from './strip/tiff.js'
import { readWebpSize } from './strip/webp.js'

/** What a picture's header says; the size is that of the picture as it is shown. */
export type PictureHeader = Extent & {
  readonly format: PictureFormat
  /** False where no pixel can be transparent. */
  readonly mayHaveAlpha: boolean
}

/** From 5 on, an orientation swaps the sides (EXIF 2.32, 4.6.4). */
const FIRST_TURNED = 5

/**
 * The format of a picture file, and its size after its orientation. No decoder is started: only the few bytes that hold sizes
 * are read, in a bounded number of steps.
 *
 * @throws UserError `not-a-picture`, `picture-format-unsupported`, `picture-too-large`
 */
export function readHeader(file: Uint8Array): PictureHeader {
  const format = requireFormat(file)
  const stored = storedSize(Buffer.from(file.buffer, file.byteOffset, file.byteLength), format)
  if (!stored || !(stored.width > 0 && stored.height > 0)) throw new UserError({ code: 'not-a-picture' })
  const orientation = stored.orientation ?? (stored.exif ? exifOrientation(stored.exif) : 1)
  const { width, height } = stored
  const shown = orientation >= FIRST_TURNED ? { width: height, height: width } : { width, height }
  assertSizeIsAllowed(shown)
  return { format, ...shown, mayHaveAlpha: stored.mayHaveAlpha ?? format !== 'jpeg' }
}

/** The file extension of a file's format, without the dot. @throws UserError as {@link readHeader} does */
export function fileExtension(file: Uint8Array): string {
  const { format } = readHeader(file)
  return format === 'jpeg' ? 'jpg' : format
}

/** @throws UserError `picture-too-large` */
export function assertSizeIsAllowed({ width, height }: Extent): void {
  const side = Math.max(width, height)
  if (width * height <= MAX_PICTURE_SIZE.megapixels * 1e6 && side <= MAX_PICTURE_SIZE.side) return
  const megapixels = Math.ceil((width * height) / 1e6)
  throw new UserError({ code: 'picture-too-large', megapixels, side, limit: MAX_PICTURE_SIZE })
}

function storedSize(file: Buffer, format: PictureFormat): StoredSize | undefined {
  try {
    switch (format) {
      case 'jpeg':
        return readJpegSize(file)
      case 'png':
        return readPngSize(file)
      case 'webp':
        return readWebpSize(file)
      case 'gif':
        return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }
      case 'tiff':
        return readTiffSize(file)
      case 'avif':
        return readAvifSize(file)
    }
  } catch (error) {
    // Behind the end of the file.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
