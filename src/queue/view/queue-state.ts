import { parseFailedReason, parseStoredResult, type StoredResult } from '../payload.js'
import type { JobState } from '../queue.js'
import { type ChangeSignal, changeSignal } from './change-signal.js'
import { eventNumbers } from './event-numbers.js'
import { fairOrder } from './fair-order.js'

/** Changed positions are passed on to followers at most this often, in milliseconds. */
const POSITION_INTERVAL_MS = 250

/** A job that this process follows. */
export type FollowedJob = {
  readonly lane: string
  /** Whether this process is still adding it: until then BullMQ doesn't have it. */
  isBeingAdded: boolean
  /** Set once it is known. The pictures of a stored result are in the blob store. */
  end: JobState | { state: 'stored'; result: StoredResult } | undefined
  /** How many previews there were. */
  previewCount: number
  /** Resolves with the next change, and is then replaced by a new signal. */
  change: ChangeSignal
}

export type QueueState = ReturnType<typeof queueState>

/**
 * What this process knows of all jobs that have not ended, and of those that it follows. Events and comparisons with
 * BullMQ change it; see `queue-view.ts`.
 *
 * @param deviceCount how many devices serve a lane
 */
export function queueState(deviceCount: (lane: string) => number, onError: (error: Error) => void) {
  const order = fairOrder({ deviceCount })
  const followed = new Map<string, FollowedJob>()
  const events = eventNumbers()
  /** Jobs that were missing at the last comparison. */
  const missing = new Set<string>()
  let positionTimer: NodeJS.Timeout | undefined

  function notify(id: string): void {
    const job = followed.get(id)
    if (!job) return
    const { fire } = job.change
    job.change = changeSignal()
    fire()
  }

  /** Any position may have changed. */
  function notifyPositions(): void {
    order.invalidate()
    positionTimer ??= setTimeout(() => {
      positionTimer = undefined
      for (const id of followed.keys()) notify(id)
    }, POSITION_INTERVAL_MS)
  }

  function end(id: string, how: NonNullable<FollowedJob['end']>, tookMs?: number): void {
    order.remove(id, tookMs)
    const job = followed.get(id)
    if (job) job.end ??= how
    notify(id)
    notifyPositions()
  }

  const isKnown = (id: string) => order.get(id) !== undefined || followed.has(id)

  return {
    order,
    followed: followed as ReadonlyMap<string, FollowedJob>,
    missing,
    events,
    notify,
    notifyPositions,
    end,

    /** @param isNew whether no other process can have touched it yet */
    follow(id: string, lane: string, isNew: boolean): void {
      if (!followed.has(id)) {
        followed.set(id, { lane, isBeingAdded: isNew, end: undefined, previewCount: 0, change: changeSignal() })
      }
      if (isNew) events.record(id)
      // A job that is not there at the next comparison is lost.
      else missing.add(id)
    },

    /** BullMQ has the new job. */
    added(id: string): void {
      const job = followed.get(id)
      if (job) job.isBeingAdded = false
    },

    unfollow(id: string): FollowedJob | undefined {
      const job = followed.get(id)
      followed.delete(id)
      events.forget(id)
      job?.change.fire()
      return job
    },

    /** A job has started or waits again: its own state and the positions of others have changed. */
    moved(id: string): void {
      notify(id)
      notifyPositions()
    },

    endWithResult(id: string, returnValue: unknown): void {
      try {
        const result = parseStoredResult(typeof returnValue === 'string' ? JSON.parse(returnValue) : returnValue)
        end(id, { state: 'stored', result }, result.timings.total)
      } catch (error) {
        // It comes from a worker of another version.
        onError(error as Error)
        end(id, { state: 'failed', problem: { code: 'job-incompatible' } })
      }
    },

    endWithFailure(id: string, failedReason: string): void {
      const problem = parseFailedReason(failedReason)
      end(id, problem.code === 'cancelled' ? { state: 'cancelled' } : { state: 'failed', problem })
    },

    /** Drop what is kept of jobs that have ended. */
    prune(): void {
      events.keepOnly(isKnown)
      for (const id of missing) if (!isKnown(id)) missing.delete(id)
    },

    close(): void {
      clearTimeout(positionTimer)
      for (const id of followed.keys()) notify(id)
    },
  }
}
