import type { Message } from 'discord.js'
import { translationsFor } from '../../i18n/i18n.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { replyWithError } from '../messages/reply-with-error.js'
import type { Responder } from '../messages/responder.js'
import type { RequestContext } from '../request-context.js'
import { restartingView } from '../views/progress-view.js'
import { deliverOnce, findDelivered } from './deliver.js'
import { followJob, type QueuedJob } from './follow.js'
import { retryUntilQueueReachable } from './retry.js'

/** Follow a job to its end, then deliver its pictures or tell the person why there are none. */
export async function completeJob(
  job: QueuedJob,
  responder: Responder,
  audit: RequestContext['audit'],
  deps: BotDeps,
  onDelivered?: (message: Message) => void,
): Promise<void> {
  const { queue, quotas, log } = deps
  const { id, record } = job
  const { edit, server } = record
  const { person } = record.address
  const counted = { job: id, person, server }
  const t = translationsFor(record.locales.own)
  const publicT = translationsFor(record.locales.shown)
  let outcome = await followJob(job, responder, deps)
  if (outcome === 'queue-closed') {
    const view = restartingView(edit, publicT)
    await responder.showProgress(view).catch(error => log.warn(error, 'progress message not updated'))
    return
  }
  if (outcome === 'taken-over') {
    log.info('job taken over by another process')
    return
  }
  if ('result' in outcome) {
    const { timings } = outcome.result
    try {
      const message = await deliverOnce(job, responder, outcome.result, deps)
      if (message === 'taken-over') return
      onDelivered?.(message)
      // Before the clean-up: the person may ask again at once.
      await retryUntilQueueReachable(() => quotas.settle({ ...counted, seconds: timings.total / 1000 }), log).catch(
        error => log.warn(error, 'quota not updated'),
      )
      await retryUntilQueueReachable(() => queue.acknowledge(id), log)
      log.info({ timings }, 'job delivered')
      await audit(publicT.audit.painted(`<@${person}>`, publicT.heading(edit), message.url))
      return
    } catch (error) {
      outcome = { error, hasRun: true }
    }
  }
  // The process that sent the pictures may have ended while it cleaned up: then they are there, and nothing else is.
  if (record.sending && (await findDelivered(job, responder))) {
    await retryUntilQueueReachable(() => quotas.settle({ ...counted, seconds: 0 }), log)
    await retryUntilQueueReachable(() => queue.acknowledge(id), log)
    return
  }
  const { error, hasRun } = outcome
  // A job whose result is kept, or that ran until it was cancelled, is paid for. One that failed, or never began, is not.
  const code = error instanceof UserError ? error.problem.code : undefined
  const isPaidFor = code === 'result-kept' || (hasRun && code === 'cancelled')
  // A process that took the job over settles it.
  let isOurs = true
  try {
    await retryUntilQueueReachable(() => queue.cancel(id), log)
    isOurs = Boolean(await retryUntilQueueReachable(() => queue.updateTicket(id, record), log))
  } finally {
    const settle = () => (isPaidFor ? quotas.settle({ ...counted, seconds: 0 }) : quotas.refund(counted))
    if (isOurs) await retryUntilQueueReachable(settle, log).catch(cause => log.warn(cause, 'quota not settled'))
  }
  if (!isOurs) return
  await replyWithError(error, responder, t, log)
  await retryUntilQueueReachable(() => queue.acknowledge(id), log)
}
