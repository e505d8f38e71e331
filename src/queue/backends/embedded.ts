import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'
import type { Backend } from './backend.js'
import { deleteUnfinished, folderBlobStore } from './blob-store.js'
import { damagedDatabase, isDamage, openDatabase } from './damaged-database.js'
import { ownFolder } from './folder-ownership.js'
import { requeueActiveJobs } from './library-internals.js'
import { makeContentsPrivate, makePrivate } from './private-folder.js'
import { sqlBackend } from './sql-backend.js'

export type EmbeddedBackendOptions = {
  readonly prefix?: string
  readonly onError: (error: Error) => void
  /** Free space of the disk that a folder is on, in bytes. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** Shorter than on a server: only this process paints, so a stalled job is always its own. */
const LOCK_DURATION_MS = 8000

/** This much of the disk stays free, in bytes: PostgreSQL does not recover when it can't write. */
export const MIN_FREE_BYTES = 128 * 1024 * 1024

/**
 * Jobs in a folder on this machine, which only this process uses: PostgreSQL as WebAssembly (PGlite), with pictures as
 * files next to it. Accepted jobs survive a crash.
 *
 * @throws UserError `folder-in-use`, `disk-full`; OperatorError for a damaged database; Error where the folder can't be used
 */
export async function embeddedBackend(
  folder: string,
  { prefix, onError, freeBytes = diskFreeBytes }: EmbeddedBackendOptions,
): Promise<Backend> {
  await makePrivate(folder)
  const assertFreeSpace = async (bytes: number) => {
    if ((await freeBytes(folder)) < MIN_FREE_BYTES + bytes) throw new UserError({ code: 'disk-full' })
  }
  await assertFreeSpace(0)
  const ownership = await ownFolder(folder)
  try {
    const pool = await openDatabase(databaseFolder(folder), ownership.isLost)
    await makeContentsPrivate(folder)
    const pictures = join(folder, 'pictures')
    await deleteUnfinished(pictures)
    const backend = await sqlBackend(pool, {
      ...(prefix !== undefined && { prefix }),
      onError,
      shared: false,
      ownership,
      lockDurationMs: LOCK_DURATION_MS,
      blobs: folderBlobStore(pictures),
      assertFreeSpace,
    })
    await requeueActiveJobs(pool)
    return {
      ...backend,
      async close() {
        await backend.close()
        await ownership.release()
      },
    }
  } catch (error) {
    await ownership.release()
    throw isDamage(error) ? damagedDatabase(databaseFolder(folder), error) : error
  }
}

/** Where the queue is in the data folder. */
export function queueFolder(dataFolder: string): string {
  return join(dataFolder, 'line')
}

/** Where the database is in the queue's folder. */
export function databaseFolder(folder: string): string {
  return join(folder, 'queue')
}

async function diskFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
