import type { Extent } from '../geometry.js'

/** A size as it is stored, and what says how the picture is turned: a block of EXIF, or the orientation itself. */
export type StoredSize = Extent & {
  readonly exif?: Uint8Array | undefined
  readonly orientation?: number
  /** Left out where the header is not asked. */
  readonly mayHaveAlpha?: boolean
}

/** `Exif\0\0`, which comes before the TIFF of JPEG's EXIF, and of some WebPs'. */
export const EXIF_PREFIX = Buffer.from('Exif\0\0', 'latin1')

const ORIENTATION = 0x0112
const SHORT = 3

/** The orientation, 1 to 8, in the first directory of an EXIF block, with or without its prefix; 1 where it has none. */
export function exifOrientation(exif: Uint8Array): number {
  const all = Buffer.from(exif.buffer, exif.byteOffset, exif.byteLength)
  const tiff = all.subarray(0, EXIF_PREFIX.length).equals(EXIF_PREFIX) ? all.subarray(EXIF_PREFIX.length) : all
  const order = tiff.toString('latin1', 0, 4)
  if (tiff.length < 14 || (order !== 'II*\0' && order !== 'MM\0*')) return 1
  const u16 = (at: number) => (order === 'II*\0' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const directory = order === 'II*\0' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (directory + 2 > tiff.length) return 1
  const count = u16(directory)
  for (let at = directory + 2; at < directory + 2 + count * 12 && at + 12 <= tiff.length; at += 12) {
    if (u16(at) !== ORIENTATION || u16(at + 2) !== SHORT) continue
    const value = u16(at + 8)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/** A TIFF (6.0) that holds an orientation only: a header and one directory of one entry. */
export function orientationExif(orientation: number): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(ORIENTATION, 10)
  tiff.writeUInt16LE(SHORT, 12)
  tiff.writeUInt32LE(1, 14)
  tiff.writeUInt16LE(orientation, 18)
  return tiff
}
