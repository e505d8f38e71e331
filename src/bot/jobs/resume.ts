import type { Client } from 'discord.js'
import type { OrphanedJob } from '../../queue/queue.js'
import type { BotDeps } from '../deps.js'
import { writeAuditLog } from '../discord/audit-log.js'
import { resumeResponder } from '../messages/resume-responder.js'
import { completeJob } from './complete.js'
import { deliveryRecordSchema } from './delivery-record.js'

/** Time between two searches for orphaned jobs, in milliseconds. */
const ORPHAN_POLL_INTERVAL_MS = 5000

/**
 * Take over the jobs of bots that have ended, again and again.
 *
 * @param track takes the work on each of them
 * @returns ends the polling; resolves when no search is under way
 */
export function resumeOrphanedJobs(
  client: Client<true>,
  deps: BotDeps,
  track: (work: Promise<void>) => void,
): () => Promise<void> {
  const { queue, log } = deps
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let search: Promise<void> = Promise.resolve()

  async function takeOver(): Promise<void> {
    for (const orphan of await queue.takeOver()) {
      track(
        resumeJob(orphan, client, deps).catch(error => log.error({ err: error, job: orphan.id }, 'job not resumed')),
      )
    }
  }

  function poll(): void {
    search = takeOver().catch(error => log.warn(error, 'orphaned jobs not taken over'))
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
  const { queue, settings } = deps
  const log = deps.log.child({ job: orphan.id })
  const parsed = deliveryRecordSchema.safeParse(orphan.ticket)
  if (!parsed.success) {
    // Without its record there is nowhere to deliver the result to.
    log.error({ err: parsed.error }, 'delivery record unreadable, job cancelled')
    await queue.cancel(orphan.id)
    return queue.acknowledge(orphan.id)
  }
  const record = parsed.data
  log.info('job taken over')
  const responder = resumeResponder(client, record.address, error => log.warn(error, 'progress message not deleted'))
  const audit = async (line: string) => {
    if (record.server === undefined) return
    await writeAuditLog(client, settings.server(record.server).auditChannel, line, log)
  }
  await completeJob({ ...orphan, record }, responder, audit, { ...deps, log })
}
