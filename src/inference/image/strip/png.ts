import { inflateSync } from 'node:zlib'
import { PNG_SIGNATURE, pngChunk, profileChunk } from '../png-chunks.js'
import { exifOrientation, orientationExif } from './exif.js'
import { cleanProfile, MAX_PROFILE_BYTES } from './icc.js'

/** Chunks that a reader needs (PNG specification, third edition, 11.2 and 11.3), and how many bytes they hold at most. */
const NEEDED = new Map([
  ['PLTE', 768],
  ['tRNS', 256],
  ['cHRM', 32],
  ['gAMA', 4],
  ['sRGB', 1],
  ['cICP', 4],
  ['mDCV', 24],
  ['cLLI', 8],
  ['sBIT', 4],
  ['pHYs', 9],
  ['acTL', 8],
])

/** Chunks that occur more than once: the picture, and the frames of an animation. */
const REPEATED = new Set(['IDAT', 'fcTL', 'fdAT'])

const TEXTS = new Set(['tEXt', 'iTXt'])

/** A file of more chunks is cut off there. 64 MB in chunks of 1 KB, and more than any encoder writes. */
const MAX_CHUNKS = 100_000

/**
 * A PNG of nothing but its picture, color profile and orientation, and the `parameters` of image generators and `overscan-`
 * texts. Chunks are kept by an allow-list, up to the end of the picture.
 */
export function stripPng(file: Uint8Array): Buffer {
  const png = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const parts: Buffer[] = [PNG_SIGNATURE]
  const seen = new Set<string>()
  for (let at = PNG_SIGNATURE.length, chunks = 0; at + 12 <= png.length && chunks < MAX_CHUNKS; chunks++) {
    const end = at + 12 + png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const chunk = png.subarray(at, end)
    // The rest of a chunk that was cut off belongs to the picture only where it holds pixels.
    if (end > png.length && type !== 'IDAT') break
    const data = png.subarray(at + 8, end - 4)
    const isFirst = !seen.has(type)
    seen.add(type)
    if (type === 'IHDR' && isFirst) parts.push(chunk.subarray(0, 25))
    else if (REPEATED.has(type)) {
      if (data.length > 0) parts.push(chunk)
    } else if (isFirst && data.length <= (NEEDED.get(type) ?? -1)) parts.push(chunk)
    else if (type === 'iCCP' && isFirst) parts.push(...cleanProfileChunk(data))
    else if (type === 'eXIf' && isFirst) {
      const orientation = exifOrientation(data)
      if (orientation !== 1) parts.push(pngChunk('eXIf', orientationExif(orientation)))
    } else if (TEXTS.has(type) && isRecipe(data)) parts.push(chunk)
    else if (type === 'IEND') {
      parts.push(pngChunk('IEND', Buffer.alloc(0)))
      break
    }
    at = end
  }
  return Buffer.concat(parts)
}

/** The profile, compressed again under a plain name; nothing where it is none. */
function cleanProfileChunk(data: Buffer): Buffer[] {
  try {
    const packed = data.subarray(data.indexOf(0) + 2)
    const profile = cleanProfile(inflateSync(packed, { maxOutputLength: MAX_PROFILE_BYTES }))
    return profile ? [profileChunk(profile)] : []
  } catch {
    return []
  }
}

function isRecipe(data: Buffer): boolean {
  return /^(?:parameters|overscan-[a-z]+)\0/.test(data.toString('latin1', 0, 40))
}
