import type { Lease, startHeartbeat } from './heartbeat.js'
import type { OpenJob, OpenJobs } from './open-jobs.js'
import type { QueueView } from './view/queue-view.js'

type OwnJob = {
  readonly record: OpenJob
  /** From when the record was written. */
  readonly lease: Lease
}

type OwnJobsOptions = {
  readonly open: OpenJobs
  readonly view: QueueView
  readonly heartbeat: Awaited<ReturnType<typeof startHeartbeat>>
  readonly processName: string
}

export type OwnJobs = ReturnType<typeof ownJobs>

/** The open jobs of this process. Another one may take them over while this one stands still. */
export function ownJobs({ open, view, heartbeat, processName }: OwnJobsOptions) {
  const own = new Map<string, OwnJob>()
  return {
    has: (id: string): boolean => own.has(id),
    get: (id: string): OwnJob | undefined => own.get(id),

    /** The record was just written, by this process. */
    hold(id: string, record: OpenJob): void {
      own.set(id, { record, lease: heartbeat.lease() })
    },

    /** @returns the job, where it was this process's */
    drop(id: string): OwnJob | undefined {
      const known = own.get(id)
      own.delete(id)
      return known
    },

    /** @returns undefined where another process has taken the job over; then it is no longer followed */
    async updateTicket(id: string, ticket: unknown): Promise<Lease | undefined> {
      const known = own.get(id)
      if (!known) return undefined
      // Others see that this process is back before it reads whose job it is.
      if (!heartbeat.lease().isValid()) await heartbeat.beat()
      for (;;) {
        const lease = heartbeat.lease()
        const entry = await open.get(id)
        // Gone, and nobody can have taken it over: the store has lost its last seconds.
        const isOurs = entry ? entry.job.by === processName : known.lease.isValid()
        if (!isOurs) {
          own.delete(id)
          view.unfollow(id)
          return undefined
        }
        const record = entry ? await open.replace(id, entry, { ticket }) : { ...known.record, ticket }
        if (!record) continue
        if (!entry) await open.put(id, record)
        own.set(id, { record, lease })
        return lease
      }
    },
  }
}
