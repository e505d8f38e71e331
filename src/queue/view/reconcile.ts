import type { Job as BullJob, Queue } from 'bullmq'
import { UserError } from '../../user-error.js'
import { fromBullJobId, jobProgressSchema, parsePayload, toBullJobId } from '../payload.js'
import type { QueueState } from './queue-state.js'

/** How many jobs of each BullMQ state a comparison reads at most. */
const MAX_COMPARED_JOBS = 10_000

export type Lane = { readonly name: string; readonly queue: Queue }

/** Correct what this process knows of a lane by what BullMQ has: events may have been missed. */
export async function reconcileLane(state: QueueState, lane: Lane): Promise<void> {
  const { order, followed, missing } = state
  const eventsBefore = state.events.latest()
  const inBull = await lane.queue.getRanges(['active', 'prioritized', 'waiting', 'delayed'], 0, MAX_COMPARED_JOBS, true)
  const unknown = inBull.map(fromBullJobId).filter(id => !order.get(id))
  const inLane = (id: string) => (followed.get(id)?.lane ?? order.get(id)?.lane) === lane.name
  const isComparable = (id: string) => inLane(id) && !followed.get(id)?.end && !followed.get(id)?.isBeingAdded
  const notEnded = [...followed.keys(), ...order.ids()].filter(isComparable)
  for (const id of new Set([...unknown, ...notEnded])) {
    if (state.events.hasEventAfter(id, eventsBefore)) continue
    if (await loadJob(state, lane, id)) missing.delete(id)
    // Missing once, its event may be on the way. Missing twice, it is lost.
    else if (missing.has(id)) state.end(id, { state: 'failed', problem: { code: 'job-lost' } })
    else missing.add(id)
  }
}

/** Read the state of a job from BullMQ, unless an event of it arrives meanwhile. @returns whether there is such a job */
export async function loadJob(state: QueueState, lane: Lane, id: string): Promise<boolean> {
  const eventsBefore = state.events.latest()
  // First the state, then the job: where the state says that it has ended, the job has its result.
  const bullState = await lane.queue.getJobState(toBullJobId(id))
  const job = await lane.queue.getJob(toBullJobId(id))
  if (!job) return false
  const isKnown = state.order.get(id) || state.followed.get(id)?.end
  if (state.events.hasEventAfter(id, eventsBefore) && isKnown) return true
  if (bullState === 'completed') state.endWithResult(id, job.returnvalue)
  else if (bullState === 'failed') state.endWithFailure(id, job.failedReason)
  else putInOrder(state, lane.name, id, job, bullState === 'active' ? 'running' : 'waiting')
  return true
}

function putInOrder(state: QueueState, lane: string, id: string, job: BullJob, phase: 'waiting' | 'running'): void {
  const { order } = state
  const stored = jobProgressSchema.safeParse(job.progress)
  const progress = phase === 'running' && stored.success ? stored.data.done : 0
  const { person, server, edit, seeds } = payloadOrPlaceholder(job)
  const known = order.get(id)
  if (known) Object.assign(known, { phase, progress })
  else {
    const pictureCount = seeds.length
    order.add({ id, person, server, edit, pictureCount, lane, priority: job.priority, phase, progress })
  }
  state.moved(id)
}

/** For a job that can't be read, as little as possible: its worker will fail it and say why. */
function payloadOrPlaceholder(job: BullJob) {
  try {
    return parsePayload(job.data)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { person: '', server: undefined, edit: { kind: 'square' } as const, seeds: [0] }
  }
}
