import type { Queue } from 'bullmq'
import type { Backend } from './backends/backend.js'
import type { BlobStore } from './backends/blob-store.js'
import { packEarlierPictures } from './earlier-pictures.js'
import type { OpenJob, OpenJobs } from './open-jobs.js'
import { blobKey, resultKeys, toBullJobId, toPayload } from './payload.js'
import type { Job, RequestPictures } from './queue.js'
import type { QueueView } from './view/queue-view.js'

/** How often a job is tried, and the pause before the first retry, in milliseconds. Each further pause is twice as long. */
const MAX_ATTEMPTS = 3
const RETRY_DELAY_MS = 500

/** How long BullMQ keeps ended jobs for the operator's board, in seconds, and how many of them. */
const KEEP_COMPLETED = { age: 3600, count: 500 }
const KEEP_FAILED = { age: 24 * 3600, count: 500 }

export type RemovalContext = {
  readonly backend: Backend
  readonly open: OpenJobs
  readonly view: QueueView
  readonly onError: (error: Error) => void
}

/** Store an accepted job, and hand it to BullMQ. */
export async function storeAndQueue(
  job: Job,
  record: OpenJob,
  priority: number,
  { assertFreeSpace, blobs, runsInOrder }: Backend,
  open: OpenJobs,
  bullQueue: Queue,
): Promise<void> {
  const { id, request } = job
  const { source, mask } = request
  const earlier = request.earlier && packEarlierPictures(request.earlier)
  await assertFreeSpace((source?.length ?? 0) + (mask?.length ?? 0) + (earlier?.length ?? 0))
  // First: from then on there is somebody who deletes the rest.
  await open.put(id, record)
  const stored = Promise.all([
    source && blobs.put(blobKey(id, 'source'), source),
    mask && blobs.put(blobKey(id, 'mask'), mask),
    earlier && blobs.put(blobKey(id, 'earlier'), earlier),
  ])
  // A worker must not get the job before its pictures are there.
  if (!runsInOrder) await stored
  const added = bullQueue.add('paint', toPayload(request, job), {
    jobId: toBullJobId(id),
    priority,
    attempts: MAX_ATTEMPTS,
    backoff: { type: 'exponential', delay: RETRY_DELAY_MS },
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  })
  await Promise.all([stored, added])
}

/** Those that are still stored. @param record undefined for a job that this process does not know */
export async function loadRequestPictures(
  id: string,
  record: OpenJob | undefined,
  blobs: BlobStore,
): Promise<RequestPictures> {
  const [source, mask] = await Promise.all([
    record?.source ? blobs.get(blobKey(id, 'source')) : undefined,
    record?.mask ? blobs.get(blobKey(id, 'mask')) : undefined,
  ])
  return { ...(source && { source }), ...(mask && { mask }) }
}

/** Keep nothing of a job that could not be added. */
export async function removeUnqueued(
  id: string,
  record: OpenJob,
  bullQueue: Queue,
  { backend, open, view, onError }: RemovalContext,
): Promise<void> {
  // Each step, whatever becomes of the one before: a full Redis refuses some.
  await bullQueue.remove(toBullJobId(id)).catch(onError)
  await deletePictures(id, record, backend, view).catch(onError)
  await open.delete(id).catch(onError)
}

/** Stop following a job, and delete its pictures: those too that workers left which were lost. */
export async function deletePictures(
  id: string,
  { lane, source, mask, earlier }: OpenJob,
  { blobs }: Backend,
  view: QueueView,
): Promise<void> {
  const job = view.unfollow(id)
  const result = job?.end?.state === 'stored' ? job.end.result : undefined
  const attempts = result?.attempt ?? (await view.laneNamed(lane)?.queue.getJob(toBullJobId(id)))?.attemptsStarted ?? 0
  const keys = [
    blobKey(id, 'preview'),
    ...(source ? [blobKey(id, 'source')] : []),
    ...(mask ? [blobKey(id, 'mask')] : []),
    ...(earlier ? [blobKey(id, 'earlier')] : []),
    ...(result?.pictures.map(({ blob }) => blob) ?? []),
    // Usually the result is that of the first attempt, and its keys are known.
    ...(result && attempts === 1 ? [] : resultKeys(id, attempts)),
  ]
  await blobs.delete(keys)
}
