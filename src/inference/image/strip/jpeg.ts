import type { Extent } from '../geometry.js'
import { EXIF_PREFIX, exifOrientation, orientationExif, type StoredSize } from './exif.js'
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

/** A file breaks off behind this many segments. Profiles and XMP of many parts have a thousand. */
const MAX_SEGMENTS = 10_000

/** A file breaks off behind this many scans: each is a pass over all pixels. Encoders write some ten. */
const MAX_SCANS = 100

/** SOF 0 to 15, among which are tables: DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** Frames (SOF), tables (DHT, DAC, DQT, DRI) and lines (DNL): what a decoder needs (ITU-T T.81, table B.1). */
function isNeeded(marker: number): boolean {
  return isFrame(marker) || marker === 0xc4 || marker === 0xcc || (marker >= 0xdb && marker <= 0xdd)
}

function startsWith(body: Buffer, signature: Buffer): boolean {
  return body.subarray(0, signature.length).equals(signature)
}

export type StrippedJpeg = {
  readonly bytes: Buffer
  /** False where the file ends without the marker that ends the picture. */
  readonly isComplete: boolean
}

type Segment = {
  readonly marker: number
  /** What follows the marker and the length. */
  readonly body: Buffer
  /** All of it; of a scan with its pixels. */
  readonly bytes: Buffer
}

/**
 * The segments of a file, as far as they can be read, with a last one of {@link EOI} if the picture is complete.
 *
 * @param untilPixels only those before the first scan
 */
function* segmentsIn(jpeg: Buffer, untilPixels = false): Generator<Segment> {
  let scans = 0
  for (let at = 2, segments = 0; segments < MAX_SEGMENTS; segments++) {
    at = findMarker(jpeg, at)
    const marker = jpeg[at + 1]!
    if (marker === EOI) yield { marker, body: jpeg.subarray(at + 2, at + 2), bytes: jpeg.subarray(at, at + 2) }
    if (marker === EOI || at + 4 > jpeg.length) return
    const end = at + 2 + jpeg.readUInt16BE(at + 2)
    if (end > jpeg.length || end < at + 4) return
    if (marker === SOS && (untilPixels || ++scans > MAX_SCANS)) return
    const whole = marker === SOS ? findScanEnd(jpeg, end) : end
    yield { marker, body: jpeg.subarray(at + 4, end), bytes: jpeg.subarray(at, whole) }
    at = whole
  }
}

/** The next marker that has a length, or ends the picture; the end of the file if there is none. */
function findMarker(jpeg: Buffer, from: number): number {
  // A loop, because a call for each byte would take seconds in a file of nothing but fill bytes.
  for (let at = from; at + 1 < jpeg.length; at++) {
    if (jpeg[at] !== 0xff) continue
    const marker = jpeg[at + 1]!
    // Fill bytes, stuffed bytes and markers without a length.
    if (marker !== 0xff && marker > 0x01 && !(marker >= 0xd0 && marker <= SOI)) return at
  }
  return jpeg.length
}

/** The size in the frame header. */
export function readJpegSize(jpeg: Buffer): StoredSize | undefined {
  let size: Extent | undefined
  let exif: Buffer | undefined
  for (const { marker, body } of segmentsIn(jpeg, true)) {
    if (isFrame(marker)) size ??= { width: body.readUInt16BE(3), height: body.readUInt16BE(1) }
    else if (marker === MARKER.APP1 && startsWith(body, EXIF_PREFIX)) exif ??= body
  }
  return size && { ...size, exif }
}

/**
 * A JPEG of nothing but its picture, color profile and orientation: segments by an allow-list, up to the end of the first
 * picture. A file that breaks off is as long as it can be read.
 *
 * @param xmp is written in the place of the file's own
 */
export function stripJpeg(file: Uint8Array, xmp?: string): StrippedJpeg {
  const parts: Buffer[] = []
  const profileParts = new Map<number, Buffer>()
  let header: Buffer | undefined
  let adobe: Buffer | undefined
  let orientation: number | undefined
  let isComplete = false
  for (const { marker, body, bytes } of segmentsIn(Buffer.from(file.buffer, file.byteOffset, file.byteLength))) {
    if (marker === EOI) isComplete = true
    else if (marker === SOS || isNeeded(marker)) parts.push(bytes)
    else if (marker === MARKER.APP0 && startsWith(body, JFIF) && body.length >= 14) {
      // Version, density; a thumbnail of no pixels.
      header ??= segment(MARKER.APP0, body.subarray(0, 12), Buffer.alloc(2))
    } else if (marker === MARKER.APP14 && startsWith(body, ADOBE) && body.length >= 12) {
      // Which color transform was used.
      adobe ??= segment(MARKER.APP14, body.subarray(0, 12))
    } else if (marker === MARKER.APP2 && startsWith(body, ICC) && body.length > ICC.length + 2) {
      const number = body[ICC.length]!
      if (!profileParts.has(number)) profileParts.set(number, body.subarray(ICC.length + 2))
    } else if (marker === MARKER.APP1 && startsWith(body, EXIF_PREFIX)) orientation ??= exifOrientation(body)
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
  for (const { marker, body } of segmentsIn(Buffer.from(file.buffer, file.byteOffset, file.byteLength), true)) {
    if (marker === MARKER.APP1 && startsWith(body, XMP)) return body.toString('utf8', XMP.length)
  }
  return undefined
}

/** Where the entropy-coded data ends: at the first marker that is neither a stuffed byte nor a restart. */
function findScanEnd(jpeg: Buffer, from: number): number {
  for (let at = from; at + 1 < jpeg.length; at++) {
    if (jpeg[at] !== 0xff) continue
    const next = jpeg[at + 1]!
    if (next !== 0xff && next !== 0x00 && !(next >= 0xd0 && next <= 0xd7)) return at
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
