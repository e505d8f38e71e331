import type { StoredSize } from './exif.js'
import { cleanProfile } from './icc.js'

/** Bytes of a value, by its type (TIFF 6.0, and LONG8, SLONG8, IFD8 of BigTIFF). */
const TYPE_BYTES = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [6, 1],
  [7, 1],
  [8, 2],
  [9, 4],
  [10, 8],
  [11, 4],
  [12, 8],
  [13, 4],
  [16, 8],
  [17, 8],
  [18, 8],
])

const TAG = {
  width: 256,
  height: 257,
  orientation: 274,
  stripOffsets: 273,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  profile: 34675,
}

/**
 * Tags that a reader needs to show a picture: sizes, compression, colors, orientation, tables. The largest count of values that
 * a tag may have is that of a color table.
 */
const NEEDED = new Set([
  256, 257, 258, 259, 262, 266, 274, 277, 278, 284, 292, 293, 301, 317, 318, 319, 320, 322, 323, 332, 334, 338, 339,
  340, 341, 347, 529, 530, 531, 532,
])
const MAX_VALUE_BYTES = 1 << 19

/** Strips and tiles of a picture. At 50 megapixels, tiles of 16×16 pixels. */
const MAX_STRIPS = 200_000

type Entry = { readonly tag: number; readonly type: number; readonly count: number; readonly value: Buffer }

/**
 * A TIFF of nothing but its first picture, color profile and orientation: it is written again with tags of an allow-list, the
 * strips and tiles as they are. A file whose directory can't be read becomes an empty TIFF.
 */
export function stripTiff(file: Uint8Array): Buffer {
  const tiff = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const reader = createReader(tiff)
  try {
    return writeTiff(reader, readDirectory(tiff, reader), tiff)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return Buffer.from(tiff.subarray(0, 4))
  }
}

/** The size in the first directory. */
export function readTiffSize(tiff: Buffer): StoredSize | undefined {
  const reader = createReader(tiff)
  const entries = readDirectory(tiff, reader)
  const read = (tag: number) =>
    readNumbers(
      reader,
      entries.find(entry => entry.tag === tag),
    )[0]
  const [width, height, orientation = 1] = [TAG.width, TAG.height, TAG.orientation].map(read)
  return width && height ? { width, height, orientation } : undefined
}

type Reader = ReturnType<typeof createReader>

function createReader(tiff: Buffer) {
  const isLittle = tiff[0] === 0x49
  const isBig = (isLittle ? tiff[2] : tiff[3]) === 43
  const u16 = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const u32 = (bytes: Buffer, at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const u64 = (bytes: Buffer, at: number) => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
  const offset = isBig ? u64 : u32
  return { isLittle, isBig, u16, u32, u64, offset, offsetBytes: isBig ? 8 : 4 }
}

function readDirectory(tiff: Buffer, { isBig, u16, u64, offset, offsetBytes }: Reader): Entry[] {
  const start = offset(tiff, isBig ? 8 : 4)
  const count = isBig ? u64(tiff, start) : u16(tiff, start)
  if (count > 4096) throw new RangeError('too many tags')
  const entryBytes = 4 + 2 * offsetBytes
  // A tag counts once: else each of many could point to the same long value.
  const entries = new Map<number, Entry>()
  for (let index = 0; index < count; index++) {
    const at = start + (isBig ? 8 : 2) + index * entryBytes
    const tag = u16(tiff, at)
    const type = u16(tiff, at + 2)
    const values = offset(tiff, at + 4)
    const bytes = values * (TYPE_BYTES.get(type) ?? Number.NaN)
    const inPlace = at + 4 + offsetBytes
    const from = bytes <= offsetBytes ? inPlace : offset(tiff, inPlace)
    if (from + bytes > tiff.length || !(bytes > 0) || entries.has(tag)) continue
    entries.set(tag, { tag, type, count: values, value: tiff.subarray(from, from + bytes) })
  }
  return [...entries.values()]
}

function writeTiff(reader: Reader, entries: readonly Entry[], tiff: Buffer): Buffer {
  const { isLittle, isBig, offsetBytes } = reader
  const find = (tag: number) => entries.find(entry => entry.tag === tag)
  const kept = entries.filter(({ tag, value }) => NEEDED.has(tag) && value.length <= MAX_VALUE_BYTES)
  const profile = cleanProfile(find(TAG.profile)?.value ?? Buffer.alloc(0))
  if (profile) kept.push({ tag: TAG.profile, type: 7, count: profile.length, value: profile })
  const isTiled = find(TAG.tileOffsets) !== undefined
  const offsets = find(isTiled ? TAG.tileOffsets : TAG.stripOffsets)
  const byteCounts = find(isTiled ? TAG.tileByteCounts : TAG.stripByteCounts)
  const strips = readStrips(tiff, reader, offsets, byteCounts)

  // Header, pixels, long values, directory: offsets are known in this order.
  const writer = createWriter(isLittle)
  const header = Buffer.alloc(isBig ? 16 : 8)
  tiff.copy(header, 0, 0, isBig ? 8 : 4)
  const parts: Buffer[] = [header]
  let length = header.length
  const append = (bytes: Buffer) => {
    const at = length
    parts.push(bytes, Buffer.alloc(bytes.length & 1))
    length += bytes.length + (bytes.length & 1)
    return at
  }
  const places = Buffer.alloc(strips.length * offsetBytes)
  const sizes = Buffer.alloc(strips.length * offsetBytes)
  for (const [index, strip] of strips.entries()) {
    writer.offset(places, append(strip), index * offsetBytes, offsetBytes)
    writer.offset(sizes, strip.length, index * offsetBytes, offsetBytes)
  }
  const type = isBig ? 16 : 4
  kept.push({ tag: isTiled ? TAG.tileOffsets : TAG.stripOffsets, type, count: strips.length, value: places })
  kept.push({ tag: isTiled ? TAG.tileByteCounts : TAG.stripByteCounts, type, count: strips.length, value: sizes })
  kept.sort((one, other) => one.tag - other.tag)
  const directory = Buffer.alloc((isBig ? 8 : 2) + kept.length * (4 + 2 * offsetBytes) + offsetBytes)
  if (isBig) writer.offset(directory, kept.length, 0, 8)
  else writer.u16(directory, kept.length, 0)
  for (const [index, entry] of kept.entries()) {
    const at = (isBig ? 8 : 2) + index * (4 + 2 * offsetBytes)
    writer.u16(directory, entry.tag, at)
    writer.u16(directory, entry.type, at + 2)
    writer.offset(directory, entry.count, at + 4, offsetBytes)
    if (entry.value.length <= offsetBytes) entry.value.copy(directory, at + 4 + offsetBytes)
    else writer.offset(directory, append(entry.value), at + 4 + offsetBytes, offsetBytes)
  }
  writer.offset(header, append(directory), isBig ? 8 : 4, offsetBytes)
  return Buffer.concat(parts)
}

/** The strips or tiles. @throws RangeError if there are too many, or together they are longer than the file */
function readStrips(tiff: Buffer, reader: Reader, offsets: Entry | undefined, byteCounts: Entry | undefined): Buffer[] {
  const places = readNumbers(reader, offsets)
  const sizes = readNumbers(reader, byteCounts)
  if (places.length !== sizes.length || places.length > MAX_STRIPS) throw new RangeError('strips')
  if (sizes.reduce((sum, size) => sum + size, 0) > tiff.length) throw new RangeError('strips overlap')
  return places.map((at, index) => tiff.subarray(at, at + sizes[index]!))
}

function readNumbers({ u16, u32, u64 }: Reader, entry: Entry | undefined): number[] {
  if (!entry) return []
  const read = entry.type === 3 ? u16 : entry.type === 4 ? u32 : entry.type === 16 ? u64 : undefined
  if (!read) throw new RangeError('offsets of another type')
  const bytes = TYPE_BYTES.get(entry.type)!
  return Array.from({ length: Math.min(entry.count, MAX_STRIPS + 1) }, (_, index) => read(entry.value, index * bytes))
}

function createWriter(isLittle: boolean) {
  return {
    u16: (bytes: Buffer, value: number, at: number) =>
      isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at),
    offset: (bytes: Buffer, value: number, at: number, length: number) => {
      if (length === 4) return isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
      return isLittle ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at)
    },
  }
}
