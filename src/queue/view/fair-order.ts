import type { JobInfo } from '../queue.js'
import { expectedRunTime } from './expected-run-time.js'
import type { QueueEntry } from './queue-entry.js'
import { shownStates } from './shown-states.js'

export type FairOrderOptions = {
  /** How many devices serve a lane. */
  readonly deviceCount: (lane: string) => number
}

/** The largest priority that BullMQ accepts. */
const MAX_PRIORITY = 2 ** 21 - 1

/**
 * The order in which jobs are taken, with positions and expected waits. It knows all jobs that have not ended.
 *
 * It is fair by turns (round robin): in each round, every person who waits is served once. Those with priority come
 * first within a round.
 */
export function fairOrder({ deviceCount }: FairOrderOptions) {
  /** In the order in which they were added. */
  const entries = new Map<string, QueueEntry>()
  const pausedServers = new Set<string>()
  const runTime = expectedRunTime()
  let round = 0 // of the job that was started last
  /** Undefined until it is computed, and after each change. */
  let cachedStates: Map<string, JobInfo['state']> | undefined
  let cachedCounts: { waiting: number; running: number } | undefined

  const isPaused = ({ server }: QueueEntry) => server !== undefined && pausedServers.has(server)
  const entriesIn = (phase: QueueEntry['phase']) => [...entries.values()].filter(entry => entry.phase === phase)

  /** The waiting jobs in the order in which they will be taken, paused ones last. */
  const waitingInOrder = () => {
    const sorted = entriesIn('waiting').sort((one, other) => one.priority - other.priority)
    return [...sorted.filter(entry => !isPaused(entry)), ...sorted.filter(isPaused)]
  }

  function change(id: string, how: (entry: QueueEntry) => void): void {
    const entry = entries.get(id)
    if (!entry) return
    cachedStates = undefined
    cachedCounts = undefined
    how(entry)
  }

  return {
    /** Call `invalidate` after changing it. */
    pausedServers,
    get: (id: string) => entries.get(id),
    /** Whether its server is paused. */
    isPaused(id: string): boolean {
      const entry = entries.get(id)
      return entry !== undefined && isPaused(entry)
    },
    ids: () => [...entries.keys()],
    ofServer: (server: string) => [...entries.values()].filter(entry => entry.server === server),

    /** The paused servers, or the numbers of devices, have changed. */
    invalidate(): void {
      cachedStates = undefined
    },

    add(entry: QueueEntry): void {
      cachedStates = undefined
      cachedCounts = undefined
      entries.set(entry.id, entry)
      if (entry.phase === 'running') round = Math.max(round, roundOf(entry))
    },

    start(id: string): void {
      change(id, entry => {
        Object.assign(entry, { phase: 'running', progress: 0 })
        round = Math.max(round, roundOf(entry))
      })
    },

    setProgress(id: string, progress: number): void {
      change(id, entry => Object.assign(entry, { phase: 'running', progress }))
    },

    /** Back to its old position: its worker was lost, or it will be retried. */
    requeue(id: string): void {
      change(id, entry => Object.assign(entry, { phase: 'waiting', progress: 0 }))
    },

    /** @param tookMs of a job that was done */
    remove(id: string, tookMs?: number): void {
      change(id, ({ pictureCount }) => {
        entries.delete(id)
        if (entries.size === 0) round = 0
        if (tookMs !== undefined) runTime.record(tookMs, pictureCount)
      })
    },

    /** How many jobs wait and run. */
    counts(): { waiting: number; running: number } {
      cachedCounts ??= { waiting: entriesIn('waiting').length, running: entriesIn('running').length }
      return cachedCounts
    },

    /** How many jobs wait: of all, of a person, of a server. */
    countWaiting(person: string, server: string | undefined): { total: number; ofPerson: number; ofServer: number } {
      const count = { total: 0, ofPerson: 0, ofServer: 0 }
      for (const entry of entriesIn('waiting')) {
        count.total++
        if (entry.person === person) count.ofPerson++
        if (server !== undefined && entry.server === server) count.ofServer++
      }
      return count
    },

    /**
     * The priority of a person's next job. It goes into the round after their last one that waits, so that every other
     * person comes once before it. A person without jobs joins the current round.
     *
     * @param isFirst whether the person comes before the others of a round
     */
    priorityFor(person: string, isFirst: boolean): number {
      let next = round
      for (const entry of entries.values()) {
        if (entry.person !== person) continue
        next = Math.max(next, (entry.phase === 'waiting' ? roundOf(entry) : round) + 1)
      }
      return priorityIn(next, isFirst)
    },

    stateOf(id: string): JobInfo['state'] | undefined {
      const entry = entries.get(id)
      return entry?.phase === 'running' ? { state: 'running', progress: entry.progress } : this.states().get(id)
    },

    /** The state of each job: those that run, then those that wait, in order. */
    states(): ReadonlyMap<string, JobInfo['state']> {
      cachedStates ??= shownStates({
        running: entriesIn('running'),
        waiting: waitingInOrder(),
        deviceCount,
        runTimeOf: ({ pictureCount }) => runTime.of(pictureCount),
        isPaused,
      })
      return cachedStates
    },
  }
}

/** In each round, the people with priority have the odd number and the others the even one. Round 0 is the first. */
function priorityIn(round: number, isFirst: boolean): number {
  return Math.min(round * 2 + (isFirst ? 1 : 2), MAX_PRIORITY)
}

function roundOf({ priority }: QueueEntry): number {
  return (priority - 1) >> 1
}
