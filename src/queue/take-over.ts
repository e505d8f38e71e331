import type { Backend } from './backends/backend.js'
import { foreignGrace } from './foreign-grace.js'
import { hasHeartbeat } from './heartbeat.js'
import type { OpenJob, OpenJobEntry, OpenJobs } from './open-jobs.js'
import type { OrphanedJob } from './queue.js'

export type TakeOverOptions = {
  readonly backend: Backend
  readonly open: OpenJobs
  readonly processName: string
  readonly isOwn: (id: string) => boolean
  /** The lane of a job whose own one is unknown to this process; undefined where it is in none of them. */
  readonly findLane: (id: string, lane: string) => Promise<string | undefined>
  /** Called with each job that was taken over. `lane` is undefined where this process can't follow it. */
  readonly onTakenOver: (id: string, job: OpenJob, lane: string | undefined) => void
  /** Gets an error for each job whose entry can't be read, once. */
  readonly onError: (error: Error) => void
}

/** @returns a function that takes over the open jobs whose process is gone */
export function orphanTaker(options: TakeOverOptions) {
  const { backend, open, processName, isOwn, findLane, onTakenOver, onError } = options
  const grace = foreignGrace()

  async function takeOne(id: string, entry: OpenJobEntry, isReadable: boolean): Promise<OrphanedJob | undefined> {
    const lane = await findLane(id, entry.job.lane)
    // Of a backend that is not shared there are no others that could serve it.
    const mayAnswer = (isReadable && lane !== undefined) || !backend.shared || grace.hasPassed(id)
    if (!mayAnswer) return undefined
    const job = await open.replace(id, entry, { by: processName, ...(lane !== undefined && { lane }) })
    // Another process was faster, or the job was acknowledged.
    if (!job) return undefined
    grace.forget(id)
    if (!entry.isReadable)
      onError(new Error(`the record of job ${id} can't be read: the job is answered with a problem`))
    onTakenOver(id, job, lane)
    return { id, ticket: job.ticket }
  }

  return async function takeOver(canReadTicket: (ticket: unknown) => boolean): Promise<OrphanedJob[]> {
    const orphans: OrphanedJob[] = []
    const alive = new Map<string, boolean>()
    const entries = await open.all()
    grace.keepOnly(entries)
    for (const [id, entry] of entries) {
      const { by, ticket } = entry.job
      // Ours: one that is followed, one that is being added, or one that was acknowledged since we read them.
      if (by === processName || isOwn(id)) continue
      // Of a backend that is not shared, the last process is always gone.
      const isAlive = alive.get(by) ?? (backend.shared && (await hasHeartbeat(backend, by)))
      alive.set(by, isAlive)
      if (isAlive) continue
      const orphan = await takeOne(id, entry, entry.isReadable && canReadTicket(ticket))
      if (orphan) orphans.push(orphan)
    }
    return orphans
  }
}
