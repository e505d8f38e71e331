import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { retryWhileUnreachable } from './backends/reconnect.js'
import { blobKey, type StoredResult, toPaintResult } from './payload.js'
import { hasEnded, type JobState } from './queue.js'
import type { FollowedJob } from './view/queue-state.js'
import type { QueueView } from './view/queue-view.js'
import { looksSame } from './view/shown-states.js'

/**
 * The states of a followed job, with its pictures, until its end or until the queue is closed.
 *
 * @param onError gets the error of a preview that can't be loaded
 */
export async function* streamJobStates(
  view: QueueView,
  { blobs }: Backend,
  id: string,
  isClosed: () => boolean,
  onError: (error: Error) => void,
): AsyncGenerator<JobState, void> {
  const job = view.followed(id)
  if (!job) return
  const preview = previewLoader(blobs, id, onError)
  let last: JobState | undefined
  for (;;) {
    const { change } = job
    const state = await currentState(job)
    if (state && !(last && looksSame(last, state))) {
      last = state
      yield state
      if (hasEnded(state)) return
    }
    // Another process may have taken it over.
    if (isClosed() || view.followed(id) !== job) return
    // Unless it has changed while the state was loaded.
    if (job.change === change) await change.fired
  }

  async function currentState({ end, previewCount }: FollowedJob): Promise<JobState | undefined> {
    if (end?.state === 'stored') return loadResult(blobs, end.result, isClosed)
    if (end) return end
    const state = view.order.stateOf(id)
    if (state?.state !== 'running' || previewCount === 0) return state
    const bytes = await preview(previewCount)
    return bytes ? { ...state, preview: bytes } : state
  }
}

/** Loads the latest preview once, and keeps it until there is a newer one. */
function previewLoader(blobs: Backend['blobs'], id: string, onError: (error: Error) => void) {
  let loadedCount = 0
  let loaded: Uint8Array | undefined
  return async (count: number): Promise<Uint8Array | undefined> => {
    if (loadedCount !== count) {
      // Where it can't be loaded, the one before stays.
      const bytes = await blobs.get(blobKey(id, 'preview')).catch(onError)
      if (bytes) loaded = new Uint8Array(bytes)
      loadedCount = count
    }
    return loaded
  }
}

async function loadResult(blobs: Backend['blobs'], result: StoredResult, isClosed: () => boolean): Promise<JobState> {
  const pngs = await Promise.all(
    result.pictures.map(({ blob }) => retryWhileUnreachable(() => blobs.get(blob), isClosed)),
  )
  if (!pngs.every(png => png !== undefined)) return { state: 'failed', problem: { code: 'job-lost' } }
  try {
    return { state: 'done', result: toPaintResult(result, pngs) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { state: 'failed', problem: error.problem }
  }
}
