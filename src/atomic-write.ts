import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/** Of a file that is being written. */
export const UNFINISHED_EXTENSION = '.new'

/**
 * Write a file that others never see half-written: under another name in its folder, and then renamed.
 *
 * @param mode of the new file, also where the old one had another
 * @throws NodeJS.ErrnoException of writing or renaming; the old file is unchanged then
 */
export async function atomicWrite(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}${UNFINISHED_EXTENSION}`
  try {
    await writeFile(temporary, data, { mode, flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
