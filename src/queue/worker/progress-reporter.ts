import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from 'bullmq'
import type { BlobStore } from '../backends/blob-store.js'
import { blobKey } from '../payload.js'

/** Progress is reported at most this often, in milliseconds. */
const REPORT_INTERVAL_MS = 200

type Progress = { readonly done: number; readonly preview?: Uint8Array }

/**
 * Reports the progress of a job, always the newest. A report that fails does not stop the job.
 *
 * @param id of the job
 * @param onError gets the error of a report
 */
export function progressReporter(id: string, job: Job, blobs: BlobStore, onError: (error: Error) => void) {
  let newest: Progress | undefined
  let previewCount = 0
  let reporting: Promise<void> | undefined

  async function reportAll(): Promise<void> {
    while (newest) {
      const { done, preview } = newest
      newest = undefined
      if (preview) {
        await blobs.put(blobKey(id, 'preview'), preview)
        previewCount++
      }
      await job.updateProgress({ done, ...(previewCount > 0 && { preview: previewCount }) })
      if (newest) await sleep(REPORT_INTERVAL_MS)
    }
  }

  return {
    report(progress: Progress): void {
      // A preview that was not reported yet is not dropped for a progress without one.
      const preview = progress.preview ?? newest?.preview
      newest = { done: progress.done, ...(preview && { preview }) }
      reporting ??= reportAll()
        .catch(onError)
        .finally(() => {
          reporting = undefined
        })
    },
    /** Report nothing more. Resolves once no report is under way. */
    async stop(): Promise<void> {
      newest = undefined
      await reporting
    },
  }
}
