import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, lock } from 'proper-lockfile'
import { UserError } from '../../user-error.js'
import { startClock } from '../elapsed.js'

/** A folder's lock file is renewed twice as often; an older one was left by a crash. */
const FOLDER_LOCK_STALE_MS = 5000

/** The file that names the process which uses the folder. */
const OWNER_FILE = 'owner'

/** How often and how long to wait for another process's lock: together longer than {@link FOLDER_LOCK_STALE_MS}. */
const FOLDER_LOCK_RETRIES = 8
const FOLDER_LOCK_RETRY_INTERVAL_MS = 1000

/**
 * Lock a folder for this process. A process that stands still for longer than {@link FOLDER_LOCK_STALE_MS} may lose it: a
 * file in the folder names the owner, and is read before anything else is done after such a pause.
 *
 * @throws UserError `folder-in-use`
 */
export async function ownFolder(folder: string) {
  const problem = (cause?: unknown) => new UserError({ code: 'folder-in-use', path: folder }, { cause })
  let lose = (_: UserError) => {}
  const whenLost = new Promise<UserError>(resolve => {
    lose = resolve
  })
  let lost = false
  function setLost(cause?: unknown): void {
    lost = true
    lose(problem(cause))
  }
  const unlock = await lock(folder, {
    stale: FOLDER_LOCK_STALE_MS,
    update: FOLDER_LOCK_STALE_MS / 2,
    retries: { retries: FOLDER_LOCK_RETRIES, minTimeout: FOLDER_LOCK_RETRY_INTERVAL_MS, factor: 1 },
    onCompromised: setLost,
  }).catch(cause => {
    throw cause.code === 'ELOCKED' ? problem(cause) : cause
  })
  const ownerFile = join(folder, OWNER_FILE)
  const owner = randomUUID()
  writeFileSync(ownerFile, owner)
  let sinceCheck = startClock()

  /** Undefined where the folder is gone. */
  function readOwner(): string | undefined {
    try {
      return readFileSync(ownerFile, 'utf8')
    } catch {
      return undefined
    }
  }

  function isLost(): boolean {
    if (lost) return true
    if (sinceCheck() >= FOLDER_LOCK_STALE_MS && readOwner() !== owner) setLost()
    sinceCheck = startClock()
    return lost
  }

  const timer = setInterval(isLost, FOLDER_LOCK_STALE_MS / 5).unref()
  return {
    isLost,
    whenLost,
    async release(): Promise<void> {
      clearInterval(timer)
      if (!isLost()) await unlock()
    },
  }
}

/** Whether a process uses this folder right now. */
export async function isFolderInUse(folder: string): Promise<boolean> {
  return existsSync(folder) && check(folder, { stale: FOLDER_LOCK_STALE_MS })
}
