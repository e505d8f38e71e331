import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'

/** So long are pictures kept at most, in seconds: what waits for longer is lost. */
export const BLOB_TTL_SECONDS = 24 * 3600

/** Pictures on their way, as bytes under a key. Some time after {@link BLOB_TTL_SECONDS} they are gone. */
export interface BlobStore {
  /** @throws ProblemError `disk-full` */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Undefined where there is none (any more). */
  get(key: string): Promise<Uint8Array | undefined>
  delete(keys: readonly string[]): Promise<void>
}

/**
 * A file for each in a folder, which several machines may share.
 *
 * @param now in milliseconds since 1970
 */
export function folderBlobStore(folder: string, now: () => number = Date.now): BlobStore & { sweep(): Promise<void> } {
  const made = mkdir(folder, { recursive: true })
  // A key may hold anything; a file name may not.
  const pathOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32))
  const isOld = async (path: string) => (await stat(path)).mtimeMs < now() - BLOB_TTL_SECONDS * 1000
  return {
    async put(key, bytes) {
      await made
      // Whole at any moment: two who put the same do not mix, and who gets never sees half of it.
      const beside = `${pathOf(key)}.${randomBytes(4).toString('hex')}`
      try {
        await writeFile(beside, bytes)
        await rename(beside, pathOf(key))
      } catch (cause) {
        await rm(beside, { force: true })
        throw isFull(cause) ? new UserError({ code: 'disk-full' }, { cause }) : cause
      }
    },
    async get(key) {
      try {
        return await readFile(pathOf(key))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    async delete(keys) {
      await Promise.all(keys.map(key => rm(pathOf(key), { force: true })))
    },
    async sweep() {
      await made
      for (const name of await readdir(folder)) {
        const path = join(folder, name)
        // Another process may sweep the same folder.
        const old = await isOld(path).catch(error => {
          if (isMissing(error)) return false
          throw error
        })
        if (old) await rm(path, { force: true })
      }
    },
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
