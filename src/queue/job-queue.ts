import { randomUUID } from 'node:crypto'
import type { Queue } from 'bullmq'
import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { finishOrDisconnect, isUnreachable } from './backends/reconnect.js'
import { jobCanceller } from './cancel.js'
import { streamJobStates } from './follow-job.js'
import { deleteIfForgotten, forgetJobsOf } from './forget.js'
import { startHeartbeat } from './heartbeat.js'
import { engineOfLane, laneOf } from './lanes.js'
import { type OpenJob, type OpenJobs, openJobs } from './open-jobs.js'
import { publishPaused, savePaused } from './paused-servers.js'
import { blobKey, parsePayload, toBullJobId, toPayload } from './payload.js'
import type { Job, JobQueue } from './queue.js'
import { type QueueView, queueView } from './queue-view.js'
import { takeOverOrphans } from './take-over.js'

export type JobQueueOptions = {
  /** The engines that jobs may name. */
  readonly engines: readonly string[]
  /** The most jobs that may wait: of all people, of one person, of one server. */
  readonly maxWaiting: number
  readonly maxWaitingPerPerson: number
  readonly maxWaitingPerServer?: number | undefined
  /** Gets errors of background work, which is repeated later. */
  readonly onError: (error: Error) => void
}

/** How often a job is tried, and the pause before the first retry, in milliseconds. Each further pause is twice as long. */
const MAX_ATTEMPTS = 3
const RETRY_DELAY_MS = 500

/** How long BullMQ keeps ended jobs for the operator's board, in seconds, and how many of them. */
const KEEP_COMPLETED = { age: 3600, count: 500 }
const KEEP_FAILED = { age: 24 * 3600, count: 500 }

/** For how long a claimed event stays claimed, in seconds. */
const EVENT_CLAIM_SECONDS = 3600

/** The queue on BullMQ, for a process that adds and follows jobs. */
export async function jobQueue(backend: Backend, options: JobQueueOptions): Promise<JobQueue> {
  const { store } = backend
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
  /** The open jobs of this process. */
  const own = new Map<string, OpenJob>()
  const canceller = jobCanceller(view, store, isClosed, onError)
  const stopHeartbeat = await startHeartbeat(backend, processName, onError)

  const queue: JobQueue = {
    async add(job) {
      if (closed) throw new UserError({ code: 'stopped' })
      assertAcceptable(job, view, options)
      const { id, person, server, request, hasPriority = false } = job
      const { edit, source, mask } = request
      const lane = laneOf({ engine: request.engine, megapixels: job.megapixels })
      const bullQueue = view.queueOf(lane)
      const priority = order.priorityFor(person, hasPriority)
      const pictureCount = request.seeds.length
      // Before the first await: the limits and the turn of the next job count this one.
      order.add({ id, person, server, edit, pictureCount, lane, priority, phase: 'waiting', progress: 0 })
      view.follow(id, lane, true)
      const record = {
        by: processName,
        lane,
        source: source !== undefined,
        mask: mask !== undefined,
        ticket: job.ticket,
      }
      try {
        await storeAndQueue(job, record, priority, backend, open, bullQueue)
        own.set(id, record)
        view.notifyPositions()
      } catch (error) {
        order.remove(id)
        await Promise.all([bullQueue.remove(toBullJobId(id)), deleteOpenJob(id, record, backend, view, open)]).catch(
          onError,
        )
        throw error
      }
    },

    follow: id => streamJobStates(view, backend, id, isClosed, onError),

    async updateTicket(id, ticket) {
      const record = own.get(id)
      if (!record) return false
      const now = await open.get(id)
      if (now && now.by !== processName) return false
      const next = { ...record, ticket }
      own.set(id, next)
      await open.put(id, next)
      return true
    },

    async acknowledge(id) {
      const record = own.get(id)
      own.delete(id)
      if (!record) return
      await deleteOpenJob(id, record, backend, view, open)
      await deleteIfForgotten(id, record.lane, view, store)
    },

    async takeOver() {
      const follow = (id: string, lane: string) => view.follow(id, lane, false)
      const orphans = await takeOverOrphans(backend, open, processName, own, follow)
      if (orphans.length > 0) await view.reconcile()
      return orphans
    },

    async cancel(id) {
      if (!order.get(id)) return false
      await canceller.cancel(id)
      return true
    },

    async list() {
      return [...order.states()].flatMap(([id, state]) => {
        const entry = order.get(id)
        if (!entry) return []
        const { person, server, edit, pictureCount, lane } = entry
        return [{ id, person, server, edit, engine: engineOfLane(lane), pictureCount, state }]
      })
    },

    async pauseServer(server) {
      await savePaused(store, server, true)
      order.pausedServers.add(server)
      await publishPaused(store, server)
      view.notifyPositions()
    },

    async resumeServer(server) {
      await savePaused(store, server, false)
      order.pausedServers.delete(server)
      await publishPaused(store, server)
      await promoteDelayed(server, view)
      view.notifyPositions()
    },

    clearServer: server => canceller.cancelServer(server),

    forgetPerson: person => forgetJobsOf(person, view, store, open, id => queue.cancel(id)),

    claimEvent: event => store.claim(`first:${event}`, EVENT_CLAIM_SECONDS),

    async close() {
      if (closed) return
      closed = true
      await finishOrDisconnect(backend, Promise.resolve(), async () => {
        await stopHeartbeat().catch(onError)
        await view.close()
      })
    },
  }
  return withUnreachableProblem(queue)
}

/** @throws UserError where no worker can paint the job, or too many wait */
function assertAcceptable(
  { id, person, server, request, megapixels }: Job,
  view: QueueView,
  { maxWaiting, maxWaitingPerPerson, maxWaitingPerServer }: JobQueueOptions,
): void {
  const { engine } = request
  if (!view.hasCapableWorker({ engine, megapixels })) {
    throw new UserError({ code: 'no-capable-worker', engine, megapixels: Math.ceil(megapixels) })
  }
  const { total, ofPerson, ofServer } = view.order.countWaiting(person, server)
  if (total >= maxWaiting) throw new UserError({ code: 'queue-full', waiting: total, limit: maxWaiting })
  if (ofPerson >= maxWaitingPerPerson) {
    throw new UserError({ code: 'queue-full-for-person', waiting: ofPerson, limit: maxWaitingPerPerson })
  }
  if (maxWaitingPerServer !== undefined && ofServer >= maxWaitingPerServer) {
    throw new UserError({ code: 'queue-full-for-server', waiting: ofServer, limit: maxWaitingPerServer })
  }
  if (view.order.get(id) || view.followed(id)) throw new Error(`there is a job ${id} already`)
}

/** Store an accepted job, and hand it to BullMQ. */
async function storeAndQueue(
  job: Job,
  record: OpenJob,
  priority: number,
  { assertFreeSpace, blobs, runsInOrder }: Backend,
  open: OpenJobs,
  bullQueue: Queue,
): Promise<void> {
  const { id, request } = job
  const { source, mask } = request
  await assertFreeSpace((source?.length ?? 0) + (mask?.length ?? 0))
  const stored = Promise.all([
    open.put(id, record),
    source && blobs.put(blobKey(id, 'source'), source),
    mask && blobs.put(blobKey(id, 'mask'), mask),
  ])
  // A worker must not get the job before its pictures are there.
  if (!runsInOrder) await stored
  const added = bullQueue.add('paint', toPayload(request, job), {
    jobId: toBullJobId(id),
    priority,
    attempts: MAX_ATTEMPTS,
    backoff: { type: 'exponential', delay: RETRY_DELAY_MS },
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  })
  await Promise.all([stored, added])
}

/** Stop following a job, and delete its record and its pictures. */
async function deleteOpenJob(
  id: string,
  { source, mask }: OpenJob,
  { blobs }: Backend,
  view: QueueView,
  open: OpenJobs,
): Promise<void> {
  const job = view.unfollow(id)
  const result = job?.end?.state === 'stored' ? job.end.result : undefined
  const keys = [
    ...(job?.previewCount ? [blobKey(id, 'preview')] : []),
    ...(source ? [blobKey(id, 'source')] : []),
    ...(mask ? [blobKey(id, 'mask')] : []),
    ...(result?.pictures.map(({ blob }) => blob) ?? []),
  ]
  await Promise.all([open.delete(id), keys.length > 0 && blobs.delete(keys)])
}

/** Let the jobs of a resumed server go on now: while it was paused, workers have delayed them. */
async function promoteDelayed(server: string, view: QueueView): Promise<void> {
  for (const queue of view.queues()) {
    for (const job of await queue.getDelayed()) {
      if (parsePayload(job.data).server === server) await job.promote()
    }
  }
}

/** Turns errors of an unreachable backend into the problem `queue-unreachable`. All others are bugs and stay as they are. */
function withUnreachableProblem(queue: JobQueue): JobQueue {
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args)
      } catch (cause) {
        if (!isUnreachable(cause)) throw cause
        throw new UserError({ code: 'queue-unreachable' }, { cause })
      }
    }
  const { follow, close, ...rest } = queue
  const entries = Object.entries(rest).map(([name, method]) => [name, guarded(method as () => Promise<unknown>)])
  return { ...Object.fromEntries(entries), follow, close } as JobQueue
}
