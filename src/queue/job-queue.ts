import { randomUUID } from 'node:crypto'
import { UserError } from '../user-error.js'
import { type AddContext, addJob, type WaitingLimits } from './add-job.js'
import type { Backend } from './backends/backend.js'
import { finishOrDisconnect } from './backends/reconnect.js'
import { jobCanceller } from './cancel.js'
import { findLane } from './find-lane.js'
import { streamJobStates } from './follow-job.js'
import { deleteIfForgotten, forgetJobsOf } from './forget.js'
import { startHeartbeat } from './heartbeat.js'
import { engineOfLane } from './lanes.js'
import { openJobs } from './open-jobs.js'
import { ownJobs } from './own-jobs.js'
import { pauseServer, resumeServer } from './pause-server.js'
import type { JobInfo, JobQueue } from './queue.js'
import { deletePictures, loadRequestPictures } from './store-job.js'
import { orphanTaker } from './take-over.js'
import { withUnreachableProblem } from './unreachable-queue.js'
import { type QueueView, queueView } from './view/queue-view.js'

export type JobQueueOptions = WaitingLimits & {
  /** The engines that jobs may name. */
  readonly engines: readonly string[]
  /** Gets errors of background work, which is repeated later. */
  readonly onError: (error: Error) => void
}

/** For how long a claimed event stays claimed, in seconds. */
const EVENT_CLAIM_SECONDS = 3600

/** The queue on BullMQ, for a process that adds and follows jobs. */
export async function jobQueue(backend: Backend, options: JobQueueOptions): Promise<JobQueue> {
  const { store, blobs } = backend
  const processName = `bot:${randomUUID()}`
  let closed = false
  const isClosed = () => closed
  // Background work that is under way when the queue is closed may fail: that is not a fault.
  const onError = (error: Error) => {
    if (!closed) options.onError(error)
  }
  const view = await queueView(backend, options.engines, onError)
  const { order } = view
  const open = openJobs(store)
  const canceller = jobCanceller(view, store, isClosed, onError)
  const heartbeat = await startHeartbeat(backend, processName, onError)
  const own = ownJobs({ open, view, heartbeat, processName })
  const adding: AddContext = { backend, open, own, view, processName, limits: options, onError }
  const takeOver = orphanTaker({
    backend,
    open,
    processName,
    isOwn: id => own.has(id),
    findLane: (id, lane) => findLane(id, lane, view, backend),
    onTakenOver(id, record, lane) {
      own.hold(id, record)
      if (lane !== undefined) return view.follow(id, lane, false)
      view.follow(id, record.lane, true)
      view.end(id, { state: 'failed', problem: { code: 'job-incompatible' } })
    },
    onError,
  })

  const queue: JobQueue = {
    async add(job) {
      if (closed) throw new UserError({ code: 'stopped' })
      await addJob(job, adding)
    },

    follow: id => streamJobStates(view, backend, id, isClosed, onError),

    updateTicket: own.updateTicket,

    leaseOf: id => own.get(id)?.lease,

    isOpen: async id => (await open.get(id)) !== undefined,

    requestPictures: id => loadRequestPictures(id, own.get(id)?.record, blobs),

    async acknowledge(id) {
      const known = own.drop(id)
      if (!known) return
      await deletePictures(id, known.record, backend, view)
      await deleteIfForgotten(id, known.record.lane, view, store)
      // Last: until then another process may take the job over and go on with this.
      await open.delete(id)
    },

    async takeOver(canReadTicket = () => true) {
      const orphans = await takeOver(canReadTicket)
      if (orphans.length > 0) await view.reconcile()
      return orphans
    },

    async cancel(id) {
      if (!order.get(id)) return false
      await canceller.cancel(id)
      return true
    },

    list: async () => listJobs(view),

    counts: order.counts,

    engines: view.engines,

    upscalers: view.upscalers,

    pauseServer: server => pauseServer(server, view, store),

    resumeServer: server => resumeServer(server, view, store),

    clearServer: server => canceller.cancelServer(server),

    forgetPerson: person => forgetJobsOf(person, view, store, open, id => queue.cancel(id)),

    claimEvent: event => store.claim(`first:${event}`, EVENT_CLAIM_SECONDS),

    async close() {
      if (closed) return
      closed = true
      await finishOrDisconnect(backend, Promise.resolve(), async () => {
        await heartbeat.stop().catch(onError)
        await view.close()
      })
    },
  }
  return withUnreachableProblem(queue)
}

function listJobs({ order }: QueueView): JobInfo[] {
  return [...order.states()].flatMap(([id, state]) => {
    const entry = order.get(id)
    if (!entry) return []
    const { person, server, edit, pictureCount, lane } = entry
    return [{ id, person, server, edit, engine: engineOfLane(lane), pictureCount, state }]
  })
}
