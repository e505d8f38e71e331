import { type Job, UnrecoverableError, WaitingError } from 'bullmq'
import type { PaintRequest } from '../../inference/pipeline/paint-request.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import type { Painter } from '../../inference/runtime/painter.js'
import { UserError } from '../../user-error.js'
import type { Backend } from '../backends/backend.js'
import type { BlobStore } from '../backends/blob-store.js'
import { retryWhileUnreachable } from '../backends/reconnect.js'
import { unpackEarlierPictures } from '../earlier-pictures.js'
import type { Capability } from '../lanes.js'
import {
  blobKey,
  fromBullJobId,
  type JobPayload,
  resultKeys,
  type StoredResult,
  toFailedReason,
  toStoredResult,
} from '../payload.js'
import type { JobOutcome } from './job-observer.js'
import { progressReporter } from './progress-reporter.js'

/** A device that paints one picture at a time. */
export type WorkerDevice = Capability & { readonly name: string; readonly painter: Painter }

/** Why painting is stopped: the job was cancelled, the worker closes, or another worker has the job. */
export type StopReason = 'cancelled' | 'closing' | 'lost'

/** A job that this worker has taken. After a failure or a lost worker the next attempt paints it. */
export type JobAttempt = {
  readonly id: string
  readonly job: Job
  /** Of BullMQ's lock. */
  readonly token: string
  readonly device: WorkerDevice
  readonly signal: AbortSignal
  stop(why: StopReason): void
  /** Undefined while it has not been stopped. */
  stopReason(): StopReason | undefined
}

export function newAttempt(device: WorkerDevice, job: Job, token: string): JobAttempt {
  const controller = new AbortController()
  let reason: StopReason | undefined
  return {
    id: fromBullJobId(job.id!),
    job,
    token,
    device,
    signal: controller.signal,
    stop(why) {
      reason ??= why
      controller.abort(reason)
    },
    stopReason: () => reason,
  }
}

/**
 * Paint the pictures of a job, and store them.
 *
 * @param onError gets the error of a progress report
 * @throws UserError for whatever is wrong with the request; the stop reason once the attempt is stopped
 */
export async function paintAttempt(
  attempt: JobAttempt,
  payload: JobPayload,
  { blobs, lockDurationMs }: Backend,
  onError: (error: Error) => void,
): Promise<StoredResult> {
  const { id, job, token, device, signal } = attempt
  const isStopped = () => signal.aborted
  const request = await retryWhileUnreachable(() => loadRequest(id, payload, blobs), isStopped)
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
  // This worker may have stood still, and another one has the job.
  const hasLock = (await retryWhileUnreachable(() => job.extendLock(token, lockDurationMs), isStopped)) === 1
  if (!hasLock) attempt.stop('lost')
  signal.throwIfAborted()
  return toStoredResult(result, keys, job.attemptsStarted)
}

/** @throws UserError `job-lost` where a picture is not stored any more */
async function loadRequest(id: string, payload: JobPayload, blobs: BlobStore): Promise<PaintRequest> {
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

export const STOPPED_OUTCOMES: Readonly<Record<StopReason, JobOutcome>> = {
  cancelled: 'cancelled',
  closing: 'put back',
  lost: 'put back',
}

/** Give up a job whose attempt was stopped. @returns the error that says to BullMQ what becomes of the job */
export async function giveUp(
  { id, job, token }: JobAttempt,
  why: StopReason,
  { blobs }: Backend,
  onError: (error: Error) => void,
): Promise<Error> {
  switch (why) {
    case 'cancelled':
      return new UnrecoverableError(toFailedReason({ code: 'cancelled' }))
    case 'closing':
      await job.moveToWait(token)
      return new WaitingError()
    case 'lost': {
      // It is another worker's, or has ended: nobody else deletes what this one stored for it, and it is not this one's to move.
      const ownKeys = resultKeys(id, job.attemptsStarted).slice(-VARIATIONS.max)
      await blobs.delete([blobKey(id, 'preview'), ...ownKeys]).catch(onError)
      return new WaitingError()
    }
  }
}
