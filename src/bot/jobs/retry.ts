import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isUnreachable } from '../../queue/backends/reconnect.js'
import { UserError } from '../../user-error.js'

/** Pause between two attempts while the queue is unreachable, in milliseconds. */
const RETRY_INTERVAL_MS = 2000

/** How long to go on retrying, in milliseconds. */
const RETRY_LIMIT_MS = 24 * 3_600_000

/** Whether an error says that the queue can't be reached right now. */
export function isQueueUnreachable(error: unknown): boolean {
  return (error instanceof UserError && error.problem.code === 'queue-unreachable') || isUnreachable(error)
}

/** Retry while the only fault is that the queue is unreachable, for a day at most. */
export async function retryUntilQueueReachable<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  const start = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isQueueUnreachable(error) || Date.now() - start > RETRY_LIMIT_MS) throw error
      // The queue's own errors are logged once for all.
      log.debug(error, 'queue unreachable, trying again')
      await delay(RETRY_INTERVAL_MS, undefined, { ref: false })
    }
  }
}
