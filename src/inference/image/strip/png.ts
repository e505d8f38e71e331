import { inflateSync } from 'node:zlib'
import type { Extent } from '../geometry.js'
import { isCutOff, PNG_SIGNATURE, pngChunk, pngChunksIn, profileChunk } from '../png-chunks.js'
import { exifOrientation, orientationExif, type StoredSize } from './exif.js'
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

/**
 * A PNG of nothing but its picture, color profile and orientation, and the `parameters` of image generators and `overscan-`
 * texts. Chunks are kept by an allow-list, up to the end of the picture.
 */
export function stripPng(file: Uint8Array): Buffer {
  const parts: Buffer[] = [PNG_SIGNATURE]
  const seen = new Set<string>()
  for (const chunk of pngChunksIn(file)) {
    const { type, data, bytes } = chunk
    // The rest of a chunk that was cut off belongs to the picture only where it holds pixels.
    if (type !== 'IDAT' && isCutOff(chunk)) break
    const isFirst = !seen.has(type)
    seen.add(type)
    if (type === 'IHDR' && isFirst) parts.push(bytes.subarray(0, 25))
    else if (REPEATED.has(type)) {
      if (data.length > 0) parts.push(bytes)
    } else if (isFirst && data.length <= (NEEDED.get(type) ?? -1)) parts.push(bytes)
    else if (type === 'iCCP' && isFirst) parts.push(...cleanProfileChunk(data))
    else if (type === 'eXIf' && isFirst) {
      const orientation = exifOrientation(data)
      if (orientation !== 1) parts.push(pngChunk('eXIf', orientationExif(orientation)))
    } else if (TEXTS.has(type) && isRecipe(data)) parts.push(bytes)
    else if (type === 'IEND') {
      parts.push(pngChunk('IEND', Buffer.alloc(0)))
      break
    }
  }
  return Buffer.concat(parts)
}

/** The size in the header chunk. */
export function readPngSize(png: Buffer): StoredSize | undefined {
  let size: Extent | undefined
  let exif: Buffer | undefined
  let mayHaveAlpha = false
  for (const { type, data } of pngChunksIn(png)) {
    if (type === 'IEND') break
    if (type === 'IHDR' && !size) {
      size = { width: data.readUInt32BE(0), height: data.readUInt32BE(4) }
      // Bit 2 of the colour type.
      mayHaveAlpha = (data.readUInt8(9) & 4) !== 0
    } else if (type === 'tRNS') mayHaveAlpha = true
    else if (type === 'eXIf') exif ??= data
    if (!size) return undefined
  }
  return size && { ...size, exif, mayHaveAlpha }
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
