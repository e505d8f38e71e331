import { translationsFor } from '../../i18n/i18n.js'
import type { PaintResult } from '../../inference/pipeline/paint-request.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { isDeletedError } from '../messages/discord-errors.js'
import type { Responder } from '../messages/responder.js'
import { progressView } from '../views/progress-view.js'
import type { DeliveryRecord } from './delivery-record.js'
import { retryUntilQueueReachable } from './retry.js'
import { throttleLatest } from './throttle.js'

/** A job in the queue, and how its result is delivered. */
export type QueuedJob = { readonly id: string; readonly record: DeliveryRecord }

/** How a job ended. After `queue-closed` it goes on: another process takes it over. */
export type FollowedOutcome =
  | { readonly result: PaintResult }
  | { readonly error: unknown; readonly hasRun: boolean }
  | 'queue-closed'
  | 'taken-over'

/** Show a job's progress until it has ended, or the queue is closed. */
export async function followJob(
  { id, record }: QueuedJob,
  responder: Responder,
  { queue, progressBudget, log }: BotDeps,
): Promise<FollowedOutcome> {
  const { edit, spoiler, address } = record
  const t = translationsFor(record.locales.shown)
  let hasRun = false
  let savedProgress = address.progress
  try {
    for await (const state of throttleLatest(queue.follow(id), progressBudget(queue))) {
      switch (state.state) {
        case 'waiting':
        case 'running': {
          hasRun ||= state.state === 'running'
          // Another process may have sent the result by now: nothing may be written over it.
          if (!queue.leaseOf(id)?.isValid()) {
            const now = { ...record, address: responder.address() }
            const lease = await retryUntilQueueReachable(() => queue.updateTicket(id, now), log)
            if (!lease) return 'taken-over'
          }
          const view = progressView({ edit, job: id, owner: address.person, spoiler }, state, t, Date.now())
          await responder.showProgress(view).catch(async error => {
            // If the progress message was deleted, nobody waits for the pictures.
            if (isDeletedError(error)) await queue.cancel(id)
            else log.warn(error, 'progress message not updated')
          })
          const current = responder.address()
          if (current.progress === savedProgress) break
          savedProgress = current.progress
          await queue
            .updateTicket(id, { ...record, address: current })
            .catch(error => log.warn(error, 'delivery record not updated'))
          break
        }
        case 'done':
          return { result: state.result }
        case 'failed':
          return { error: new UserError(state.problem), hasRun }
        case 'cancelled':
          return { error: new UserError({ code: 'cancelled' }), hasRun }
      }
    }
  } catch (error) {
    return { error, hasRun }
  }
  return 'queue-closed'
}
