const IMAGE = 0x2c
const EXTENSION = 0x21
const TRAILER = 0x3b
const GRAPHIC_CONTROL = 0xf9
const APPLICATION = 0xff

/** How often an animation repeats, as Netscape's extension says it: the only application extension that is kept. */
const LOOP = Buffer.from('\x0bNETSCAPE2.0', 'latin1')

/** Only the first frame is painted on. An animation of more is cut off there. */
const MAX_FRAMES = 1000

/** Frames and extensions together. A frame has one extension, rarely two. */
const MAX_BLOCKS = 4000

/** A GIF of nothing but its frames (GIF89a): no comments, no texts, no blocks of applications, nothing behind its end. */
export function stripGif(file: Uint8Array): Buffer {
  const gif = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (gif.length < 13) return gif
  const parts: Buffer[] = []
  let at = 13 + colorTableBytes(gif[10]!)
  parts.push(gif.subarray(0, at))
  let frames = 0
  for (let blocks = 0; at < gif.length && gif[at] !== TRAILER; blocks++) {
    if (frames === MAX_FRAMES || blocks === MAX_BLOCKS) break
    if (gif[at] === IMAGE && at + 10 <= gif.length) {
      // The descriptor, a color table, the least code size.
      const end = skipBlocks(gif, at + 10 + colorTableBytes(gif[at + 9]!) + 1)
      parts.push(gif.subarray(at, end))
      frames++
      at = end
    } else if (gif[at] === EXTENSION) {
      const end = skipBlocks(gif, at + 2)
      const kind = gif[at + 1]
      if (kind === GRAPHIC_CONTROL && gif[at + 2] === 4 && end === at + 8) parts.push(gif.subarray(at, end))
      if (kind === APPLICATION && end === at + 19 && gif.subarray(at + 2, at + 14).equals(LOOP)) {
        parts.push(gif.subarray(at, end))
      }
      at = end
    } else break
  }
  // A file that breaks off is left so.
  if (at < gif.length) parts.push(Buffer.from([TRAILER]))
  return Buffer.concat(parts)
}

function colorTableBytes(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0
}

/** Where blocks end that begin with their length, the last one being empty. */
function skipBlocks(gif: Buffer, from: number): number {
  let at = from
  while (at < gif.length && gif[at] !== 0) at += gif[at]! + 1
  return Math.min(at + 1, gif.length)
}
