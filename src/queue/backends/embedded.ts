import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../user-error.js'
import { type Backend, MAX_STALLED_COUNT } from './backend.js'
import { deleteUnfinished, folderBlobStore } from './blob-store.js'
import { damagedDatabase, isDamage, openDatabase } from './damaged-database.js'
import { ownFolder } from './folder-ownership.js'
import { makeContentsPrivate, makePrivate } from './private-folder.js'
import { type SqlPool, sqlBackend } from './sql-backend.js'

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

/**
 * Put the jobs that were active when the last process ended back at the head of the queue. No other
 * process can have their locks, so there is no need to wait until these expire.
 */
async function requeueActiveJobs(pool: SqlPool): Promise<void> {
  // Tables, columns and the function are BullMQ's. Its stalled check moves a job whose lock has run out and which an
  // earlier check has marked: this makes it so for all of them at once.
  await pool.query(`update job set locked_until_ms = 0, stalled_marked = true where state = 'active'`)
  // The time of the last check: within the stalled interval BullMQ would skip another one.
  await pool.query(`delete from meta where field = 'stalled-check'`)
  const { rows } = await pool.query(
    `select queue, move_stalled_jobs_to_wait(queue, $1, $2, 0) as id
     from (select distinct queue from job where state = 'active') as queues`,
    [MAX_STALLED_COUNT, Date.now()],
  )
  for (const { queue, id } of rows) {
    // Among equal priorities the smallest seq is taken first: a negative one comes before all others.
    await pool.query('update job set seq = -seq where queue = $1 and id = $2', [queue, id])
  }
}

async function diskFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
