import { createHash } from 'node:crypto'
import { access, constants, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, UNFINISHED_EXTENSION } from '../../atomic-write.js'
import { makeFolder } from '../../make-folder.js'
import { UserError } from '../../user-error.js'

/** How long a picture is kept at most, in seconds. A job that waits for longer is lost. */
export const BLOB_TTL_SECONDS = 24 * 3600

/** Pictures of jobs, as bytes under a key. They expire some time after {@link BLOB_TTL_SECONDS}. */
export interface BlobStore {
  /** @throws UserError `disk-full` */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** @returns undefined where there is none, or none any more */
  get(key: string): Promise<Uint8Array | undefined>
  delete(keys: readonly string[]): Promise<void>
}

/** A blob store that deletes expired blobs only when `deleteExpired` is called. */
export type SweptBlobStore = BlobStore & { deleteExpired(): Promise<void> }

/**
 * Blobs as files in a folder, which several machines may share.
 *
 * @param now in milliseconds since 1970
 */
export function folderBlobStore(folder: string, now: () => number = Date.now): SweptBlobStore {
  const created = makeUsable(folder)
  created.catch(() => {}) // whoever uses the store gets the error
  // A key may hold any character; a file name may not.
  const pathOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32))
  const isExpired = async (path: string) => (await stat(path)).mtimeMs < now() - BLOB_TTL_SECONDS * 1000
  return {
    async put(key, bytes) {
      await created
      try {
        await atomicWrite(pathOf(key), bytes)
      } catch (cause) {
        throw isDiskFull(cause) ? new UserError({ code: 'disk-full' }, { cause }) : cause
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
    async deleteExpired() {
      await created
      for (const name of await readdir(folder)) {
        const path = join(folder, name)
        // Another process may delete from the same folder at the same time.
        const expired = await isExpired(path).catch(error => {
          if (isMissing(error)) return false
          throw error
        })
        if (expired) await rm(path, { force: true })
      }
    },
  }
}

/** Delete what a process was writing when it was killed. No other process may use the folder. */
export async function deleteUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(error => {
    if (isMissing(error)) return []
    throw error
  })
  for (const name of names) if (name.endsWith(UNFINISHED_EXTENSION)) await rm(join(folder, name), { force: true })
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** @throws Error where the folder can't be made, read or written */
async function makeUsable(folder: string): Promise<void> {
  await makeFolder(folder)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
