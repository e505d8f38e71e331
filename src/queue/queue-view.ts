import type { Job as BullJob, Queue, QueueEvents, QueueEventsListener } from 'bullmq'
import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { fairOrder } from './fair-order.js'
import { type JobRequirements, LANE_MEGAPIXELS, lanesOf } from './lanes.js'
import {
  fromBullJobId,
  jobProgressSchema,
  parseFailedReason,
  parsePayload,
  parseStoredResult,
  type StoredResult,
  toBullJobId,
} from './payload.js'
import type { JobState } from './queue.js'
import { countCapableDevices, listWorkers, subscribeToWorkers, type WorkerInfo } from './worker-registry.js'

/** How often what was heard is compared with what is, in milliseconds. */
const COMPARE = 15_000

/** Places in line are told at most so often, in milliseconds. */
const TELL = 250

/** Servers whose jobs are passed by. */
export const PAUSED_SERVERS = 'held'

/** Told of each job that was taken out of the line: on PostgreSQL BullMQ itself says nothing. */
export const REMOVED_CHANNEL = 'removed'

/** How a job that is followed here stands. */
export type FollowedJob = {
  readonly lane: string
  /** Its end, as soon as it is known; the pictures of one that was done lie elsewhere. */
  end: JobState | { state: 'stored'; result: StoredResult } | undefined
  /** The count of the latest preview. */
  preview: number
  /** Resolved and renewed with each change. */
  changed: ReturnType<typeof signalled>
}

/**
 * The line as it lies in the backend, kept up to date by the events of all lanes, so that places and waits can be told
 * without asking. Some word may be missed: now and then, and after each gap, it is compared with what is there.
 */
/** @param onError takes what went wrong in the background: it is tried again */
export async function queueView(backend: Backend, engines: readonly string[], onError: (error: Error) => void) {
  const { store } = backend
  const lanes = new Map<string, { queue: Queue; events: QueueEvents }>()
  const watched = new Map<string, FollowedJob>()
  let roster: ReadonlyMap<string, WorkerInfo> = new Map()
  const able = new Map<string, number>()
  const line = fairOrder({ painters: lane => able.get(lane) ?? 0 })
  let closed = false
  let telling: NodeJS.Timeout | undefined
  // What was heard while it was being read is newer than what was read.
  const heardOf = new Map<string, number>()
  let clock = 0
  /** Jobs that were not there when they were last looked for. */
  const missing = new Set<string>()

  function wake(id: string): void {
    const one = watched.get(id)
    if (!one) return
    const { fire } = one.changed
    one.changed = signalled()
    fire()
  }

  /** Somebody's place may have changed. */
  function tellPlaces(): void {
    line.changed()
    telling ??= setTimeout(() => {
      telling = undefined
      for (const id of watched.keys()) wake(id)
    }, TELL)
  }

  function end(id: string, how: NonNullable<FollowedJob['end']>, took?: number): void {
    line.end(id, took)
    const one = watched.get(id)
    if (one) one.end ??= how
    wake(id)
    tellPlaces()
  }

  function listen(lane: string, queue: Queue, events: QueueEvents): void {
    events.on('error', onError)
    const hear = <
      E extends 'added' | 'active' | 'waiting' | 'delayed' | 'progress' | 'completed' | 'failed' | 'removed',
    >(
      event: E,
      handle: (about: Parameters<QueueEventsListener[E]>[0]) => void,
    ) => {
      const listener = (about: Parameters<QueueEventsListener[E]>[0]) => {
        heardOf.set(about.jobId, ++clock)
        try {
          handle(about)
        } catch (error) {
          onError(error as Error)
        }
      }
      events.on(event, listener as QueueEventsListener[E])
    }
    const moved = (id: string) => {
      wake(id)
      tellPlaces()
    }
    hear('added', ({ jobId }) => {
      if (!line.get(fromBullJobId(jobId))) void learn(lane, queue, jobId).catch(onError)
    })
    hear('active', ({ jobId }) => {
      line.start(fromBullJobId(jobId))
      moved(fromBullJobId(jobId))
    })
    for (const event of ['waiting', 'delayed'] as const) {
      hear(event, ({ jobId }) => {
        line.wait(fromBullJobId(jobId))
        moved(fromBullJobId(jobId))
      })
    }
    hear('progress', ({ jobId, data }) => {
      const { done, preview } = jobProgressSchema.parse(data)
      const id = fromBullJobId(jobId)
      line.progress(id, done)
      const one = watched.get(id)
      if (one && preview !== undefined) one.preview = preview
      wake(id)
    })
    hear('completed', ({ jobId, returnvalue }) => stored(fromBullJobId(jobId), returnvalue))
    hear('failed', ({ jobId, failedReason }) => end(fromBullJobId(jobId), failure(failedReason)))
    hear('removed', ({ jobId }) => end(fromBullJobId(jobId), { state: 'cancelled' }))
  }

  function stored(id: string, returnvalue: unknown): void {
    try {
      const result = parseStoredResult(typeof returnvalue === 'string' ? JSON.parse(returnvalue) : returnvalue)
      end(id, { state: 'stored', result }, result.timings.total)
    } catch (error) {
      // A worker of another version wrote it.
      onError(error as Error)
      end(id, { state: 'failed', problem: { code: 'job-incompatible' } })
    }
  }

  /** Take a job into the line as it lies in the queue, unless word of it comes meanwhile. @returns whether it is there */
  async function learn(lane: string, queue: Queue, jobId: string): Promise<boolean> {
    const before = clock
    // In this order: what has ended by its state has its result when it is read.
    const state = await queue.getJobState(jobId)
    const job = await queue.getJob(jobId)
    if (!job) return false
    const id = fromBullJobId(jobId)
    if ((heardOf.get(jobId) ?? 0) > before && (line.get(id) || watched.get(id)?.end)) return true
    if (state === 'completed') stored(id, job.returnvalue)
    else if (state === 'failed') end(id, failure(job.failedReason))
    else place(id, lane, job, state === 'active' ? 'running' : 'waiting')
    return true
  }

  function place(id: string, lane: string, job: BullJob, phase: 'waiting' | 'running'): void {
    const told = jobProgressSchema.safeParse(job.progress)
    const done = phase === 'running' && told.success ? told.data.done : 0
    const known = line.get(id)
    const { person, server, edit, seeds } = readable(job)
    if (known) Object.assign(known, { phase, done })
    else line.add({ id, person, server, edit, pictures: seeds.length, lane, priority: job.priority, phase, done })
    wake(id)
    tellPlaces()
  }

  /** Compare the line with what lies in the queue: some word of it may have been missed. */
  async function compare(): Promise<void> {
    line.held.clear()
    for (const server of (await store.all(PAUSED_SERVERS)).keys()) line.held.add(server)
    await meetWorkers()
    for (const [lane, { queue }] of lanes) {
      const before = clock
      const there = await queue.getJobs(['active', 'prioritized', 'waiting', 'delayed'], 0, 10_000, true)
      const ids = new Set(there.map(job => fromBullJobId(job.id!)))
      const here = (id: string) => (watched.get(id)?.lane ?? line.get(id)?.lane) === lane
      const quiet = (id: string) => (heardOf.get(toBullJobId(id)) ?? 0) <= before
      const doubtful = [...watched.keys(), ...line.ids()].filter(id => here(id) && !watched.get(id)?.end)
      for (const id of new Set([...[...ids].filter(id => !line.get(id)), ...doubtful])) {
        if (!quiet(id)) continue
        if (await learn(lane, queue, toBullJobId(id))) missing.delete(id)
        // Word that it was removed may be on its way.
        else if (missing.has(id)) end(id, { state: 'failed', problem: { code: 'job-lost' } })
        else missing.add(id)
      }
    }
    for (const [jobId] of heardOf)
      if (!line.get(fromBullJobId(jobId)) && !watched.has(fromBullJobId(jobId))) heardOf.delete(jobId)
    for (const id of missing) if (!line.get(id) && !watched.has(id)) missing.delete(id)
  }

  async function meetWorkers(): Promise<void> {
    roster = await listWorkers(backend)
    able.clear()
    for (const { devices } of roster.values()) {
      for (const lane of devices.flatMap(lanesOf)) able.set(lane, (able.get(lane) ?? 0) + 1)
    }
    tellPlaces()
  }

  for (const lane of lanesOf({ engines, largest: LANE_MEGAPIXELS.at(-1)! })) {
    const queue = backend.queue(lane)
    queue.on('error', onError)
    const events = await backend.events(lane)
    lanes.set(lane, { queue, events })
    listen(lane, queue, events)
  }
  const again = () => void compare().catch(onError)
  const unwatch = await subscribeToWorkers(backend, () => void meetWorkers().catch(onError))
  const unhold = await store.subscribe(PAUSED_SERVERS, { heard: again, again })
  const unremove = await store.subscribe(REMOVED_CHANNEL, {
    heard: id => end(id, { state: 'cancelled' }),
    again: () => {},
  })
  await compare()
  // Each comparison waits for the one before it.
  let comparing: NodeJS.Timeout | undefined
  const later = () => {
    comparing = setTimeout(async () => {
      await compare().catch(onError)
      if (!closed) later()
    }, COMPARE).unref()
  }
  later()

  return {
    line,
    queues: () => [...lanes.values()].map(({ queue }) => queue),
    /** @throws Error if there is no such lane */
    queueOf(lane: string): Queue {
      const found = lanes.get(lane)
      if (!found) throw new Error(`there is no lane ${lane}`)
      return found.queue
    },
    watched: (id: string) => watched.get(id),
    /** @param isNew nobody else can have touched it yet */
    watch(id: string, lane: string, isNew: boolean): void {
      if (!watched.has(id)) watched.set(id, { lane, end: undefined, preview: 0, changed: signalled() })
      if (isNew) heardOf.set(toBullJobId(id), ++clock)
      // If it is not there at the next look, it is gone.
      else missing.add(id)
    },
    unwatch(id: string): FollowedJob | undefined {
      const one = watched.get(id)
      watched.delete(id)
      heardOf.delete(toBullJobId(id))
      return one
    },
    end,
    tellPlaces,
    compare,
    /** Whether somebody who paints now could do it; nobody knows of those who may come while nobody is there. */
    isAnybodyAble: (needs: JobRequirements) => roster.size === 0 || countCapableDevices(roster, needs) > 0,
    async close(): Promise<void> {
      closed = true
      clearTimeout(comparing)
      clearTimeout(telling)
      for (const id of watched.keys()) wake(id)
      await Promise.all([unwatch(), unhold(), unremove()])
      for (const { queue, events } of lanes.values()) await Promise.all([events.close(), queue.close()])
    },
  }
}

function failure(reason: string): JobState {
  const problem = parseFailedReason(reason)
  return problem.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', problem }
}

/** What can't be read is shown as little as possible: its worker will say why it can't be painted. */
function readable(job: BullJob) {
  try {
    return parsePayload(job.data)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { person: '', server: undefined, edit: { kind: 'square' } as const, seeds: [0] }
  }
}

function signalled(): { readonly fired: Promise<void>; readonly fire: () => void } {
  let fire = () => {}
  const fired = new Promise<void>(resolve => {
    fire = resolve
  })
  return { fired, fire }
}
