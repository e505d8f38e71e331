/**
 * A Linux shared library (64-bit ELF for x86-64) that only declares its dependencies. The dynamic loader accepts it.
 *
 * @param runpath folders to search first
 * @param soname the name by which others find it once it is loaded
 */
export function sharedLibrary(needed: readonly string[], runpath?: string, soname?: string): Buffer {
  const own = [runpath, soname].filter(text => text !== undefined)
  const texts = ['', ...needed, ...own]
  const nameOffsets = texts.map((_, index) => texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0))
  const strings = Buffer.from(`${texts.join('\0')}\0`)
  const symbols = Buffer.alloc(24) // one, which is none
  const hash = Buffer.alloc(5 * 4)
  for (const [index, value] of [1, 1, 0, 0].entries()) hash.writeUInt32LE(value, index * 4)

  const header = 64 + 2 * 56
  const offsets = { symbols: header, hash: header + symbols.length, strings: header + symbols.length + hash.length }
  const start = Math.ceil((offsets.strings + strings.length) / 16) * 16
  const entries = [
    ...needed.map((_, index) => [1, nameOffsets[index + 1]!]),
    ...(runpath === undefined ? [] : [[29, nameOffsets[needed.length + 1]!]]),
    ...(soname === undefined ? [] : [[14, nameOffsets.at(-1)!]]),
    [4, offsets.hash],
    [5, offsets.strings],
    [6, offsets.symbols],
    [10, strings.length],
    [11, 24],
    [0, 0],
  ]
  const dynamic = Buffer.alloc(entries.length * 16)
  for (const [index, [tag, value]] of entries.entries()) {
    dynamic.writeBigUInt64LE(BigInt(tag!), index * 16)
    dynamic.writeBigUInt64LE(BigInt(value!), index * 16 + 8)
  }

  const file = Buffer.alloc(start + dynamic.length)
  Buffer.from('\x7fELF\x02\x01\x01', 'latin1').copy(file)
  file.writeUInt16LE(3, 16) // a shared object
  file.writeUInt16LE(62, 18) // for x86-64
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(64n, 32)
  for (const [index, value] of [64, 56, 2, 64, 0, 0].entries()) file.writeUInt16LE(value, 52 + index * 2)
  writeSegment(file, 64, 1, 0, file.length, 4096)
  writeSegment(file, 120, 2, start, dynamic.length, 8)
  symbols.copy(file, offsets.symbols)
  hash.copy(file, offsets.hash)
  strings.copy(file, offsets.strings)
  dynamic.copy(file, start)
  return file
}

function writeSegment(
  file: Buffer,
  nameOffsets: number,
  type: number,
  offset: number,
  length: number,
  align: number,
): void {
  file.writeUInt32LE(type, nameOffsets)
  file.writeUInt32LE(6, nameOffsets + 4) // read and write
  for (const [index, value] of [offset, offset, offset, length, length, align].entries()) {
    file.writeBigUInt64LE(BigInt(value), nameOffsets + 8 + index * 8)
  }
}
