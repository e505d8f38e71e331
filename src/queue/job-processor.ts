import { DelayedError, ErrorCode, type Job, UnrecoverableError, WaitingError } from 'bullmq'
import type { PaintRequest } from '../inference/pipeline/paint.js'
import { VARIATIONS } from '../inference/pipeline/request.js'
import type { Painter } from '../inference/runtime/painter.js'
import { findKnownCause } from '../known-causes/known-causes.js'
import { type Problem, UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { retryWhileUnreachable } from './backends/reconnect.js'
import { unpackEarlierPictures } from './earlier-pictures.js'
import { foreignGrace } from './foreign-grace.js'
import type { JobObserver, JobOutcome } from './job-observer.js'
import type { Capability } from './lanes.js'
import {
  blobKey,
  fromBullJobId,
  type JobPayload,
  parsePayload,
  resultKeys,
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

/** Paints jobs of BullMQ. BullMQ learns from the error that is thrown what becomes of a job. */
export function jobProcessor({ shared, blobs, lockDurationMs }: Backend, options: JobProcessorOptions) {
  const { reportBug, onError, observer, isPaused } = options
  const running = new Map<string, AbortController>()
  const grace = foreignGrace()
  let isClosing = false

  async function delay(job: Job, token: string, forMs: number): Promise<void> {
    await job.moveToDelayed(Date.now() + forMs, token).catch(error => {
      // It has just been cancelled.
      if (error.code !== ErrorCode.JobNotExist) throw error
    })
  }

  /** A job of another version is left to workers of that version for a while. @throws ForeignJobError, and as `parsePayload` */
  async function readPayload(id: string, job: Job, token: string): Promise<JobPayload> {
    try {
      const payload = parsePayload(job.data)
      grace.forget(id)
      return payload
    } catch (error) {
      if (!shared || grace.hasPassed(id)) throw error
      await delay(job, token, FOREIGN_DELAY_MS)
      throw new ForeignJobError()
    }
  }

  async function loadRequest(id: string, payload: JobPayload): Promise<PaintRequest> {
    const load = async (name: 'source' | 'mask' | 'earlier') => {
      const bytes = await blobs.get(blobKey(id, name))
      if (!bytes) throw new UserError({ code: 'job-lost' })
      return bytes
    }
    const { edit, prompt, seeds, engine, options } = payload
    const [source, mask, blob] = await Promise.all([
      payload.source && load('source'),
      payload.mask && load('mask'),
      payload.earlier && load('earlier'),
    ])
    const earlier = blob && unpackEarlierPictures(blob)
    if (blob && !earlier) throw new UserError({ code: 'job-lost' })
    return {
      edit,
      prompt,
      seeds,
      engine,
      ...(options && { options }),
      ...(source && { source }),
      ...(mask && { mask }),
      ...(earlier && { earlier }),
    }
  }

  async function paint(
    id: string,
    payload: JobPayload,
    device: WorkerDevice,
    job: Job,
    token: string,
    controller: AbortController,
  ): Promise<StoredResult> {
    const { signal } = controller
    const isStopped = () => signal.aborted
    const request = await retryWhileUnreachable(() => loadRequest(id, payload), isStopped)
    signal.throwIfAborted()
    const progress = progressReporter(id, job, blobs, onError)
    const painting = device.painter.paint(request, { signal, onProgress: progress.report })
    const result = await painting.finally(progress.stop)
    signal.throwIfAborted()
    // The number is unlike that of any other attempt: two workers never write to the same key.
    const keys = result.pictures.map((_, index) => blobKey(id, `${job.attemptsStarted}/${index}`))
    // Painting may have taken minutes: keep the result until the backend is reachable again.
    await Promise.all(
      result.pictures.map(({ png }, index) => retryWhileUnreachable(() => blobs.put(keys[index]!, png), isStopped)),
    )
    if (!(await hasLock(job, token, isStopped))) controller.abort('lost' satisfies StopReason)
    signal.throwIfAborted()
    return toStoredResult(result, keys, job.attemptsStarted)
  }

  /** Whether no other worker has the job: this one may have stood still. */
  async function hasLock(job: Job, token: string, isStopped: () => boolean): Promise<boolean> {
    return (await retryWhileUnreachable(() => job.extendLock(token, lockDurationMs), isStopped)) === 1
  }

  /** The job is another worker's, or has ended: nobody else deletes what this one stored for it. */
  async function deletePictures(id: string, attempts: number): Promise<void> {
    await blobs.delete([blobKey(id, 'preview'), ...resultKeys(id, attempts).slice(-VARIATIONS.max)]).catch(onError)
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
        const payload = await readPayload(id, job, token)
        engine = payload.engine
        if (payload.server !== undefined && isPaused(payload.server)) {
          outcome = 'put back'
          await delay(job, token, PAUSE_DELAY_MS)
          // As BullMQ wants it of a job that was moved.
          throw new DelayedError()
        }
        running.set(id, controller)
        if (isClosing) controller.abort('closing' satisfies StopReason)
        observer?.started({ id, engine, device: device.name, waitedMs: Date.now() - job.timestamp })
        const result = await paint(id, payload, device, job, token, controller)
        outcome = 'done'
        timings = result.timings
        return result
      } catch (error) {
        if (error instanceof DelayedError) throw error
        if (signal.aborted && signal.reason === ('lost' satisfies StopReason)) {
          outcome = 'put back'
          await deletePictures(id, job.attemptsStarted)
          // The job is not this worker's to move: BullMQ leaves it as it is.
          throw new WaitingError()
        }
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
