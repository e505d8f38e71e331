import { UserError } from '../user-error.js'
import { laneOf } from './lanes.js'
import type { OpenJob } from './open-jobs.js'
import type { OwnJobs } from './own-jobs.js'
import type { Job } from './queue.js'
import { type RemovalContext, removeUnqueued, storeAndQueue } from './store-job.js'
import type { QueueView } from './view/queue-view.js'

/** The most jobs that may wait: of all people, of one person, of one server. */
export type WaitingLimits = {
  readonly maxWaiting: number
  readonly maxWaitingPerPerson: number
  readonly maxWaitingPerServer?: number | undefined
}

export type AddContext = RemovalContext & {
  readonly own: OwnJobs
  readonly processName: string
  readonly limits: WaitingLimits
}

/** Accept a job, store it, and follow it from then on. @throws UserError as `JobQueue.add` */
export async function addJob(job: Job, context: AddContext): Promise<void> {
  const { backend, open, own, view, processName, limits } = context
  const { order } = view
  assertAcceptable(job, view, limits)
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
    await removeUnqueued(id, record, bullQueue, context)
    throw error
  }
}

/** @throws UserError where no worker can paint the job, or too many wait */
function assertAcceptable({ id, person, server, request, megapixels }: Job, view: QueueView, limits: WaitingLimits) {
  const { engine } = request
  if (!view.hasCapableWorker({ engine, megapixels })) {
    throw new UserError({ code: 'no-capable-worker', engine, megapixels: Math.ceil(megapixels) })
  }
  const { maxWaiting, maxWaitingPerPerson, maxWaitingPerServer } = limits
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
