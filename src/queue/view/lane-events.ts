import type { QueueEvents, QueueEventsListener } from 'bullmq'
import { fromBullJobId, jobProgressSchema } from '../payload.js'
import type { QueueState } from './queue-state.js'
import { type Lane, loadJob } from './reconcile.js'

type JobEvent = 'added' | 'active' | 'waiting' | 'delayed' | 'progress' | 'completed' | 'failed' | 'removed'

/** Keep what this process knows of a lane up to date by BullMQ's events. */
export function listenToLane(
  state: QueueState,
  lane: Lane,
  events: QueueEvents,
  onError: (error: Error) => void,
): void {
  const { order, followed } = state
  events.on('error', onError)

  function on<E extends JobEvent>(
    event: E,
    handle: (id: string, details: Parameters<QueueEventsListener[E]>[0]) => void,
  ): void {
    const listener = (details: Parameters<QueueEventsListener[E]>[0]) => {
      const id = fromBullJobId(details.jobId)
      state.events.record(id)
      try {
        handle(id, details)
      } catch (error) {
        // Thrown out of an emitter, it would end the process.
        onError(error as Error)
      }
    }
    events.on(event, listener as QueueEventsListener[E])
  }

  on('added', id => {
    if (!order.get(id)) void loadJob(state, lane, id).catch(onError)
  })
  on('active', id => {
    // A worker takes a job of a paused server only to put it back. If it was not told yet, the job's progress follows.
    if (order.isPaused(id)) return
    order.start(id)
    state.moved(id)
  })
  for (const event of ['waiting', 'delayed'] as const) {
    on(event, id => {
      order.requeue(id)
      state.moved(id)
    })
  }
  on('progress', (id, { data }) => {
    const { done, preview } = jobProgressSchema.parse(data)
    order.setProgress(id, done)
    const job = followed.get(id)
    if (job && preview !== undefined) job.previewCount = preview
    state.notify(id)
  })
  on('completed', (id, { returnvalue }) => state.endWithResult(id, returnvalue))
  on('failed', (id, { failedReason }) => state.endWithFailure(id, failedReason))
  on('removed', id => state.end(id, { state: 'cancelled' }))
}
