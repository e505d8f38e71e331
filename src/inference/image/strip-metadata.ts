import type { Metadata } from 'sharp'
import { readRecipe } from '../pipeline/recipe-file.js'
import { removePngChunks } from './png.js'
import { sharp } from './sharp.js'

/** What stands before EXIF in some files; what follows is a TIFF. */
const EXIF = Buffer.from('Exif\0\0', 'latin1')

/** PNG's own places for what a camera writes, and for when and by whom. */
const OF_CAMERAS = new Set(['eXIf', 'tIME', 'tEXt', 'zTXt', 'iTXt'])

/**
 * A picture file without what a camera and its owner left in it: EXIF (where and when it was taken, by which device), XMP, IPTC,
 * texts. Its pixels, colour profile and orientation stay as they are; so does a picture that carries a recipe of ours, and what is
 * no picture at all.
 *
 * What was written there is overwritten in its place, so that nothing is compressed anew; only where that can't be done (TIFF, turned
 * PNGs, data in several pieces) the picture becomes an upright PNG.
 */
export async function stripMetadata(file: Uint8Array): Promise<Uint8Array> {
  if (file.length === 0) return file
  const metadata = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined)
  if (!metadata || (await readRecipe(file))) return file
  const isTurned = (metadata.orientation ?? 1) !== 1
  if (metadata.format === 'png') return isTurned ? upright(file) : removePngChunks(file, OF_CAMERAS)
  if (metadata.format === 'tiff') return upright(file)
  return blanked(file, metadata) ?? upright(file)
}

/** The same file with its metadata overwritten, or undefined where it can't be found in it as it was read. */
function blanked(file: Uint8Array, { exif, xmp, iptc, orientation }: Metadata): Uint8Array | undefined {
  const copy = Buffer.from(file)
  const tiff = exif?.subarray(exif.subarray(0, EXIF.length).equals(EXIF) ? EXIF.length : 0)
  const blanks = [
    { old: tiff, blank: tiff && blankTiff(tiff.length, orientation ?? 1) },
    { old: xmp, blank: xmp && Buffer.alloc(xmp.length, ' ') },
    { old: iptc, blank: iptc && Buffer.alloc(iptc.length) },
  ]
  for (const { old, blank } of blanks) {
    if (!old?.length || !blank) continue
    const at = copy.indexOf(old)
    if (at < 0) return undefined
    blank.copy(copy, at)
  }
  return copy
}

/** A TIFF (6.0) of so many bytes that holds nothing but an orientation: a header, one directory of one entry, zeros. */
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

async function upright(file: Uint8Array): Promise<Uint8Array> {
  return sharp(file, { autoOrient: true, limitInputPixels: false })
    .toColourspace('srgb')
    .png({ compressionLevel: 6 })
    .toBuffer()
    .catch(() => file) // who reads its pixels says that it is broken
}
