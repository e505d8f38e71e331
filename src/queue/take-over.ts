import type { Backend } from './backends/backend.js'
import { hasHeartbeat } from './heartbeat.js'
import type { OpenJob, OpenJobs } from './open-jobs.js'
import { blobKey } from './payload.js'
import type { OrphanedJob } from './queue.js'

/** How long a process has to take a job over, in seconds. If it dies meanwhile, another one may try after that. */
const CLAIM_SECONDS = 60

/**
 * Take over the open jobs whose process is gone.
 *
 * @param processName of this process
 * @param own the jobs of this process, to which the new ones are added
 * @param follow called for each of them
 */
export async function takeOverOrphans(
  backend: Backend,
  jobs: OpenJobs,
  processName: string,
  own: Map<string, OpenJob>,
  follow: (id: string, lane: string) => void,
): Promise<OrphanedJob[]> {
  const { blobs, store } = backend
  const orphans: OrphanedJob[] = []
  const alive = new Map<string, boolean>()
  for (const [id, job] of await jobs.all()) {
    // Ours: one that is followed, one that is being added, or one that was acknowledged since we read them.
    if (job.by === processName || own.has(id)) continue
    // Of a backend that is not shared, the last process is always gone.
    const isAlive = alive.get(job.by) ?? (backend.shared && (await hasHeartbeat(backend, job.by)))
    alive.set(job.by, isAlive)
    if (isAlive || !(await store.claim(`adopt:${id}:${job.by}`, CLAIM_SECONDS))) continue
    const [source, mask] = await Promise.all([
      job.source ? blobs.get(blobKey(id, 'source')) : undefined,
      job.mask ? blobs.get(blobKey(id, 'mask')) : undefined,
    ])
    const ours = { ...job, by: processName }
    await jobs.put(id, ours)
    own.set(id, ours)
    follow(id, job.lane)
    orphans.push({ id, ticket: job.ticket, ...(source && { source }), ...(mask && { mask }) })
  }
  return orphans
}
