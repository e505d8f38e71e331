import type { Client } from 'discord.js'
import { translationsFor } from '../../i18n/i18n.js'
import type { OrphanedJob } from '../../queue/queue.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { writeAuditLog } from '../discord/audit-log.js'
import { replyWithError } from '../messages/reply-with-error.js'
import { resumeResponder } from '../messages/resume-responder.js'
import { completeJob } from './complete.js'
import { deliveryRecordSchema, readableRecordSchema } from './delivery-record.js'
import { isQueueUnreachable, retryUntilQueueReachable } from './retry.js'

/** Time between two searches for orphaned jobs, in milliseconds. */
const ORPHAN_POLL_INTERVAL_MS = 5000

/**
 * Take over the jobs of bots that have ended, again and again.
 *
 * @returns ends the polling; resolves when no search is under way
 */
export function resumeOrphanedJobs(client: Client<true>, deps: BotDeps): () => Promise<void> {
  const { queue, track, log } = deps
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let search: Promise<void> = Promise.resolve()

  async function takeOver(): Promise<void> {
    for (const orphan of await queue.takeOver(ticket => deliveryRecordSchema.safeParse(ticket).success)) {
      track(
        resumeJob(orphan, client, deps).catch(error => log.error({ err: error, job: orphan.id }, 'job not resumed')),
      )
    }
  }

  function poll(): void {
    search = takeOver().catch(error =>
      log[isQueueUnreachable(error) ? 'debug' : 'warn'](error, 'orphaned jobs not taken over'),
    )
    void search.then(() => {
      if (!isStopped) timer = setTimeout(poll, ORPHAN_POLL_INTERVAL_MS)
    })
  }

  poll()
  return async () => {
    isStopped = true
    clearTimeout(timer)
    await search
  }
}

async function resumeJob(orphan: OrphanedJob, client: Client<true>, deps: BotDeps): Promise<void> {
  const { settings, unanswered } = deps
  const log = deps.log.child({ job: orphan.id })
  await retryUntilQueueReachable(() => unanswered.settleOther(orphan.id), log).catch(error =>
    log.warn(error, 'interaction still noted'),
  )
  const parsed = deliveryRecordSchema.safeParse(orphan.ticket)
  if (!parsed.success) {
    log.error({ err: parsed.error }, 'delivery record unreadable, job cancelled')
    return cancelUnreadable(orphan, client, { ...deps, log })
  }
  const record = parsed.data
  log.info('job taken over')
  const responder = resumeResponder(client, record.address, error => log.warn(error, 'progress message not deleted'))
  const audit = async (line: string) => {
    if (record.server === undefined) return
    await writeAuditLog(client, settings.server(record.server).auditChannel, line, log)
  }
  await completeJob({ id: orphan.id, record }, responder, audit, { ...deps, log })
}

/** Cancel a job whose record can't be read, and tell the person, if at least their address can be. */
async function cancelUnreadable({ id, ticket }: OrphanedJob, client: Client<true>, deps: BotDeps): Promise<void> {
  const { queue, log } = deps
  await queue.cancel(id)
  const readable = readableRecordSchema.safeParse(ticket)
  if (readable.success) {
    const { address, locales } = readable.data
    const responder = resumeResponder(client, address, error => log.warn(error, 'progress message not deleted'))
    const problem = new UserError({ code: 'job-incompatible' })
    await replyWithError(problem, responder, translationsFor(locales.own), log)
  }
  await queue.acknowledge(id)
}
