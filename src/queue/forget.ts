import type { SharedStore } from './backends/shared-store.js'
import type { OpenJobs } from './open-jobs.js'
import { fromBullJobId, readOwner, toBullJobId } from './payload.js'
import type { QueueView } from './view/queue-view.js'

/** The map of open jobs of people who want to be forgotten: they are deleted once they are acknowledged. */
const FORGOTTEN_JOBS = 'forgotten'

/**
 * Cancel a person's jobs, and delete those that have ended.
 *
 * @param cancel cancels a job. @returns whether it had not ended
 * @returns how many were cancelled
 */
export async function forgetJobsOf(
  person: string,
  view: QueueView,
  store: SharedStore,
  jobs: OpenJobs,
  cancel: (id: string) => Promise<boolean>,
): Promise<number> {
  const { order } = view
  const open = await jobs.ids()
  const notEnded = [...order.states().keys()].filter(id => order.get(id)?.person === person)
  let count = 0
  for (const id of notEnded) {
    await store.putEntry(FORGOTTEN_JOBS, id, '')
    if (await cancel(id)) count++
  }
  for (const queue of view.queues()) {
    for (const job of await queue.getJobs(['completed', 'failed'])) {
      const id = fromBullJobId(job.id!)
      if (notEnded.includes(id) || readOwner(job.data)?.person !== person) continue
      if (open.has(id)) await store.putEntry(FORGOTTEN_JOBS, id, '')
      else await job.remove()
    }
  }
  return count
}

/** Delete an acknowledged job from BullMQ if its person wants to be forgotten. */
export async function deleteIfForgotten(id: string, lane: string, view: QueueView, store: SharedStore): Promise<void> {
  if ((await store.getEntry(FORGOTTEN_JOBS, id)) === undefined) return
  await view.laneNamed(lane)?.queue.remove(toBullJobId(id))
  await store.deleteEntry(FORGOTTEN_JOBS, id)
}
