import { access, constants, cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperatorError } from '../../known-causes/cause.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { pglitePool } from './pglite-pool.js'
import type { SqlPool } from './sql-pool.js'

/** What is no longer there once a damaged database is moved away. */
const LOST =
  'Lost are the requests that wait or were not delivered yet, and what was counted for quotas. Settings, models and delivered pictures are kept.'

/**
 * Open the database of a folder; it is made if there is none.
 *
 * @param isLost as `pglitePool` takes it
 * @throws OperatorError for a damaged database; Error for a file that can't be read or written
 */
export async function openDatabase(folder: string, isLost: () => boolean): Promise<SqlPool> {
  await assertUsable(folder)
  try {
    return await pglitePool(folder, isLost)
  } catch (cause) {
    if (findKnownCause(cause)) throw cause
    throw damagedDatabase(folder, cause)
  }
}

/**
 * PostgreSQL ends without a reason where it may not use its files.
 *
 * @throws Error for a file that can't be read or written
 */
async function assertUsable(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(error => {
    if (['ENOENT', 'ENOTDIR'].includes(error.code)) return []
    throw error
  })
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name))
  const check = (path: string) =>
    access(path, constants.R_OK | constants.W_OK).catch(error => {
      if (error.code !== 'ENOENT') throw error
    })
  await Promise.all([folder, ...paths].map(check))
}

/** Whether an error of an open database says that its files are damaged: SQLSTATE class XX, a missing file, or a crash. */
export function isDamage(error: unknown): boolean {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return /^(?:XX|58P01)/.test(String(code ?? '')) || name === 'RuntimeError'
}

export function damagedDatabase(folder: string, cause: unknown): OperatorError {
  const known = {
    says: `The queue’s database in ${folder} is damaged, or of another version of PostgreSQL (${(cause as Error).message})`,
    todo: `Run “overscan doctor --repair”: it moves that folder away, and the next start makes an empty one. ${LOST}`,
  }
  return new OperatorError(known, { cause })
}

/** Try a copy of a database, since opening one changes it. @throws OperatorError if it is damaged */
export async function checkDatabase(folder: string): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'overscan-check-'))
  try {
    await cp(folder, copy, { recursive: true })
    const pool = await pglitePool(copy)
    // A process that ended while it made the database may have left it without tables. The next start makes them.
    const { rows } = await pool.query("select to_regclass('job') as found")
    if (rows[0]?.found) await pool.query('select count(*) from job')
    await pool.end()
  } catch (cause) {
    if (findKnownCause(cause)) throw cause
    throw damagedDatabase(folder, cause)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** Move a database away, so that the next start makes an empty one. @returns where it is now */
export async function moveDatabaseAway(folder: string, now = new Date()): Promise<string> {
  const moved = `${folder}.damaged-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`
  await rename(folder, moved)
  return moved
}
