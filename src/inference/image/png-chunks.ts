import { crc32, deflateSync } from 'node:zlib'

export const PNG_SIGNATURE: Buffer = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The bytes of the `IHDR` chunk, with its length and checksum. */
const HEADER_CHUNK_BYTES = 25

/**
 * Files are read up to this many chunks: 64 MB in chunks of 1 KB, and more than any encoder writes. Without a limit, a file of
 * empty chunks takes seconds.
 */
const MAX_CHUNKS = 100_000

export type PngChunk = {
  readonly type: string
  readonly data: Buffer
  /** With length, type and checksum. */
  readonly bytes: Buffer
}

/** The chunks of a PNG; nothing of other files. The last one is shorter than it says where the file breaks off. */
export function* pngChunksIn(file: Uint8Array): Generator<PngChunk> {
  const png = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (!png.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return
  for (let at = PNG_SIGNATURE.length, chunks = 0; at + 12 <= png.length && chunks < MAX_CHUNKS; chunks++) {
    const end = at + 12 + png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    yield { type, data: png.subarray(at + 8, end - 4), bytes: png.subarray(at, end) }
    at = end
  }
}

/** Whether a chunk breaks off with the file. */
export function isCutOff({ bytes }: PngChunk): boolean {
  return bytes.length < 12 + bytes.readUInt32BE(0)
}

/** A PNG chunk: length, type, data, checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, crc])
}

/** An `iCCP` chunk: a name, the method of compression, the profile. */
export function profileChunk(profile: Uint8Array): Buffer {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(profile)]))
}

/** A PNG that has no color profile, with this one. */
export function setPngProfile(file: Uint8Array, profile: Uint8Array): Buffer {
  const headerEnd = PNG_SIGNATURE.length + HEADER_CHUNK_BYTES
  return Buffer.concat([file.subarray(0, headerEnd), profileChunk(profile), file.subarray(headerEnd)])
}
