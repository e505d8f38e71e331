import { crc32, deflateSync } from 'node:zlib'

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** The bytes of the `IHDR` chunk, with its length and checksum. */
const HEADER_CHUNK_BYTES = 25

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
