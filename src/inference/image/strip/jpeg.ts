import { EXIF_PREFIX, exifOrientation, orientationExif } from './exif.js'
import { cleanProfile } from './icc.js'

const JFIF = Buffer.from('JFIF\0', 'latin1')
const ICC = Buffer.from('ICC_PROFILE\0', 'latin1')
const XMP = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')
const ADOBE = Buffer.from('Adobe', 'latin1')
const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const MARKER = { APP0: 0xe0, APP1: 0xe1, APP2: 0xe2, APP14: 0xee }

/** The bytes that a segment holds, after its marker and length. */
const MAX_SEGMENT_BYTES = 65535 - 2

/** The bytes of a profile that one segment holds, after its signature, number and count. */
const PROFILE_PART_BYTES = MAX_SEGMENT_BYTES - ICC.length - 2

/** Frames (SOF), tables (DHT, DAC, DQT, DRI) and lines (DNL): what a decoder needs (ITU-T T.81, table B.1). */
function isNeeded(marker: number): boolean {
  const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8
  return isFrame || marker === 0xdb || marker === 0xdc || marker === 0xdd
}

export type StrippedJpeg = {
  readonly bytes: Buffer
  /** False where the file ends without the marker that ends the picture. */
  readonly isComplete: boolean
}

/**
 * A JPEG of nothing but its picture, color profile and orientation: segments by an allow-list, up to the end of the first
 * picture. A file that breaks off is as long as it can be read.
 *
 * @param xmp is written in the place of the file's own
 */
export function stripJpeg(file: Uint8Array, xmp?: string): StrippedJpeg {
  const jpeg = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const parts: Buffer[] = []
  const profileParts = new Map<number, Buffer>()
  let header: Buffer | undefined
  let adobe: Buffer | undefined
  let orientation: number | undefined
  let isComplete = false
  for (let at = 2; at + 2 <= jpeg.length; ) {
    at = jpeg.indexOf(0xff, at)
    if (at < 0 || at + 2 > jpeg.length) break
    const marker = jpeg[at + 1]!
    if (marker === EOI) {
      isComplete = true
      break
    }
    // Fill bytes, stuffed bytes and markers without a length.
    if (marker === 0xff || marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= SOI)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    if (at + 4 > jpeg.length) break
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if (end > jpeg.length || end < at + 4) break
    const body = jpeg.subarray(at + 4, end)
    const startsWith = (signature: Buffer) => body.subarray(0, signature.length).equals(signature)
    if (marker === SOS) {
      const scanEnd = findScanEnd(jpeg, end)
      parts.push(jpeg.subarray(at, scanEnd))
      at = scanEnd
      continue
    }
    if (isNeeded(marker)) parts.push(jpeg.subarray(at, end))
    else if (marker === MARKER.APP0 && startsWith(JFIF) && body.length >= 14) {
      // Version, density; a thumbnail of no pixels.
      header ??= segment(MARKER.APP0, body.subarray(0, 12), Buffer.alloc(2))
    } else if (marker === MARKER.APP14 && startsWith(ADOBE) && body.length >= 12) {
      // Which color transform was used.
      adobe ??= segment(MARKER.APP14, body.subarray(0, 12))
    } else if (marker === MARKER.APP2 && startsWith(ICC) && body.length > ICC.length + 2) {
      const number = body[ICC.length]!
      if (!profileParts.has(number)) profileParts.set(number, body.subarray(ICC.length + 2))
    } else if (marker === MARKER.APP1 && startsWith(EXIF_PREFIX)) orientation ??= exifOrientation(body)
    at = end
  }
  const bytes = Buffer.concat([
    Buffer.from([0xff, SOI]),
    ...(header ? [header] : []),
    ...(orientation && orientation !== 1 ? [segment(MARKER.APP1, EXIF_PREFIX, orientationExif(orientation))] : []),
    ...(xmp && XMP.length + Buffer.byteLength(xmp) <= MAX_SEGMENT_BYTES
      ? [segment(MARKER.APP1, XMP, Buffer.from(xmp))]
      : []),
    ...profileSegments(profileParts),
    ...(adobe ? [adobe] : []),
    ...parts,
    ...(isComplete ? [Buffer.from([0xff, EOI])] : []),
  ])
  return { bytes, isComplete }
}

/** The XMP before the picture of a JPEG, or undefined. Extended XMP is not read. */
export function readJpegXmp(file: Uint8Array): string | undefined {
  const jpeg = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== SOS; ) {
    const body = jpeg.subarray(at + 4, at + 2 + jpeg.readUInt16BE(at + 2))
    if (jpeg[at + 1] === MARKER.APP1 && body.subarray(0, XMP.length).equals(XMP))
      return body.toString('utf8', XMP.length)
    at += 2 + jpeg.readUInt16BE(at + 2)
  }
  return undefined
}

/** Where the entropy-coded data ends: at the first marker that is neither a stuffed byte nor a restart. */
function findScanEnd(jpeg: Buffer, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at >= 0 && at + 1 < jpeg.length; at = jpeg.indexOf(0xff, at)) {
    const next = jpeg[at + 1]!
    if (next === 0xff) at += 1
    else if (next === 0x00 || (next >= 0xd0 && next <= 0xd7)) at += 2
    else return at
  }
  return jpeg.length
}

function profileSegments(parts: ReadonlyMap<number, Buffer>): Buffer[] {
  const ordered = [...parts].sort(([one], [other]) => one - other).map(([, part]) => part)
  const profile = cleanProfile(Buffer.concat(ordered))
  if (!profile) return []
  const count = Math.ceil(profile.length / PROFILE_PART_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const part = profile.subarray(index * PROFILE_PART_BYTES, (index + 1) * PROFILE_PART_BYTES)
    return segment(MARKER.APP2, ICC, Buffer.from([index + 1, count]), part)
  })
}

function segment(marker: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(2 + parts.reduce((sum, part) => sum + part.length, 0), 2)
  return Buffer.concat([head, ...parts])
}
