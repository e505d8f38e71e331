import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isUnreachable } from '../../queue/backends/reconnect.js'
import { UserError } from '../../user-error.js'

/** Pause between two attempts while the queue is unreachable, in milliseconds. */
const RETRY_INTERVAL_MS = 2000

/** How long to go on retrying, in milliseconds. */
const RETRY_LIMIT_MS = 24 * 3_600_000

/** Retry while the only fault is that the queue is unreachable, for a day at most. */
export async function retryUntilQueueReachable<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  const start = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const isProblem = error instanceof UserError && error.problem.code === 'queue-unreachable'
      if (!(isProblem || isUnreachable(error)) || Date.now() - start > RETRY_LIMIT_MS) throw error
      log.warn(error, 'queue unreachable, trying again')
      await delay(RETRY_INTERVAL_MS, undefined, { ref: false })
    }
  }
}
