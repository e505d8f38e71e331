import { randomUUID } from 'node:crypto'
import type { Queue } from 'bullmq'
import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { finishOrDisconnect, isUnreachable } from './backends/reconnect.js'
import { jobCanceller } from './cancel.js'
import { followJob } from './follow-job.js'
import { startHeartbeat } from './heartbeat.js'
import { laneOf } from './lanes.js'
import { type OpenJob, openJobs } from './open-jobs.js'
import { publishPaused, savePaused } from './paused-servers.js'
import { blobKey, fromBullJobId, parsePayload, toBullJobId, toPayload } from './payload.js'
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

/** The map of open jobs of people who want to be forgotten: they are deleted once they are acknowledged. */
const FORGOTTEN_JOBS = 'forgotten'

/** For how long a claimed event stays claimed, in seconds. */
const EVENT_CLAIM_SECONDS = 3600

/** The queue on BullMQ, for a process that adds and follows jobs. */
export async function jobQueue(backend: Backend, options: JobQueueOptions): Promise<JobQueue> {
  const { store } = backend
  const processName = `bot:${randomUUID()}`
  let closed = false
  const isClosed = () => closed
  // Background work that is under way when the queue is closed may fail: that is no fault.
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

  /** Delete what we keep of a job: its record and its pictures. */
  async function deleteOpenJob(id: string, { source, mask }: OpenJob): Promise<void> {
    const job = view.unfollow(id)
    const result = job?.end?.state === 'stored' ? job.end.result : undefined
    const keys = [
      ...(job?.previewCount ? [blobKey(id, 'preview')] : []),
      ...(source ? [blobKey(id, 'source')] : []),
      ...(mask ? [blobKey(id, 'mask')] : []),
      ...(result?.pictures.map(({ blob }) => blob) ?? []),
    ]
    await Promise.all([open.delete(id), keys.length > 0 && backend.blobs.delete(keys)])
  }

  /** Store a job that was accepted, and hand it to BullMQ. */
  async function storeAndQueue(job: Job, record: OpenJob, bullQueue: Queue, priority: number): Promise<void> {
    const { id, request } = job
    const { source, mask } = request
    await backend.assertFreeSpace((source?.length ?? 0) + (mask?.length ?? 0))
    const stored = Promise.all([
      open.put(id, record),
      source && backend.blobs.put(blobKey(id, 'source'), source),
      mask && backend.blobs.put(blobKey(id, 'mask'), mask),
    ])
    // A worker must not get the job before its pictures are there.
    if (!backend.runsInOrder) await stored
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
        await storeAndQueue(job, record, bullQueue, priority)
        own.set(id, record)
        view.notifyPositions()
      } catch (error) {
        order.remove(id)
        await Promise.all([bullQueue.remove(toBullJobId(id)), deleteOpenJob(id, record)]).catch(onError)
        throw error
      }
    },

    follow: id => followJob(view, backend, id, isClosed, onError),

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
      await deleteOpenJob(id, record)
      if ((await store.getEntry(FORGOTTEN_JOBS, id)) === undefined) return
      await view.queueOf(record.lane).remove(toBullJobId(id))
      await store.deleteEntry(FORGOTTEN_JOBS, id)
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
        const { person, server, edit, pictureCount } = entry
        return [{ id, person, server, edit, pictureCount, state }]
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
      // Workers have delayed those that came to their turn meanwhile.
      for (const queue of view.queues()) {
        for (const job of await queue.getDelayed()) {
          if (parsePayload(job.data).server === server) await job.promote()
        }
      }
      view.notifyPositions()
    },

    clearServer: server => canceller.cancelServer(server),

    async forgetPerson(person) {
      const records = await open.all()
      const notEnded = [...order.states().keys()].filter(id => order.get(id)?.person === person)
      let count = 0
      for (const id of notEnded) {
        await store.putEntry(FORGOTTEN_JOBS, id, '')
        if (await queue.cancel(id)) count++
      }
      for (const lane of view.queues()) {
        for (const job of await lane.getJobs(['completed', 'failed'])) {
          const id = fromBullJobId(job.id!)
          if (notEnded.includes(id) || job.data.person !== person) continue
          if (records.has(id)) await store.putEntry(FORGOTTEN_JOBS, id, '')
          else await job.remove()
        }
      }
      return count
    },

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
