import { isAvifSequence } from './format.js'

/** Whether a GIF, WebP, PNG or AVIF file has several frames. Only its first frame is painted from. Nothing is decoded. */
export function isAnimated(file: Uint8Array): boolean {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const text = (start: number, end: number) => bytes.toString('latin1', start, end)
  if (/^GIF8[79]a$/.test(text(0, 6))) return hasSecondGifFrame(bytes)
  // The second bit of the flags of an extended WebP (RFC 9649, section 2.7).
  if (text(0, 4) === 'RIFF' && text(8, 16) === 'WEBPVP8X') return ((bytes[20] ?? 0) & 0b10) !== 0
  if (isAvifSequence(file)) return true
  if (text(1, 4) === 'PNG') return hasAnimationControl(bytes)
  return false
}

/** An animated PNG has `acTL` before its pixels (PNG specification, third edition, 11.3.6.1). */
function hasAnimationControl(png: Buffer): boolean {
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'acTL') return png.length >= at + 12 && png.readUInt32BE(at + 8) > 1
    if (type === 'IDAT') return false
  }
  return false
}

const EXTENSION = 0x21
const IMAGE = 0x2c

/** Walks over the blocks of a GIF to its second image descriptor (GIF89a, appendix A). */
function hasSecondGifFrame(gif: Buffer): boolean {
  const colorTableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)
  let at = 13 + colorTableBytes(gif[10] ?? 0)
  let frames = 0
  while (at < gif.length) {
    const kind = gif[at]
    if (kind === IMAGE && ++frames > 1) return true
    if (kind === IMAGE) at += 11 + colorTableBytes(gif[at + 9] ?? 0)
    else if (kind === EXTENSION) at += 2
    else return false
    // Data sub-blocks: each begins with its length, and an empty one ends them.
    for (let length = gif[at] ?? 0; length > 0; length = gif[at] ?? 0) at += length + 1
    at += 1
  }
  return false
}
