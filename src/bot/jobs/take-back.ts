import { setTimeout as sleep } from 'node:timers/promises'
import type { CountedJob } from '../../quotas/quotas.js'
import type { BotDeps } from '../deps.js'
import { retryUntilQueueReachable } from './retry.js'

/** The person waits this long for a refused job to be taken back before they read why, in milliseconds. */
const TAKE_BACK_WAIT_MS = 2000

/**
 * Take a job out of the queue, and refund it. Each step is done whatever happens to the other, and again until the
 * queue can be reached: that may go on in the background.
 */
export async function takeBackJob(
  job: CountedJob,
  isQueued: boolean,
  { queue, quotas, log }: Pick<BotDeps, 'queue' | 'quotas' | 'log'>,
): Promise<void> {
  const remove = async () => {
    await queue.cancel(job.job)
    await queue.acknowledge(job.job)
  }
  const steps = [
    retryUntilQueueReachable(() => quotas.refund(job), log),
    isQueued && retryUntilQueueReachable(remove, log),
  ]
  const done = Promise.all(
    steps.map(step => Promise.resolve(step).catch(error => log.error(error, 'job not taken back'))),
  )
  await Promise.race([done, sleep(TAKE_BACK_WAIT_MS, undefined, { ref: false })])
}
