import type { JobInfo, JobState } from '../queue.js'
import type { QueueEntry } from './queue-entry.js'

/** The wait is shown in seconds: a smaller change is not shown. */
const SHOWN_WAIT_CHANGE_MS = 1000

type ShownStatesOptions = {
  readonly running: readonly QueueEntry[]
  /** In the order in which they will be taken. */
  readonly waiting: readonly QueueEntry[]
  /** How many devices serve a lane. */
  readonly deviceCount: (lane: string) => number
  /** In milliseconds; undefined while it is unknown. */
  readonly runTimeOf: (entry: QueueEntry) => number | undefined
  readonly isPaused: (entry: QueueEntry) => boolean
}

/**
 * What people are shown of each job, by its id: first those that run, then those that wait. Positions count within a lane, and
 * the expected wait is the work ahead in the lane, shared by its devices.
 */
export function shownStates(options: ShownStatesOptions): Map<string, JobInfo['state']> {
  const { running, waiting, deviceCount, runTimeOf, isPaused } = options
  const states = new Map<string, JobInfo['state']>()
  const workAhead = new Map<string, number>() // milliseconds, by lane
  const positions = new Map<string, number>()
  const addWork = (lane: string, time: number) => workAhead.set(lane, (workAhead.get(lane) ?? 0) + time)
  for (const entry of running) {
    states.set(entry.id, { state: 'running', progress: entry.progress })
    addWork(entry.lane, (1 - entry.progress) * (runTimeOf(entry) ?? 0))
  }
  for (const entry of waiting) {
    const { id, lane } = entry
    const position = (positions.get(lane) ?? 0) + 1
    positions.set(lane, position)
    const runTime = runTimeOf(entry)
    const devices = deviceCount(lane)
    const waitMs = runTime === undefined || devices === 0 ? undefined : (workAhead.get(lane) ?? 0) / devices
    states.set(id, {
      state: 'waiting',
      position,
      ...(isPaused(entry) ? { paused: true } : devices === 0 ? { noWorker: true } : waitMs !== undefined && { waitMs }),
    })
    addWork(lane, runTime ?? 0)
  }
  return states
}

/** Whether a person would see no difference between two states. */
export function looksSame(before: JobState, now: JobState): boolean {
  if (before.state === 'running' && now.state === 'running') {
    return before.progress === now.progress && before.preview === now.preview
  }
  if (before.state !== 'waiting' || now.state !== 'waiting') return false
  if (before.position !== now.position || before.paused !== now.paused || before.noWorker !== now.noWorker) return false
  return Math.abs((before.waitMs ?? 0) - (now.waitMs ?? 0)) < SHOWN_WAIT_CHANGE_MS
}
