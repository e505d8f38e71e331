import type { Metadata } from 'sharp'
import { readRecipe } from '../pipeline/recipe-file.js'
import { removePngChunks } from './png.js'
import { sharp } from './sharp.js'

/** The prefix of EXIF in some files; a TIFF follows it. */
const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1')

/** The PNG chunks of EXIF, of times and of texts. */
const METADATA_CHUNKS = new Set(['eXIf', 'tIME', 'tEXt', 'zTXt', 'iTXt'])

/**
 * A picture file without the metadata of cameras and editors: EXIF (place, time and device), XMP, IPTC, texts. Pixels, colour
 * profile and orientation stay. A picture with an Overscan recipe stays as it is, and so does a file that is no picture.
 *
 * Metadata is overwritten in place, so that nothing is compressed again. Where that is impossible (TIFF, rotated PNGs, metadata in
 * several pieces) the picture becomes an upright PNG.
 */
export async function stripMetadata(file: Uint8Array): Promise<Uint8Array> {
  if (file.length === 0) return file
  const metadata = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  if (!metadata || (await readRecipe(file))) return file
  const isRotated = (metadata.orientation ?? 1) !== 1
  if (metadata.format === 'png') return isRotated ? toUprightPng(file) : removePngChunks(file, METADATA_CHUNKS)
  if (metadata.format === 'tiff') return toUprightPng(file)
  return overwriteMetadata(file, metadata) ?? toUprightPng(file)
}

/** The same file with its metadata overwritten; undefined where the file does not contain it as one piece. */
function overwriteMetadata(file: Uint8Array, { exif, xmp, iptc, orientation }: Metadata): Uint8Array | undefined {
  const copy = Buffer.from(file)
  const tiff = exif?.subarray(exif.subarray(0, EXIF_PREFIX.length).equals(EXIF_PREFIX) ? EXIF_PREFIX.length : 0)
  const replacements = [
    { old: tiff, blank: tiff && blankTiff(tiff.length, orientation ?? 1) },
    { old: xmp, blank: xmp && Buffer.alloc(xmp.length, ' ') },
    { old: iptc, blank: iptc && Buffer.alloc(iptc.length) },
  ]
  for (const { old, blank } of replacements) {
    if (!old?.length || !blank) continue
    const at = copy.indexOf(old)
    if (at < 0) return undefined
    blank.copy(copy, at)
  }
  return copy
}

/** A TIFF (6.0) of this length in bytes that holds an orientation only: a header, one directory of one entry, zeros. */
function blankTiff(length: number, orientation: number): Buffer {
  const tiff = Buffer.alloc(Math.max(length, 26))
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x0112, 10)
  tiff.writeUInt16LE(3, 12)
  tiff.writeUInt32LE(1, 14)
  tiff.writeUInt16LE(orientation, 18)
  return tiff.subarray(0, length)
}

async function toUprightPng(file: Uint8Array): Promise<Uint8Array> {
  return sharp(file, { autoOrient: true, limitInputPixels: false })
    .toColourspace('srgb')
    .png({ compressionLevel: 6 })
    .toBuffer()
    .catch(() => file) // the reader of its pixels reports that it is corrupt
}
