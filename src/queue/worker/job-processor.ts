import { DelayedError, ErrorCode, type Job, UnrecoverableError } from 'bullmq'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { type Problem, UserError } from '../../user-error.js'
import type { Backend } from '../backends/backend.js'
import { retryWhileUnreachable } from '../backends/reconnect.js'
import { foreignGrace } from '../foreign-grace.js'
import { isPaused } from '../paused-servers.js'
import { type JobPayload, parsePayload, type StoredResult, toFailedReason } from '../payload.js'
import {
  giveUp,
  type JobAttempt,
  newAttempt,
  paintAttempt,
  STOPPED_OUTCOMES,
  type StopReason,
  type WorkerDevice,
} from './job-attempt.js'
import type { JobObserver, JobOutcome } from './job-observer.js'

export type JobProcessorOptions = {
  /** Gets each error that the person didn't cause. @returns the id under which it can be found in the log */
  readonly reportBug: (error: unknown, job: string) => string
  readonly onError: (error: Error) => void
  readonly observer?: JobObserver | undefined
}

/** A job of a paused server is delayed for this long, in milliseconds, unless the server is resumed before. */
const PAUSE_DELAY_MS = 60_000

/** Thrown instead of a DelayedError for a job of another version, which was put back for other workers. */
export class ForeignJobError extends DelayedError {}

/** For how long it is put back, in milliseconds: by then this worker has stopped to take jobs. */
const FOREIGN_DELAY_MS = 200

/** Temporary problems: a retry may succeed. */
const RETRIED_PROBLEMS: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'engine-crashed',
  'engine-killed',
  'disk-full',
  'queue-unreachable',
])

export type JobProcessor = ReturnType<typeof jobProcessor>

/** Paints jobs of BullMQ. BullMQ learns from the error that is thrown what becomes of a job. */
export function jobProcessor(backend: Backend, options: JobProcessorOptions) {
  const { reportBug, onError, observer } = options
  const running = new Map<string, JobAttempt>()
  const grace = foreignGrace()
  let isClosing = false

  /** A job of another version is left to workers of that version for a while. @throws ForeignJobError, and as `parsePayload` */
  async function readPayload({ id, job, token }: JobAttempt): Promise<JobPayload> {
    try {
      const payload = parsePayload(job.data)
      grace.forget(id)
      return payload
    } catch (error) {
      if (!backend.shared || grace.hasPassed(id)) throw error
      await delay(job, token, FOREIGN_DELAY_MS)
      throw new ForeignJobError()
    }
  }

  /** Asked of the store, not of messages: they may come later than the job. */
  async function isOfPausedServer({ server }: JobPayload, isStopped: () => boolean): Promise<boolean> {
    return server !== undefined && retryWhileUnreachable(() => isPaused(backend.store, server), isStopped)
  }

  return {
    /** Whether anything is being painted. */
    isBusy: () => running.size > 0,

    stop(id: string, why: StopReason): void {
      running.get(id)?.stop(why)
    },

    /** Stop all jobs, those too that are just being taken. They are put back. */
    stopAll(): void {
      isClosing = true
      for (const attempt of running.values()) attempt.stop('closing')
    },

    /**
     * @param token of BullMQ's lock
     * @throws DelayedError, WaitingError where the job was put back
     * @throws UnrecoverableError for a job that is not retried, Error for one that is
     */
    async process(device: WorkerDevice, job: Job, token: string): Promise<StoredResult> {
      const attempt = newAttempt(device, job, token)
      const { id } = attempt
      const start = performance.now()
      let engine = ''
      let outcome: JobOutcome = 'failed'
      let timings: StoredResult['timings'] | undefined
      try {
        const payload = await readPayload(attempt)
        engine = payload.engine
        running.set(id, attempt)
        if (isClosing) attempt.stop('closing')
        if (await isOfPausedServer(payload, () => attempt.signal.aborted)) {
          outcome = 'put back'
          await delay(job, token, PAUSE_DELAY_MS)
          // As BullMQ wants it of a job that was moved.
          throw new DelayedError()
        }
        observer?.started({ id, engine, device: device.name, waitedMs: Date.now() - job.timestamp })
        const result = await paintAttempt(attempt, payload, backend, onError)
        outcome = 'done'
        timings = result.timings
        return result
      } catch (error) {
        if (error instanceof DelayedError) throw error
        const why = attempt.stopReason()
        if (why === undefined) throw toBullError(error, id, reportBug)
        outcome = STOPPED_OUTCOMES[why]
        throw await giveUp(attempt, why, backend, onError)
      } finally {
        running.delete(id)
        const tookMs = performance.now() - start
        observer?.ended({ id, engine, device: device.name, outcome, tookMs, ...(timings && { timings }) })
      }
    },
  }
}

async function delay(job: Job, token: string, forMs: number): Promise<void> {
  await job.moveToDelayed(Date.now() + forMs, token).catch(error => {
    // It has just been cancelled.
    if (error.code !== ErrorCode.JobNotExist) throw error
  })
}

/** The error that says to BullMQ whether to retry. */
function toBullError(error: unknown, id: string, reportBug: JobProcessorOptions['reportBug']): Error {
  const isBug = !(error instanceof UserError)
  const code = findKnownCause(error) ? 'operator-needed' : 'bug'
  const problem: Problem = isBug ? { code, incident: reportBug(error, id) } : error.problem
  if (!isBug && !RETRIED_PROBLEMS.has(problem.code)) return new UnrecoverableError(toFailedReason(problem))
  return new Error(toFailedReason(problem), { cause: error })
}
