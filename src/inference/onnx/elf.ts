import { open } from 'node:fs/promises'

/** What an ELF shared library requires of the dynamic loader. */
export type DynamicSection = {
  /** Names of required libraries. */
  readonly needed: readonly string[]
  /** Folders that are searched first; `$ORIGIN` is the library's own folder. */
  readonly runpath: readonly string[]
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const DT_NEEDED = 1n
const DT_STRTAB = 5n
const DT_RPATH = 15n
const DT_RUNPATH = 29n

/**
 * Read a library's dynamic section (64-bit little-endian ELF: System V ABI, chapters 4 and 5).
 *
 * @returns undefined if the file is not such a library
 */
export async function readDynamicSection(path: string): Promise<DynamicSection | undefined> {
  const file = await open(path)
  try {
    const readAt = async (offset: bigint | number, length: bigint | number) => {
      const bytes = Buffer.alloc(Number(length))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, Number(offset))
      return bytes.subarray(0, bytesRead)
    }
    const header = await readAt(0, 64)
    if (header.length < 64 || header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return undefined
    const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)]
    const table = await readAt(header.readBigUInt64LE(32), size * count)
    const segments = Array.from({ length: Math.floor(table.length / size) }, (_, index) => {
      const entry = table.subarray(index * size)
      const [type, offset, stringTableAddress] = [
        entry.readUInt32LE(0),
        entry.readBigUInt64LE(8),
        entry.readBigUInt64LE(16),
      ]
      return { type, offset, address: stringTableAddress, length: entry.readBigUInt64LE(32) }
    })
    const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
    if (!dynamic) return undefined
    const section = await readAt(dynamic.offset, dynamic.length)
    const entries = Array.from({ length: Math.floor(section.length / 16) }, (_, index) => ({
      tag: section.readBigUInt64LE(index * 16),
      value: section.readBigUInt64LE(index * 16 + 8),
    }))
    const stringTableAddress = entries.find(({ tag }) => tag === DT_STRTAB)?.value
    const stringTableSegment = segments.find(
      one =>
        one.type === PT_LOAD &&
        stringTableAddress !== undefined &&
        stringTableAddress >= one.address &&
        stringTableAddress < one.address + one.length,
    )
    if (stringTableAddress === undefined || !stringTableSegment) return undefined
    const readStrings = (...tags: bigint[]) =>
      Promise.all(
        entries
          .filter(({ tag }) => tags.includes(tag))
          .map(async ({ value }) => {
            const bytes = await readAt(
              stringTableSegment.offset + (stringTableAddress - stringTableSegment.address) + value,
              4096,
            )
            return bytes.toString('utf8', 0, Math.max(bytes.indexOf(0), 0))
          }),
      )
    const runpaths = await readStrings(DT_RPATH, DT_RUNPATH)
    return { needed: await readStrings(DT_NEEDED), runpath: runpaths.flatMap(path => path.split(':')).filter(Boolean) }
  } finally {
    await file.close()
  }
}
