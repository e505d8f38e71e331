import type { Message } from 'discord.js'
import { translationsFor } from '../../i18n/i18n.js'
import type { PaintResult } from '../../inference/pipeline/paint-request.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { replyWithError } from '../messages/reply-with-error.js'
import type { Responder } from '../messages/responder.js'
import type { RequestContext } from '../request-context.js'
import { restartingView } from '../views/progress-view.js'
import { deliverOnce, findDelivered } from './deliver.js'
import { type FollowedOutcome, followJob, type QueuedJob } from './follow.js'
import { retryUntilQueueReachable } from './retry.js'

type Failure = Extract<FollowedOutcome, { hasRun: boolean }>

/** Follow a job to its end, then deliver its pictures or tell the person why there are none. */
export async function completeJob(
  job: QueuedJob,
  responder: Responder,
  audit: RequestContext['audit'],
  deps: BotDeps,
  onDelivered?: (message: Message) => void,
): Promise<void> {
  const { log } = deps
  const { edit, locales } = job.record
  const outcome = await followJob(job, responder, deps)
  if (outcome === 'queue-closed') {
    const view = restartingView(edit, translationsFor(locales.shown))
    await responder.showProgress(view).catch(error => log.warn(error, 'progress message not updated'))
    return
  }
  if (outcome === 'taken-over') {
    log.info('job taken over by another process')
    return
  }
  const failure =
    'result' in outcome ? await deliverResult(job, responder, outcome.result, audit, deps, onDelivered) : outcome
  if (failure) await endFailed(job, responder, failure, deps)
}

/** @returns why it could not be delivered; undefined where it was, or where another process delivers it */
async function deliverResult(
  job: QueuedJob,
  responder: Responder,
  result: PaintResult,
  audit: RequestContext['audit'],
  deps: BotDeps,
  onDelivered: ((message: Message) => void) | undefined,
): Promise<Failure | undefined> {
  const { queue, quotas, log } = deps
  const { edit, server, locales, address } = job.record
  const { person } = address
  const { timings } = result
  const t = translationsFor(locales.shown)
  try {
    const message = await deliverOnce(job, responder, result, deps)
    if (message === 'taken-over') return undefined
    onDelivered?.(message)
    // Before the clean-up: the person may ask again at once.
    const settle = () => quotas.settle({ job: job.id, person, server, seconds: timings.total / 1000 })
    await retryUntilQueueReachable(settle, log).catch(error => log.warn(error, 'quota not updated'))
    await retryUntilQueueReachable(() => queue.acknowledge(job.id), log)
    log.info({ timings }, 'job delivered')
    await audit(t.audit.painted(`<@${person}>`, t.heading(edit), message.url))
    return undefined
  } catch (error) {
    return { error, hasRun: true }
  }
}

/** Tell the person why there are no pictures, and give back what the job was to cost, unless it is paid for. */
async function endFailed(job: QueuedJob, responder: Responder, { error, hasRun }: Failure, deps: BotDeps) {
  const { queue, quotas, log } = deps
  const { id, record } = job
  const counted = { job: id, person: record.address.person, server: record.server }
  // The process that sent the pictures may have ended while it cleaned up: then they are there, and nothing else is.
  if (record.sending && (await findDelivered(job, responder))) {
    await retryUntilQueueReachable(() => quotas.settle({ ...counted, seconds: 0 }), log)
    await retryUntilQueueReachable(() => queue.acknowledge(id), log)
    return
  }
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
  await replyWithError(error, responder, translationsFor(record.locales.own), log)
  await retryUntilQueueReachable(() => queue.acknowledge(id), log)
}
