import { randomUUID } from 'node:crypto'
import type { Job as BullJob, Queue, QueueEvents, QueueEventsListener } from 'bullmq'
import { z } from 'zod'
import type { PaintResult } from '../inference/paint.js'
import { ProblemError } from '../problem.js'
import type { Backend } from './backends/backend.js'
import { isUnreachable } from './backends/unreachable.js'
import { laneOf, lanesOf, type Needs, SIZES } from './lanes.js'
import { looksSame, makeLine } from './line.js'
import {
  blobKey,
  parsePayload,
  parseResult,
  payloadOf,
  problemOf,
  progressSchema,
  restoredResult,
  type StoredResult,
} from './payload.js'
import { ended, type JobQueue, type JobState, type Orphan } from './queue.js'
import { ableDevices, isPresent, present, type WorkerInfo, watchWorkers, workers } from './roster.js'

export type JobQueueOptions = {
  /** The engines that jobs may name. */
  readonly engines: readonly string[]
  /** The most jobs that may wait: of everybody, of one person, of one server. */
  readonly limit: number
  readonly limitPerPerson: number
  readonly limitPerServer?: number | undefined
  /** Takes what went wrong in the background: it is tried again. */
  readonly onError: (error: Error) => void
}

/** How often a job is tried, and the pause after the first time, in milliseconds; it doubles. */
const ATTEMPTS = 3
const BACKOFF = 500

/** Ended jobs stay in sight of who runs the machine for so long, in seconds, so many of them at most. */
const KEPT_DONE = { age: 3600, count: 500 }
const KEPT_FAILED = { age: 24 * 3600, count: 500 }

/** How often what was heard is compared with what is, in milliseconds. */
const COMPARE = 15_000

/** Places in line are told at most so often, in milliseconds. */
const TELL = 250

/** Jobs whose end has not reached the person yet, by their id. */
const OPEN = 'open'
const openSchema = z.object({
  /** The process that follows it. */
  by: z.string(),
  lane: z.string(),
  source: z.boolean(),
  mask: z.boolean(),
  ticket: z.unknown(),
})
type Open = z.infer<typeof openSchema>

/** Servers whose jobs are passed by. */
export const HELD = 'held'

/** Told to who may be painting a job: stop. Said again until the job has ended, since nobody may have listened. */
export const CANCEL = 'cancel'
const CANCEL_AGAIN = 2000

/** Told of each job that was taken out of the line: on PostgreSQL BullMQ itself says nothing. */
const REMOVED = 'removed'

/** How a job that is followed here stands. */
type Watched = {
  lane: string
  /** Its end, as soon as it is known. */
  end: JobState | { state: 'stored'; result: StoredResult } | undefined
  /** The count of the latest preview. */
  preview: number
  /** Resolved and renewed with each change. */
  changed: ReturnType<typeof signalled>
}

/** Jobs over BullMQ: in a lane for each engine and size, seen through the events of all lanes. */
export async function jobQueue(backend: Backend, options: JobQueueOptions): Promise<JobQueue> {
  const { engines, limit, limitPerPerson, limitPerServer } = options
  const { notes, blobs } = backend
  const me = `bot:${randomUUID()}`
  const lanes = new Map<string, { queue: Queue; events: QueueEvents }>()
  const watched = new Map<string, Watched>()
  let roster: ReadonlyMap<string, WorkerInfo> = new Map()
  const able = new Map<string, number>()
  const line = makeLine({ painters: lane => able.get(lane) ?? 0 })
  let closed = false
  // What is under way when the queue is closed may find nothing there any more.
  const onError = (error: Error) => {
    if (!closed) options.onError(error)
  }
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

  function end(id: string, how: NonNullable<Watched['end']>, took?: number): void {
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
        handle(about)
      }
      events.on(event, listener as QueueEventsListener[E])
    }
    const moved = (id: string) => {
      wake(id)
      tellPlaces()
    }
    hear('added', ({ jobId }) => {
      if (!line.get(idOf(jobId))) void learn(lane, queue, jobId).catch(onError)
    })
    hear('active', ({ jobId }) => {
      line.start(idOf(jobId))
      moved(idOf(jobId))
    })
    for (const event of ['waiting', 'delayed'] as const) {
      hear(event, ({ jobId }) => {
        line.wait(idOf(jobId))
        moved(idOf(jobId))
      })
    }
    hear('progress', ({ jobId, data }) => {
      const { done, preview } = progressSchema.parse(data)
      const id = idOf(jobId)
      line.progress(id, done)
      const one = watched.get(id)
      if (one && preview !== undefined) one.preview = preview
      wake(id)
    })
    hear('completed', ({ jobId, returnvalue }) => stored(idOf(jobId), returnvalue))
    hear('failed', ({ jobId, failedReason }) => end(idOf(jobId), failure(failedReason)))
    hear('removed', ({ jobId }) => end(idOf(jobId), { state: 'cancelled' }))
  }

  function stored(id: string, returnvalue: unknown): void {
    const result = parseResult(typeof returnvalue === 'string' ? JSON.parse(returnvalue) : returnvalue)
    end(id, { state: 'stored', result }, result.timings.total)
  }

  /** Take a job into the line as it lies in the queue, unless word of it comes meanwhile. @returns whether it is there */
  async function learn(lane: string, queue: Queue, jobId: string): Promise<boolean> {
    const before = clock
    // In this order: what has ended by its state has its result when it is read.
    const state = await queue.getJobState(jobId)
    const job = await queue.getJob(jobId)
    if (!job) return false
    const id = idOf(jobId)
    if ((heardOf.get(jobId) ?? 0) > before && (line.get(id) || watched.get(id)?.end)) return true
    if (state === 'completed') stored(id, job.returnvalue)
    else if (state === 'failed') end(id, failure(job.failedReason))
    else place(id, lane, job, state === 'active' ? 'running' : 'waiting')
    return true
  }

  function place(id: string, lane: string, job: BullJob, phase: 'waiting' | 'running'): void {
    const told = progressSchema.safeParse(job.progress)
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
    for (const server of (await notes.all(HELD)).keys()) line.held.add(server)
    await meetWorkers()
    for (const [lane, { queue }] of lanes) {
      const before = clock
      const there = await queue.getJobs(['active', 'prioritized', 'waiting', 'delayed'], 0, 10_000, true)
      const ids = new Set(there.map(job => idOf(job.id!)))
      const here = (id: string) => (watched.get(id)?.lane ?? line.get(id)?.lane) === lane
      const quiet = (id: string) => (heardOf.get(jobIdOf(id)) ?? 0) <= before
      const doubtful = [...watched.keys(), ...line.ids()].filter(id => here(id) && !watched.get(id)?.end)
      for (const id of new Set([...[...ids].filter(id => !line.get(id)), ...doubtful])) {
        if (!quiet(id)) continue
        if (await learn(lane, queue, jobIdOf(id))) missing.delete(id)
        // Word that it was removed may be on its way.
        else if (missing.has(id)) end(id, { state: 'failed', problem: { code: 'job-lost' } })
        else missing.add(id)
      }
    }
    for (const [jobId] of heardOf) if (!line.get(idOf(jobId)) && !watched.has(idOf(jobId))) heardOf.delete(jobId)
    for (const id of missing) if (!line.get(id) && !watched.has(id)) missing.delete(id)
  }

  async function meetWorkers(): Promise<void> {
    roster = await workers(backend)
    able.clear()
    for (const { devices } of roster.values()) {
      for (const lane of devices.flatMap(lanesOf)) able.set(lane, (able.get(lane) ?? 0) + 1)
    }
    tellPlaces()
  }

  function watch(id: string, lane: string): Watched {
    const known = watched.get(id)
    if (known) return known
    const one: Watched = { lane, end: undefined, preview: 0, changed: signalled() }
    watched.set(id, one)
    return one
  }

  async function openJobs(): Promise<Map<string, Open>> {
    const all = await notes.all(OPEN)
    return new Map([...all].map(([id, text]) => [id, openSchema.parse(JSON.parse(text))]))
  }

  /** How a followed job stands, with its pictures. */
  async function stateOf(id: string, one: Watched, seen: { preview: number; bytes?: Uint8Array | undefined }) {
    if (one.end?.state === 'stored') return finished(one.end.result)
    if (one.end) return one.end
    const state = line.stateOf(id)
    if (state?.state !== 'running' || one.preview === 0) return state
    if (seen.preview !== one.preview) {
      const { preview } = one
      const bytes = await blobs.get(blobKey(id, 'preview'))
      if (bytes) seen.bytes = new Uint8Array(bytes)
      seen.preview = preview
    }
    return seen.bytes ? { ...state, preview: seen.bytes } : state
  }

  async function finished(result: StoredResult): Promise<JobState> {
    const pngs = await Promise.all(result.pictures.map(({ blob }) => blobs.get(blob)))
    if (pngs.some(png => png === undefined)) return { state: 'failed', problem: { code: 'job-lost' } }
    const whole: PaintResult = restoredResult(result, pngs as Uint8Array[])
    return { state: 'done', result: whole }
  }

  async function forget(id: string, { source, mask }: Pick<Open, 'source' | 'mask'>): Promise<void> {
    const one = watched.get(id)
    watched.delete(id)
    const result = one?.end?.state === 'stored' ? one.end.result : undefined
    heardOf.delete(jobIdOf(id))
    const left = [
      ...(one?.preview ? [blobKey(id, 'preview')] : []),
      ...(source ? [blobKey(id, 'source')] : []),
      ...(mask ? [blobKey(id, 'mask')] : []),
      ...(result?.pictures.map(({ blob }) => blob) ?? []),
    ]
    await Promise.all([notes.drop(OPEN, id), left.length > 0 && blobs.drop(left)])
  }

  const own = new Map<string, Open>()

  /** Remove a job that waits. @returns false if it does not, or not any more */
  async function removed(id: string): Promise<boolean> {
    const lane = line.get(id)?.lane
    const queue = lane && lanes.get(lane)?.queue
    if (!queue) return false
    try {
      if ((await queue.remove(jobIdOf(id))) !== 1) return false
      await notes.publish(REMOVED, id)
      return true
    } catch (error) {
      // Somebody has just begun to paint it.
      if (/locked|could not be removed/i.test((error as Error).message)) return false
      throw error
    }
  }

  async function tellToStop(id: string): Promise<void> {
    if (closed || !line.get(id)) return
    await notes.publish(CANCEL, id)
    setTimeout(() => void tellToStop(id).catch(onError), CANCEL_AGAIN).unref()
  }

  for (const lane of lanesOf({ engines, largest: SIZES.at(-1)! })) {
    const queue = backend.queue(lane)
    queue.on('error', onError)
    const events = await backend.events(lane)
    lanes.set(lane, { queue, events })
    listen(lane, queue, events)
  }
  const leave = await present(backend, me, onError)
  const unwatch = await watchWorkers(backend, () => void meetWorkers().catch(onError))
  const unhold = await notes.subscribe(HELD, {
    heard: () => void compare().catch(onError),
    again: () => void compare().catch(onError),
  })
  const unremove = await notes.subscribe(REMOVED, {
    heard: id => end(id, { state: 'cancelled' }),
    again: () => {},
  })
  await compare()
  // Each comparison waits for the one before it.
  let comparing: NodeJS.Timeout | undefined
  const later = () => {
    comparing = setTimeout(
      () =>
        void compare()
          .catch(onError)
          .finally(() => !closed && later()),
      COMPARE,
    ).unref()
  }
  later()

  const queue: JobQueue = {
    async add({ id, person, server, request, megapixels, first = false, ticket }) {
      if (closed) throw new ProblemError({ code: 'stopped' })
      const needs: Needs = { engine: request.engine, megapixels }
      if (roster.size > 0 && ableDevices(roster, needs) === 0) {
        throw new ProblemError({ code: 'nobody-able', engine: request.engine, megapixels: Math.ceil(megapixels) })
      }
      const { all, mine, ours } = line.waiting(person, server)
      if (all >= limit) throw new ProblemError({ code: 'queue-full', waiting: all, limit })
      if (mine >= limitPerPerson) {
        throw new ProblemError({ code: 'queue-full-for-you', waiting: mine, limit: limitPerPerson })
      }
      if (limitPerServer !== undefined && ours >= limitPerServer) {
        throw new ProblemError({ code: 'queue-full-for-server', waiting: ours, limit: limitPerServer })
      }
      if (line.get(id) || watched.has(id)) throw new Error(`there is a job ${id} already`)
      const lane = laneOf(needs)
      const { queue } = lanes.get(lane) ?? {}
      if (!queue) throw new Error(`there is no lane ${lane}`)
      const { edit, seeds, source, mask } = request
      const priority = line.priorityFor(person, first)
      const entry = { id, person, server, edit, pictures: seeds.length, lane, priority, phase: 'waiting', done: 0 }
      // Before anything is awaited, so that the next one counts it.
      line.add({ ...entry, phase: 'waiting' })
      watch(id, lane)
      heardOf.set(jobIdOf(id), ++clock)
      const record: Open = { by: me, lane, source: source !== undefined, mask: mask !== undefined, ticket }
      try {
        await backend.assertRoom((source?.length ?? 0) + (mask?.length ?? 0))
        const kept = Promise.all([
          notes.put(OPEN, id, JSON.stringify(record)),
          source && blobs.put(blobKey(id, 'source'), source),
          mask && blobs.put(blobKey(id, 'mask'), mask),
        ])
        if (!backend.inOrder) await kept
        const added = queue.add('paint', payloadOf(request, { person, server }), {
          jobId: jobIdOf(id),
          priority,
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: BACKOFF },
          removeOnComplete: KEPT_DONE,
          removeOnFail: KEPT_FAILED,
        })
        await Promise.all([kept, added])
        own.set(id, record)
        tellPlaces()
      } catch (error) {
        line.end(id)
        watched.delete(id)
        await Promise.all([queue.remove(jobIdOf(id)), forget(id, record)]).catch(onError)
        throw error
      }
    },

    async *follow(id) {
      const one = watched.get(id)
      if (!one) return
      const seen = { preview: 0 }
      let told: JobState | undefined
      for (;;) {
        const { changed } = one
        const state = await stateOf(id, one, seen)
        if (state && !(told && looksSame(told, state))) {
          told = state
          yield state
          if (ended(state)) return
        }
        if (closed) return
        if (one.changed === changed) await changed.fired
      }
    },

    async retell(id, ticket) {
      const record = own.get(id)
      if (!record) return
      const next = { ...record, ticket }
      own.set(id, next)
      await notes.put(OPEN, id, JSON.stringify(next))
    },

    async settle(id) {
      const record = own.get(id)
      own.delete(id)
      if (record) await forget(id, record)
    },

    async adopt() {
      const found: Orphan[] = []
      const present = new Map<string, boolean>()
      for (const [id, record] of await openJobs()) {
        if (watched.has(id)) continue
        // Where nobody else can be, whoever it was is gone.
        const there = present.get(record.by) ?? (backend.shared && (await isPresent(backend, record.by)))
        present.set(record.by, there)
        if (there) continue
        if (!(await notes.claim(`adopt:${id}:${record.by}`, 3600))) continue
        const next = { ...record, by: me }
        own.set(id, next)
        watch(id, record.lane)
        missing.add(id)
        await notes.put(OPEN, id, JSON.stringify(next))
        const [source, mask] = await Promise.all([
          record.source ? blobs.get(blobKey(id, 'source')) : undefined,
          record.mask ? blobs.get(blobKey(id, 'mask')) : undefined,
        ])
        found.push({ id, ticket: record.ticket, ...(source && { source }), ...(mask && { mask }) })
      }
      if (found.length > 0) await compare()
      return found
    },

    async cancel(id) {
      const entry = line.get(id)
      if (!entry) return false
      if (await removed(id)) {
        end(id, { state: 'cancelled' })
        return true
      }
      await tellToStop(id)
      return true
    },

    async list() {
      return [...line.states()].flatMap(([id, state]) => {
        const entry = line.get(id)
        if (!entry) return []
        const { person, server, edit, pictures } = entry
        return [{ id, person, server, edit, pictures, state }]
      })
    },

    async hold(server) {
      await notes.put(HELD, server, '')
      line.held.add(server)
      await notes.publish(HELD, server)
      tellPlaces()
    },

    async release(server) {
      await notes.drop(HELD, server)
      line.held.delete(server)
      await notes.publish(HELD, server)
      // Those that came to their turn meanwhile were put aside.
      for (const { queue } of lanes.values()) {
        for (const job of await queue.getDelayed()) {
          if (parsePayload(job.data).server === server) await job.promote()
        }
      }
      tellPlaces()
    },

    async clear(server) {
      const waiting = [...line.states()].filter(
        ([id, { state }]) => state === 'waiting' && line.get(id)?.server === server,
      )
      let count = 0
      for (const [id] of waiting) {
        if (!(await removed(id))) continue
        end(id, { state: 'cancelled' })
        count++
      }
      return count
    },

    isFirst: event => notes.claim(`first:${event}`, 3600),

    async close() {
      if (closed) return
      closed = true
      clearTimeout(comparing)
      clearTimeout(telling)
      for (const id of watched.keys()) wake(id)
      await leave().catch(onError)
      await Promise.all([unwatch(), unhold(), unremove()])
      for (const { queue, events } of lanes.values()) await Promise.all([events.close(), queue.close()])
    },
  }
  return reaching(queue)
}

/** What stands between us and where the jobs are is told as such; our own mistakes are not. */
function reaching(queue: JobQueue): JobQueue {
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args)
      } catch (cause) {
        if (!isUnreachable(cause)) throw cause
        throw new ProblemError({ code: 'queue-unreachable' }, { cause })
      }
    }
  const { follow, close, ...rest } = queue
  const entries = Object.entries(rest).map(([name, method]) => [name, guarded(method as () => Promise<unknown>)])
  return { ...Object.fromEntries(entries), follow, close } as JobQueue
}

/** BullMQ takes no number as a name. */
const jobIdOf = (id: string) => `job-${id}`
export const idOf = (jobId: string) => jobId.slice('job-'.length)

function failure(reason: string): JobState {
  const problem = problemOf(reason)
  return problem.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', problem }
}

/** What can't be read is shown as little as possible: its worker will say why it can't be painted. */
function readable(job: BullJob) {
  try {
    return parsePayload(job.data)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
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
