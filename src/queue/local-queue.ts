import type { Painter } from '../inference/painter.js'
import { ProblemError } from '../problem.js'
import { ended, type Job, type JobQueue, type JobState } from './queue.js'

export type LocalQueueOptions = {
  /** One a device: each runs one job at a time. Closed with the queue. */
  readonly painters: readonly Painter[]
  /** The most jobs that may wait, of everybody and of one person. */
  readonly limit: number
  readonly limitPerPerson: number
  /** Takes what was thrown and is no problem of the person's, and returns the id under which it can be found. */
  readonly report: (error: unknown, job: Job) => string
  /** Milliseconds on any clock that does not jump. */
  readonly now?: () => number
}

type Entry = {
  readonly job: Job
  /** In which round of the turn-taking the job is; see `add`. */
  readonly turn: number
  readonly stop: AbortController
  state: JobState
  /** Resolved and renewed with each change of state. */
  changed: ReturnType<typeof signalled>
}

/** Ended jobs that nobody followed to their end are kept, so many of them at most. */
const KEPT = 16

/** So many of the last jobs tell how long the next will take. */
const MEASURED = 20

const stopped = { state: 'failed', problem: { code: 'stopped' } } as const

/** A queue in this process's memory: what waits is lost when the process ends. */
export function localQueue({
  painters,
  limit,
  limitPerPerson,
  report,
  now = () => performance.now(),
}: LocalQueueOptions): JobQueue {
  const entries = new Map<string, Entry>()
  const waiting: Entry[] = [] // sorted by turn, then by arrival
  const idle = [...painters]
  const runs = new Set<Promise<void>>()
  const held = new Set<string>()
  const pace = durations()
  let round = 0 // the turn of the job that was started last
  let closed = false

  function set(entry: Entry, state: JobState): void {
    entry.state = state
    const { fire } = entry.changed
    entry.changed = signalled()
    fire()
    if (!ended(state)) return
    const over = [...entries.values()].filter(other => ended(other.state))
    for (const old of over.slice(0, -KEPT)) entries.delete(old.job.id)
  }

  const isHeld = ({ job }: Entry) => job.server !== undefined && held.has(job.server)

  /** Those that move, in their order, and then those that are held. */
  const inOrder = () => [...waiting.filter(entry => !isHeld(entry)), ...waiting.filter(isHeld)]

  function tellPlaces(): void {
    let ahead = [...entries.values()].reduce((sum, { job, state }) => sum + rest(job, state), 0)
    for (const [index, entry] of inOrder().entries()) {
      const place = index + 1
      const each = pace.expected(entry.job)
      const moving = isHeld(entry) ? ({ held: true } as const) : each !== undefined && { wait: ahead / painters.length }
      const state = { state: 'waiting', place, ...moving } as const
      ahead += each ?? 0
      if (!same(entry.state, state)) set(entry, state)
    }
  }

  /** What is left of a running job, in milliseconds. */
  const rest = (job: Job, state: JobState) =>
    state.state === 'running' ? (1 - state.done) * (pace.expected(job) ?? 0) : 0

  function startNext(): void {
    while (idle.length > 0 && !closed) {
      const entry = waiting.find(one => !isHeld(one))
      if (!entry) break
      const painter = idle.shift()!
      waiting.splice(waiting.indexOf(entry), 1)
      round = entry.turn
      const running = run(entry, painter).finally(() => {
        runs.delete(running)
        idle.push(painter)
        startNext()
      })
      runs.add(running)
    }
    tellPlaces()
  }

  async function run(entry: Entry, painter: Painter): Promise<void> {
    set(entry, { state: 'running', done: 0 })
    const { signal } = entry.stop
    let preview: Uint8Array | undefined
    const start = now()
    try {
      const result = await painter.paint(entry.job.request, {
        signal,
        onProgress: progress => {
          preview = progress.preview ?? preview
          set(entry, { state: 'running', done: progress.done, ...(preview && { preview }) })
        },
      })
      pace.took(entry.job, now() - start)
      set(entry, { state: 'done', result })
    } catch (error) {
      if (closed) set(entry, stopped)
      else if (signal.aborted) set(entry, { state: 'cancelled' })
      else if (error instanceof ProblemError) set(entry, { state: 'failed', problem: error.problem })
      else set(entry, { state: 'failed', problem: { code: 'bug', incident: report(error, entry.job) } })
    }
  }

  function stop(entry: Entry): void {
    entry.stop.abort()
    const place = waiting.indexOf(entry)
    if (place < 0) return
    waiting.splice(place, 1)
    set(entry, { state: 'cancelled' })
  }

  return {
    async add(job) {
      if (closed) throw new Error('the queue was closed')
      if (entries.has(job.id)) throw new Error(`there is a job ${job.id} already`)
      if (waiting.length >= limit) throw new ProblemError({ code: 'queue-full', waiting: waiting.length, limit })
      const mine = waiting.filter(({ job: { person } }) => person === job.person).length
      if (mine >= limitPerPerson) {
        throw new ProblemError({ code: 'queue-full-for-you', waiting: mine, limit: limitPerPerson })
      }
      // A person's next job goes into the round after their last one that still waits, so that every other person
      // comes first once; somebody new goes into the round that is being served.
      const own = waiting.findLast(entry => entry.job.person === job.person)
      const runsNow = [...entries.values()].some(e => e.job.person === job.person && e.state.state === 'running')
      const turn = own ? own.turn + 1 : round + (runsNow ? 1 : 0)
      const place = waiting.findLastIndex(entry => entry.turn <= turn) + 1
      const state = { state: 'waiting', place: place + 1 } as const
      const entry: Entry = { job, turn, stop: new AbortController(), state, changed: signalled() }
      entries.set(job.id, entry)
      waiting.splice(place, 0, entry)
      startNext()
    },

    async *follow(id) {
      const entry = entries.get(id)
      if (!entry) return
      for (;;) {
        const { state, changed } = entry
        yield state
        if (ended(state)) {
          entries.delete(id)
          return
        }
        if (entry.state === state) await changed.fired
      }
    },

    async cancel(id) {
      const entry = entries.get(id)
      if (!entry || ended(entry.state)) return false
      stop(entry)
      tellPlaces()
      return true
    },

    async list() {
      const running = [...entries.values()].filter(({ state }) => state.state === 'running')
      return [...running, ...inOrder()].flatMap(({ job: { id, person, server, request }, state }) =>
        state.state === 'waiting' || state.state === 'running'
          ? [{ id, person, server, edit: request.edit, pictures: request.seeds.length, state }]
          : [],
      )
    },

    async hold(server) {
      held.add(server)
      tellPlaces()
    },

    async release(server) {
      held.delete(server)
      startNext()
    },

    async clear(server) {
      const cleared = waiting.filter(({ job }) => job.server === server)
      for (const entry of cleared) stop(entry)
      tellPlaces()
      return cleared.length
    },

    async close() {
      closed = true
      for (const entry of waiting.splice(0)) set(entry, stopped)
      for (const entry of entries.values()) entry.stop.abort()
      await Promise.all(runs)
      await Promise.all(painters.map(painter => painter.close()))
    },
  }
}

/** How long jobs take, by the last ones that were done. */
function durations() {
  const last: number[] = [] // milliseconds a picture
  return {
    took({ request }: Job, milliseconds: number): void {
      last.push(milliseconds / request.seeds.length)
      if (last.length > MEASURED) last.shift()
    },
    /** In milliseconds; undefined while nothing has been measured. */
    expected({ request }: Job): number | undefined {
      const median = [...last].sort((one, other) => one - other)[last.length >> 1]
      return median === undefined ? undefined : median * request.seeds.length
    },
  }
}

/** Whether a person would see no difference: waits are told in whole seconds. */
function same(before: JobState, { place, wait, held }: Extract<JobState, { state: 'waiting' }>): boolean {
  if (before.state !== 'waiting' || before.place !== place || before.held !== held) return false
  return Math.abs((before.wait ?? 0) - (wait ?? 0)) < 1000
}

function signalled(): { readonly fired: Promise<void>; readonly fire: () => void } {
  let fire = () => {}
  const fired = new Promise<void>(resolve => {
    fire = resolve
  })
  return { fired, fire }
}
