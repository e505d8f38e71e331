import { setTimeout as sleep } from 'node:timers/promises'

/** How long everything that is open may take to close, in milliseconds. Whoever stops a process waits 10 seconds, as Docker does. */
const CLOSE_TIMEOUT_MS = 7500

/** The same after a second signal, in milliseconds: enough to close a database. */
const HURRIED_CLOSE_TIMEOUT_MS = 1000

/** The part of a process's end after its last word, in milliseconds: for what was left open. */
const EXIT_TIMEOUT_MS = 1000

/** Something that can be closed; undefined if it was never opened. */
type Closing = () => Promise<unknown> | undefined

/**
 * Close one after another. What does not close in time, because a server does not answer, is left behind: {@link exitSoon} ends it.
 *
 * @param insisted resolves when the rest has to be quick
 * @param onError gets what closing throws
 */
export async function closeInTime(
  closings: readonly Closing[],
  onError: (error: unknown) => void,
  insisted: Promise<void> = new Promise(() => {}),
): Promise<void> {
  const closed = (async () => {
    for (const close of closings) {
      try {
        await close()
      } catch (error) {
        onError(error)
      }
    }
  })()
  const hurried = insisted.then(() => sleep(HURRIED_CLOSE_TIMEOUT_MS, undefined, { ref: false }))
  await Promise.race([closed, hurried, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
}

/**
 * End the process with this code: at once if nothing is open any more, otherwise soon. Node's own exit waits for requests to the disk, which
 * never end where the disk is gone. Then only a signal ends the process: SIGTERM if all is well, otherwise SIGKILL.
 */
export function exitSoon(code: number): void {
  process.exitCode = code
  setTimeout(() => exitNow(code), EXIT_TIMEOUT_MS).unref()
}

function exitNow(code: number): void {
  const waitsForDisk = process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))
  if (!waitsForDisk) process.exit(code)
  process.removeAllListeners('SIGTERM')
  process.kill(process.pid, code === 0 ? 'SIGTERM' : 'SIGKILL')
}
