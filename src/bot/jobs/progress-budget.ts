import { hasEnded, type JobQueue, type JobState } from '../../queue/queue.js'
import { createPacer, type ThrottleOptions } from './throttle.js'

/**
 * Edits of progress messages a second: for the jobs that wait, and as many for those that run. Discord allows 50 requests
 * a second to all bots with one token. The rest is for results and first answers.
 */
const EDITS_PER_SECOND = 10

/** The times between two edits of a message, in milliseconds, from a short queue to a long one. */
const EDIT_INTERVALS_MS = [2000, 10_000, 30_000, 60_000]

/** When the progress of each job may be shown again. */
export type ProgressBudget = (queue: Pick<JobQueue, 'counts'>) => ThrottleOptions<JobState>

/**
 * One budget for all jobs of this process. The interval follows from the length of the queue, which all processes see:
 * together they keep to the budget. Turns spread what would be sent at once.
 */
export function createProgressBudget(): ProgressBudget {
  const waitingPacer = createPacer(EDITS_PER_SECOND)
  const runningPacer = createPacer(EDITS_PER_SECOND)
  return queue => ({
    intervalMs({ state }) {
      const { waiting, running } = queue.counts()
      return editIntervalMs(state === 'running' ? running : waiting)
    },
    pacerFor: ({ state }) => (state === 'running' ? runningPacer : waitingPacer),
    isUrgent: hasEnded,
  })
}

/** The time between two edits of one job's message, in milliseconds. @param jobs how many there are of its kind */
export function editIntervalMs(jobs: number): number {
  const least = (jobs / EDITS_PER_SECOND) * 1000
  return EDIT_INTERVALS_MS.find(interval => interval >= least) ?? least
}
