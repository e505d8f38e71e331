import type { Extent } from '../geometry.js'
import { exifOrientation, orientationExif, type StoredSize } from './exif.js'
import { cleanProfile } from './icc.js'

const FRAME_HEADER_BYTES = 16

/** Bits of a VP8X chunk's first byte. */
const FLAG = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 }

/** Only the first frame is painted on. An animation of more is cut off there. */
const MAX_FRAMES = 1000

/** A file breaks off behind this many chunks, and a frame as well: frames have two or three, and a file has some ten others. */
const MAX_CHUNKS = 2 * MAX_FRAMES

type Chunk = { readonly type: string; readonly data: Buffer }

/** The chunks of a RIFF file, or of a frame; the last one as far as it goes. */
function* chunksIn(riff: Buffer): Generator<Chunk> {
  for (let at = 0, chunks = 0; at + 8 <= riff.length && chunks < MAX_CHUNKS; chunks++) {
    const end = at + 8 + riff.readUInt32LE(at + 4)
    yield { type: riff.toString('latin1', at, at + 4), data: riff.subarray(at + 8, Math.min(end, riff.length)) }
    at = end + (end & 1)
  }
}

function body(webp: Buffer): Buffer {
  return webp.subarray(12, Math.min(webp.length, webp.readUInt32LE(4) + 8))
}

/** The size of the canvas, or of the only picture (RFC 9649, 2.5 and 2.7; RFC 6386, 9.1). */
export function readWebpSize(webp: Buffer): StoredSize | undefined {
  let size: Extent | undefined
  let exif: Buffer | undefined
  let flags = 0
  let mayHaveAlpha = false
  for (const { type, data } of chunksIn(body(webp))) {
    if (type === 'VP8X' && !size) {
      size = { width: 1 + data.readUIntLE(4, 3), height: 1 + data.readUIntLE(7, 3) }
      flags = data[0]!
      mayHaveAlpha = (flags & FLAG.alpha) !== 0
    } else if (type === 'VP8 ') {
      size ??= { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff }
    } else if (type === 'VP8L' && !size) {
      const bits = data.readUInt32LE(1)
      size = { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
      mayHaveAlpha = ((bits >>> 28) & 1) === 1
    } else if (type === 'EXIF' && flags & FLAG.exif) exif ??= data
  }
  return size && { ...size, exif, mayHaveAlpha }
}

/** The XMP of a WebP; undefined if it has none, or the file is not a WebP. */
export function readWebpXmp(file: Uint8Array): string | undefined {
  const webp = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (webp.length < 12 || webp.toString('latin1', 8, 12) !== 'WEBP') return undefined
  for (const { type, data } of chunksIn(body(webp))) if (type === 'XMP ') return data.toString('utf8')
  return undefined
}

/**
 * A WebP of nothing but its picture, color profile and orientation. Chunks are kept by an allow-list (RFC 9649).
 *
 * @param xmp is written as its XMP
 */
export function stripWebp(file: Uint8Array, xmp: string | undefined): Buffer {
  const webp = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (webp.length < 20) return webp
  const kept: Chunk[] = []
  let extended: Buffer | undefined
  let profile: Buffer | undefined
  let orientation = 1
  let frames = 0
  let flags = 0
  for (const { type, data } of chunksIn(body(webp))) {
    if (type === 'VP8X' && data.length >= 10) {
      extended ??= data.subarray(0, 10)
      flags = extended[0]!
    } else if (type === 'VP8 ' || type === 'VP8L' || type === 'ALPH') kept.push({ type, data })
    else if (type === 'ANIM' && data.length >= 6) kept.push({ type, data: data.subarray(0, 6) })
    else if (type === 'ANMF' && data.length > FRAME_HEADER_BYTES && frames++ < MAX_FRAMES) {
      kept.push({ type, data: cleanFrame(data) })
    } else if (type === 'ICCP' && flags & FLAG.profile) profile ??= cleanProfile(data)
    else if (type === 'EXIF' && flags & FLAG.exif) orientation = exifOrientation(data)
  }
  const exif = orientation === 1 ? undefined : orientationExif(orientation)
  const header = extended && Buffer.from(extended)
  if (header) {
    header.fill(0, 0, 4)
    header[0] =
      (flags & (FLAG.alpha | FLAG.animation)) |
      (profile ? FLAG.profile : 0) |
      (exif ? FLAG.exif : 0) |
      (xmp ? FLAG.xmp : 0)
  }
  // Without a VP8X chunk there is neither a profile nor EXIF nor XMP.
  const chunks = [
    ...(header ? [{ type: 'VP8X', data: header }] : []),
    ...(header && profile ? [{ type: 'ICCP', data: profile }] : []),
    ...kept,
    ...(header && exif ? [{ type: 'EXIF', data: exif }] : []),
    ...(header && xmp ? [{ type: 'XMP ', data: Buffer.from(xmp, 'utf8') }] : []),
  ]
  const written = Buffer.concat(chunks.map(writeChunk))
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  head.writeUInt32LE(4 + written.length, 4)
  return Buffer.concat([head, written])
}

/** @returns the frame's transparency and pixels */
function cleanFrame(data: Buffer): Buffer {
  const inner: Chunk[] = []
  for (const chunk of chunksIn(data.subarray(FRAME_HEADER_BYTES))) {
    if (chunk.type === 'VP8 ' || chunk.type === 'VP8L' || chunk.type === 'ALPH') inner.push(chunk)
    if (chunk.type.startsWith('VP8')) break
  }
  return Buffer.concat([data.subarray(0, FRAME_HEADER_BYTES), ...inner.map(writeChunk)])
}

function writeChunk({ type, data }: Chunk): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length & 1)])
}
