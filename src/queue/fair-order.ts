import type { Edit } from '../inference/pipeline/edit.js'
import type { JobInfo, JobState } from './queue.js'

/** A job as the line sees it. */
export type QueueEntry = {
  readonly id: string
  readonly person: string
  readonly server: string | undefined
  readonly edit: Edit
  readonly pictures: number
  readonly lane: string
  /** Jobs with a smaller number go first; see `priorityFor`. */
  readonly priority: number
  phase: 'waiting' | 'running'
  /** How far it is, from 0 to 1, while it runs. */
  done: number
}

export type FairOrderOptions = {
  /** How many devices serve a lane. */
  readonly painters: (lane: string) => number
}

/** So many of the last jobs tell how long the next will take. */
const MEASURED = 20

/** The largest number that BullMQ takes as a priority. */
const LAST = 2 ** 21 - 1

/**
 * Who is before whom: the jobs that have not ended, in the order in which they are taken, with what is known about how
 * long that will take.
 *
 * People take turns. Time goes in rounds, and in each round everybody who waits is served once, those who go first
 * before the others.
 */
export function fairOrder({ painters }: FairOrderOptions) {
  /** In the order of their arrival. */
  const entries = new Map<string, QueueEntry>()
  const held = new Set<string>()
  const lasted: number[] = [] // milliseconds a picture, of the last jobs
  let round = 0 // of the job that was started last
  /** How all stand, until something changes. */
  let known: Map<string, JobInfo['state']> | undefined

  const roundOf = ({ priority }: QueueEntry) => (priority - 1) >> 1
  const isHeld = ({ server }: QueueEntry) => server !== undefined && held.has(server)
  const waiting = () => [...entries.values()].filter(({ phase }) => phase === 'waiting')
  const running = () => [...entries.values()].filter(({ phase }) => phase === 'running')
  const expected = ({ pictures }: Pick<QueueEntry, 'pictures'>) => {
    const median = [...lasted].sort((one, other) => one - other)[lasted.length >> 1]
    return median === undefined ? undefined : median * pictures
  }

  /** Those that move, in their order, then those that are held. */
  const inOrder = () => {
    const sorted = waiting().sort((one, other) => one.priority - other.priority)
    return [...sorted.filter(entry => !isHeld(entry)), ...sorted.filter(isHeld)]
  }

  return {
    held,
    get: (id: string) => entries.get(id),
    ids: () => [...entries.keys()],
    of: (server: string) => [...entries.values()].filter(entry => entry.server === server),

    /** Who is held, or how many paint, is not what it was. */
    changed(): void {
      known = undefined
    },

    add(entry: QueueEntry): void {
      known = undefined
      entries.set(entry.id, entry)
      if (entry.phase === 'running') round = Math.max(round, roundOf(entry))
    },

    start(id: string): void {
      const entry = entries.get(id)
      if (!entry) return
      known = undefined
      entry.phase = 'running'
      entry.done = 0
      round = Math.max(round, roundOf(entry))
    },

    progress(id: string, done: number): void {
      const entry = entries.get(id)
      if (!entry) return
      known = undefined
      Object.assign(entry, { phase: 'running', done })
    },

    /** Back in its place: its worker was lost, or will try again. */
    wait(id: string): void {
      const entry = entries.get(id)
      if (!entry) return
      known = undefined
      Object.assign(entry, { phase: 'waiting', done: 0 })
    },

    /** @param took in milliseconds, of a job that was done */
    end(id: string, took?: number): void {
      const entry = entries.get(id)
      if (!entry) return
      known = undefined
      entries.delete(id)
      if (entries.size === 0) round = 0
      if (took === undefined) return
      lasted.push(took / entry.pictures)
      if (lasted.length > MEASURED) lasted.shift()
    },

    /** How many wait: of all, of a person, of a server. */
    waiting(person: string, server: string | undefined): { all: number; mine: number; ours: number } {
      const count = { all: 0, mine: 0, ours: 0 }
      for (const entry of entries.values()) {
        if (entry.phase !== 'waiting') continue
        count.all++
        if (entry.person === person) count.mine++
        if (server !== undefined && entry.server === server) count.ours++
      }
      return count
    },

    /**
     * A person's next job goes into the round after their last one that still waits, so that every other person comes
     * first once; somebody new goes into the round that is being served.
     *
     * @param first whether the person goes before the others of a round
     */
    priorityFor(person: string, first: boolean): number {
      let turn = round
      for (const entry of entries.values()) {
        if (entry.person !== person) continue
        turn = Math.max(turn, (entry.phase === 'waiting' ? roundOf(entry) : round) + 1)
      }
      return Math.min(turn * 2 + (first ? 1 : 2), LAST)
    },

    /** How one job stands. */
    stateOf(id: string): JobInfo['state'] | undefined {
      const entry = entries.get(id)
      return entry?.phase === 'running' ? { state: 'running', done: entry.done } : this.states().get(id)
    },

    /** How each job stands, those that run first. Waits are in milliseconds, as far as anything was measured. */
    states(): ReadonlyMap<string, JobInfo['state']> {
      if (known) return known
      const states = new Map<string, JobInfo['state']>()
      const ahead = new Map<string, number>() // milliseconds of work, by lane
      const places = new Map<string, number>()
      const more = (lane: string, time: number) => ahead.set(lane, (ahead.get(lane) ?? 0) + time)
      for (const entry of running()) {
        states.set(entry.id, { state: 'running', done: entry.done })
        more(entry.lane, (1 - entry.done) * (expected(entry) ?? 0))
      }
      for (const entry of inOrder()) {
        const { id, lane } = entry
        const place = (places.get(lane) ?? 0) + 1
        places.set(lane, place)
        const own = expected(entry)
        const devices = painters(lane)
        const wait = own === undefined || devices === 0 ? undefined : (ahead.get(lane) ?? 0) / devices
        states.set(id, {
          state: 'waiting',
          place,
          ...(isHeld(entry) ? { held: true } : devices === 0 ? { unmanned: true } : wait !== undefined && { wait }),
        })
        more(lane, own ?? 0)
      }
      known = states
      return states
    },
  }
}

/** Whether a person would see no difference: waits are told in whole seconds. */
export function looksSame(before: JobState, now: JobState): boolean {
  if (before.state === 'running' && now.state === 'running') {
    return before.done === now.done && before.preview === now.preview
  }
  if (before.state !== 'waiting' || now.state !== 'waiting') return false
  if (before.place !== now.place || before.held !== now.held || before.unmanned !== now.unmanned) return false
  return Math.abs((before.wait ?? 0) - (now.wait ?? 0)) < 1000
}
