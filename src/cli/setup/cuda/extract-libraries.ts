import { createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, openPromise, type ZipFile } from 'yauzl'

/**
 * Extract shared libraries of a wheel, which is a zip file, into a folder. Folders in the wheel are left out.
 *
 * @param isWanted by file name
 * @returns the file names and sizes in bytes
 */
export async function extractLibraries(
  wheel: string,
  folder: string,
  isWanted: (file: string) => boolean,
): Promise<{ file: string; bytes: number }[]> {
  const zip = await openPromise(wheel, { lazyEntries: true, autoClose: false })
  try {
    const found: { file: string; bytes: number }[] = []
    for await (const entry of zip.eachEntry()) {
      const file = basename(entry.fileName)
      if (!isWanted(file)) continue
      await extract(zip, entry, join(folder, file))
      found.push({ file, bytes: entry.uncompressedSize })
    }
    return found
  } finally {
    zip.close()
  }
}

async function extract(zip: ZipFile, entry: Entry, to: string): Promise<void> {
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to))
}
