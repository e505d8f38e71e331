import type { Painter } from '../inference/painter.js'
import { ProblemError } from '../problem.js'
import { ended, type Job, type JobQueue, type JobState } from './queue.js'

export type LocalQueueOptions = {
  /** One a device: each runs one job at a time. Closed with the queue. */
  readonly painters: readonly Painter[]
  /** The most jobs that may wait. */
  readonly limit: number
  /** Takes what was thrown and is no problem of the person's, and returns the id under which it can be found. */
  readonly report: (error: unknown, job: Job) => string
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

const stopped = { state: 'failed', problem: { code: 'stopped' } } as const

/** A queue in this process's memory: what waits is lost when the process ends. */
export function localQueue({ painters, limit, report }: LocalQueueOptions): JobQueue {
  const entries = new Map<string, Entry>()
  const waiting: Entry[] = [] // sorted by turn, then by arrival
  const idle = [...painters]
  const runs = new Set<Promise<void>>()
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

  function tellPlaces(): void {
    waiting.forEach((entry, index) => {
      if (entry.state.state !== 'waiting' || entry.state.place !== index + 1) {
        set(entry, { state: 'waiting', place: index + 1 })
      }
    })
  }

  function startNext(): void {
    while (idle.length > 0 && waiting.length > 0 && !closed) {
      const painter = idle.shift()!
      const entry = waiting.shift()!
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
    try {
      const result = await painter.paint(entry.job.request, {
        signal,
        onProgress: progress => {
          preview = progress.preview ?? preview
          set(entry, { state: 'running', done: progress.done, ...(preview && { preview }) })
        },
      })
      set(entry, { state: 'done', result })
    } catch (error) {
      if (closed) set(entry, stopped)
      else if (signal.aborted) set(entry, { state: 'cancelled' })
      else if (error instanceof ProblemError) set(entry, { state: 'failed', problem: error.problem })
      else set(entry, { state: 'failed', problem: { code: 'bug', incident: report(error, entry.job) } })
    }
  }

  return {
    async add(job) {
      if (closed) throw new Error('the queue was closed')
      if (entries.has(job.id)) throw new Error(`there is a job ${job.id} already`)
      if (waiting.length >= limit) throw new ProblemError({ code: 'queue-full', waiting: waiting.length, limit })
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
      entry.stop.abort()
      const place = waiting.indexOf(entry)
      if (place >= 0) {
        waiting.splice(place, 1)
        set(entry, { state: 'cancelled' })
        tellPlaces()
      }
      return true
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

function signalled(): { readonly fired: Promise<void>; readonly fire: () => void } {
  let fire = () => {}
  const fired = new Promise<void>(resolve => {
    fire = resolve
  })
  return { fired, fire }
}
