import { randomUUID } from 'node:crypto'
import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { finishOrDisconnect, isUnreachable } from './backends/reconnect.js'
import { jobCanceller } from './cancel.js'
import { streamJobStates } from './follow-job.js'
import { deleteIfForgotten, forgetJobsOf } from './forget.js'
import { startHeartbeat } from './heartbeat.js'
import { engineOfLane, isLane, laneOf } from './lanes.js'
import { type OpenJob, openJobs } from './open-jobs.js'
import { ownJobs } from './own-jobs.js'
import { pauseServer, resumeServer } from './pause-server.js'
import { blobKey, toBullJobId } from './payload.js'
import type { Job, JobQueue } from './queue.js'
import { type QueueView, queueView } from './queue-view.js'
import { deletePictures, removeUnqueued, storeAndQueue } from './store-job.js'
import { orphanTaker } from './take-over.js'

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
      assertAcceptable(job, view, options)
      const { id, person, server, request, hasPriority = false } = job
      const lane = laneOf({ engine: request.engine, megapixels: job.megapixels })
      const bullQueue = view.queueOf(lane)
      const priority = order.priorityFor(person, hasPriority)
      const pictureCount = request.seeds.length
      // Before the first await: the limits and the turn of the next job count this one.
      order.add({ id, person, server, edit: request.edit, pictureCount, lane, priority, phase: 'waiting', progress: 0 })
      view.follow(id, lane, true)
      const record = newRecord(job, lane, processName)
      try {
        await storeAndQueue(job, record, priority, backend, open, bullQueue)
        own.hold(id, record)
        view.added(id)
        view.notifyPositions()
      } catch (error) {
        order.remove(id)
        await removeUnqueued(id, record, bullQueue, { backend, open, view, onError })
        throw error
      }
    },

    follow: id => streamJobStates(view, backend, id, isClosed, onError),

    updateTicket: own.updateTicket,

    leaseOf: id => own.get(id)?.lease,

    isOpen: async id => (await open.get(id)) !== undefined,

    async requestPictures(id) {
      const record = own.get(id)?.record
      const [source, mask] = await Promise.all([
        record?.source ? blobs.get(blobKey(id, 'source')) : undefined,
        record?.mask ? blobs.get(blobKey(id, 'mask')) : undefined,
      ])
      return { ...(source && { source }), ...(mask && { mask }) }
    },

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

    async list() {
      return [...order.states()].flatMap(([id, state]) => {
        const entry = order.get(id)
        if (!entry) return []
        const { person, server, edit, pictureCount, lane } = entry
        return [{ id, person, server, edit, engine: engineOfLane(lane), pictureCount, state }]
      })
    },

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

function newRecord({ request, ticket }: Job, lane: string, processName: string): OpenJob {
  const { source, mask, earlier } = request
  return {
    version: 1,
    by: processName,
    revision: 0,
    lane,
    source: source !== undefined,
    mask: mask !== undefined,
    earlier: earlier !== undefined,
    ticket,
  }
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

/** The lane of a job: that of its record if this process knows it, otherwise the one in which BullMQ has the job. */
async function findLane(id: string, lane: string, view: QueueView, backend: Backend): Promise<string | undefined> {
  const lanes = view.lanes()
  if (lanes.some(({ name }) => name === lane)) return lane
  for (const { name, queue } of lanes) if (await queue.getJob(toBullJobId(id))) return name
  if (!isLane(lane)) return undefined
  // That of an engine which only workers have, and none of them is connected.
  const queue = backend.queue(lane)
  const job = await queue.getJob(toBullJobId(id)).finally(() => queue.close())
  if (!job) return undefined
  await view.ensureLane(lane)
  return lane
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
  const { follow, leaseOf, counts, engines, upscalers, close, ...rest } = queue
  const entries = Object.entries(rest).map(([name, method]) => [name, guarded(method as () => Promise<unknown>)])
  return { ...Object.fromEntries(entries), follow, leaseOf, counts, engines, upscalers, close } as JobQueue
}
