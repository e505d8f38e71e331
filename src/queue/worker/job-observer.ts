/** How a job ended at this worker. A job that was `put back` waits again: for its person it has not ended. */
export type JobOutcome = 'done' | 'failed' | 'cancelled' | 'put back'

/** Called for each job that this worker paints, for logs and metrics. */
export type JobObserver = {
  /** `waitedMs` is the time since the job was added. */
  readonly started: (job: { id: string; engine: string; waitedMs: number; device: string }) => void
  readonly ended: (job: {
    id: string
    engine: string
    device: string
    outcome: JobOutcome
    /** Wall time. */
    tookMs: number
    /** In milliseconds; only of a job that is done. */
    timings?: { read: number; paint: number; write: number }
  }) => void
}
