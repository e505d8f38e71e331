import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, lock } from 'proper-lockfile'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { startClock } from '../elapsed.js'

/** A folder's lock file is renewed twice as often; an older one was left by a crash. */
const FOLDER_LOCK_STALE_MS = 5000

/** The lock file may be half as old as a stale one when a pause begins: nobody takes the folder in a shorter pause than this. */
const MAX_PAUSE_MS = FOLDER_LOCK_STALE_MS / 4

/** The file that names the process which uses the folder. */
const OWNER_FILE = 'owner'

/** How often and how long to wait for another process's lock: together longer than {@link FOLDER_LOCK_STALE_MS}. */
const FOLDER_LOCK_RETRIES = 8
const FOLDER_LOCK_RETRY_INTERVAL_MS = 1000

/**
 * Lock a folder for this process.
 *
 * Two processes that write to one database damage it. So a process that lives on this machine keeps its folder, even if it
 * stands still; this is known on Linux. Elsewhere, or on another machine, a process that stands still for longer than
 * {@link MAX_PAUSE_MS} may lose it: a file in the folder names the owner, and is read before anything else is done
 * after such a pause.
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
  const unlock = await lockFolder(folder, setLost).catch(cause => {
    throw cause.code === 'ELOCKED' ? problem(cause) : cause
  })
  const ownerFile = join(folder, OWNER_FILE)
  const owner = JSON.stringify({ id: randomUUID(), pid: process.pid, birth: birthOf(process.pid) })
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
    if (sinceCheck() >= MAX_PAUSE_MS && readOwner() !== owner) setLost()
    sinceCheck = startClock()
    return lost
  }

  const timer = setInterval(isLost, FOLDER_LOCK_STALE_MS / 5).unref()
  return {
    isLost,
    whenLost,
    async release(): Promise<void> {
      clearInterval(timer)
      if (isLost()) return
      rmSync(ownerFile, { force: true })
      await unlock()
    },
  }
}

/** Whether a process uses this folder right now. */
export async function isFolderInUse(folder: string): Promise<boolean> {
  return isOwnerAlive(folder) || (existsSync(folder) && check(folder, { stale: FOLDER_LOCK_STALE_MS }))
}

/** @returns what unlocks it. @throws Error with the code `ELOCKED` */
async function lockFolder(folder: string, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
  for (let retry = 0; ; retry++) {
    try {
      if (isOwnerAlive(folder)) throw Object.assign(new Error('its owner is alive'), { code: 'ELOCKED' })
      return await lock(folder, { stale: FOLDER_LOCK_STALE_MS, update: FOLDER_LOCK_STALE_MS / 2, onCompromised })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED' || retry === FOLDER_LOCK_RETRIES) throw error
    }
    await sleep(FOLDER_LOCK_RETRY_INTERVAL_MS)
  }
}

const ownerSchema = z.object({ pid: z.int(), birth: z.string() })

/** Whether the owner is another process that is known to live. */
function isOwnerAlive(folder: string): boolean {
  try {
    const { pid, birth } = ownerSchema.parse(JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')))
    return pid !== process.pid && birthOf(pid) === birth
  } catch {
    return false // there is no owner, or it is of another version or system
  }
}

/** The start of the system and of a process, which together identify it: numbers are used again. Undefined if it has ended, and without `/proc`. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // After the name, which may contain anything: proc_pid_stat(5).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    const [state, startTime] = [fields[0]!, fields[19]!]
    return 'ZX'.includes(state) ? undefined : `${boot}/${startTime}`
  } catch {
    return undefined
  }
}
