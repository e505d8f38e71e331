import { UserError } from '../../user-error.js'

/** The formats that are read. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'

/** Picture formats that are recognized, to name them in an answer, and not read. */
export type UnsupportedFormat = 'HEIC' | 'JPEG XL' | 'JPEG 2000' | 'BMP'

const HEVC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']

/**
 * The format of a file by its first bytes. Nothing else is given to a decoder: SVG and PDF are programs rather than pictures.
 *
 * @throws UserError `not-a-picture`, `picture-format-unsupported`
 */
export function requireFormat(file: Uint8Array): PictureFormat {
  const format = detectFormat(file)
  if (!format) throw new UserError({ code: 'not-a-picture' })
  if (isSupported(format)) return format
  throw new UserError({ code: 'picture-format-unsupported', format })
}

/** The format of a file by its first bytes; undefined if it is none that is known. */
export function detectFormat(file: Uint8Array): PictureFormat | UnsupportedFormat | undefined {
  const text = (from: number, to: number) => Buffer.from(file.subarray(from, to)).toString('latin1')
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg'
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif'
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(0, 4))) return 'tiff'
  if (text(4, 8) === 'ftyp') return detectHeif(file, text)
  if (text(0, 2) === '\xff\x0a' || text(4, 12) === 'JXL \r\n\x87\n') return 'JPEG XL'
  if (text(4, 12) === 'jP  \r\n\x87\n' || text(0, 4) === '\xff\x4f\xff\x51') return 'JPEG 2000'
  // Bytes 6 to 9 of a BMP are reserved.
  if (text(0, 2) === 'BM' && text(6, 10) === '\0\0\0\0') return 'BMP'
  return undefined
}

/** AVIF and HEIC share a container (ISO/IEC 23008-12). Its brands say which codec is in it. */
function detectHeif(file: Uint8Array, text: (from: number, to: number) => string): 'avif' | 'HEIC' | undefined {
  const length = Math.min(Buffer.from(file.subarray(0, 4)).readUInt32BE(), file.length, 4096)
  const brands = [text(8, 12)]
  for (let at = 16; at + 4 <= length; at += 4) brands.push(text(at, at + 4))
  if (brands.some(brand => brand === 'avif' || brand === 'avis')) return 'avif'
  if (brands.some(brand => HEVC_BRANDS.includes(brand) || brand === 'mif1' || brand === 'msf1')) return 'HEIC'
  return undefined
}

/** Whether a file is an AVIF image sequence: by its major brand (AVIF specification, 6.3). */
export function isAvifSequence(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(4, 12)).toString('latin1') === 'ftypavis'
}

/** A file that sharp recognizes: it knows an AVIF image sequence, whose first frame is a picture item too, only by the brand of a still picture. */
export function withKnownBrand(file: Uint8Array): Uint8Array {
  if (!isAvifSequence(file)) return file
  const still = Buffer.from(file)
  still.write('avif', 8, 'latin1')
  return still
}

function isSupported(format: PictureFormat | UnsupportedFormat): format is PictureFormat {
  return format === format.toLowerCase()
}
