import { DelayedError, ErrorCode, type Job, UnrecoverableError, WaitingError } from 'bullmq'
import type { PaintRequest } from '../inference/pipeline/paint.js'
import type { Painter } from '../inference/runtime/painter.js'
import { findKnownCause } from '../known-causes/known-causes.js'
import { type Problem, UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { retryWhileUnreachable } from './backends/reconnect.js'
import type { JobObserver, JobOutcome } from './job-observer.js'
import type { Capability } from './lanes.js'
import {
  blobKey,
  fromBullJobId,
  type JobPayload,
  parsePayload,
  type StoredResult,
  toFailedReason,
  toStoredResult,
} from './payload.js'
import { progressReporter } from './progress-reporter.js'

/** A device that paints one picture at a time. */
export type WorkerDevice = Capability & { readonly name: string; readonly painter: Painter }

/** Why painting is stopped: the job was cancelled, the worker closes, or another worker has the job. */
export type StopReason = 'cancelled' | 'closing' | 'lost'

export type JobProcessorOptions = {
  /** Gets each error that the person didn't cause. @returns the id under which it can be found in the log */
  readonly reportBug: (error: unknown, job: string) => string
  readonly onError: (error: Error) => void
  readonly observer?: JobObserver | undefined
  readonly isPaused: (server: string) => boolean
}

/** A job of a paused server is delayed for this long, in milliseconds, unless the server is resumed before. */
const PAUSE_DELAY_MS = 60_000

/** Temporary problems: a retry may succeed. */
const RETRIED_PROBLEMS: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'engine-crashed',
  'engine-killed',
  'disk-full',
  'queue-unreachable',
])

/** Paints jobs of BullMQ. BullMQ learns from the error that is thrown what becomes of a job. */
export function jobProcessor({ blobs }: Backend, options: JobProcessorOptions) {
  const { reportBug, onError, observer, isPaused } = options
  const running = new Map<string, AbortController>()
  let isClosing = false

  /** @throws DelayedError as BullMQ wants it of a job that was moved */
  async function delay(job: Job, token: string): Promise<never> {
    await job.moveToDelayed(Date.now() + PAUSE_DELAY_MS, token).catch(error => {
      // It has just been cancelled.
      if (error.code !== ErrorCode.JobNotExist) throw error
    })
    throw new DelayedError()
  }

  async function loadRequest(id: string, payload: JobPayload): Promise<PaintRequest> {
    const load = async (name: 'source' | 'mask') => {
      const bytes = await blobs.get(blobKey(id, name))
      if (!bytes) throw new UserError({ code: 'job-lost' })
      return bytes
    }
    const { edit, prompt, seeds, engine, options } = payload
    const [source, mask] = await Promise.all([payload.source && load('source'), payload.mask && load('mask')])
    return {
      edit,
      prompt,
      seeds,
      engine,
      ...(options && { options }),
      ...(source && { source }),
      ...(mask && { mask }),
    }
  }

  async function paint(
    id: string,
    payload: JobPayload,
    device: WorkerDevice,
    job: Job,
    token: string,
    signal: AbortSignal,
  ): Promise<StoredResult> {
    const isStopped = () => signal.aborted
    const request = await retryWhileUnreachable(() => loadRequest(id, payload), isStopped)
    signal.throwIfAborted()
    const progress = progressReporter(id, job, blobs, onError)
    const result = await device.painter.paint(request, { signal, onProgress: progress.report })
    await progress.stop()
    signal.throwIfAborted()
    // The token is unlike that of any other attempt: two workers never write to the same key.
    const keys = result.pictures.map((_, index) => blobKey(id, `${token}/${index}`))
    // Painting may have taken minutes: keep the result until the backend is reachable again.
    await Promise.all(
      result.pictures.map(({ png }, index) => retryWhileUnreachable(() => blobs.put(keys[index]!, png), isStopped)),
    )
    return toStoredResult(result, keys)
  }

  /** The error that says to BullMQ whether to retry. */
  function toBullError(error: unknown, id: string): Error {
    const isBug = !(error instanceof UserError)
    const code = findKnownCause(error) ? 'operator-needed' : 'bug'
    const problem: Problem = isBug ? { code, incident: reportBug(error, id) } : error.problem
    if (!isBug && !RETRIED_PROBLEMS.has(problem.code)) return new UnrecoverableError(toFailedReason(problem))
    return new Error(toFailedReason(problem), { cause: error })
  }

  return {
    /** Whether anything is being painted. */
    isBusy: () => running.size > 0,

    stop(id: string, why: StopReason): void {
      running.get(id)?.abort(why)
    },

    /** Stop all jobs, those too that are just being taken. They are put back. */
    stopAll(): void {
      isClosing = true
      for (const controller of running.values()) controller.abort('closing' satisfies StopReason)
    },

    /**
     * @param token of BullMQ's lock
     * @throws DelayedError, WaitingError where the job was put back
     * @throws UnrecoverableError for a job that is not retried, Error for one that is
     */
    async process(device: WorkerDevice, job: Job, token: string): Promise<StoredResult> {
      const id = fromBullJobId(job.id!)
      const start = performance.now()
      const controller = new AbortController()
      const { signal } = controller
      let engine = ''
      let outcome: JobOutcome = 'failed'
      let timings: StoredResult['timings'] | undefined
      try {
        const payload = parsePayload(job.data)
        engine = payload.engine
        if (payload.server !== undefined && isPaused(payload.server)) {
          outcome = 'put back'
          await delay(job, token)
        }
        running.set(id, controller)
        if (isClosing) controller.abort('closing' satisfies StopReason)
        observer?.started({ id, engine, device: device.name, waitedMs: Date.now() - job.timestamp })
        const result = await paint(id, payload, device, job, token, signal)
        outcome = 'done'
        timings = result.timings
        return result
      } catch (error) {
        if (error instanceof DelayedError) throw error
        if (signal.aborted && signal.reason === ('closing' satisfies StopReason)) {
          outcome = 'put back'
          await job.moveToWait(token)
          throw new WaitingError()
        }
        if (signal.aborted && signal.reason === ('cancelled' satisfies StopReason)) {
          outcome = 'cancelled'
          throw new UnrecoverableError(toFailedReason({ code: 'cancelled' }))
        }
        throw toBullError(error, id)
      } finally {
        running.delete(id)
        const tookMs = performance.now() - start
        observer?.ended({ id, engine, device: device.name, outcome, tookMs, ...(timings && { timings }) })
      }
    },
  }
}
