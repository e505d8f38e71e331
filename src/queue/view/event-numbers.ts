/** Numbers the events of all jobs, from 1. An event is newer than a state of a job whose reading began before it. */
export function eventNumbers() {
  const lastOfJob = new Map<string, number>()
  let latest = 0
  return {
    record(job: string): void {
      lastOfJob.set(job, ++latest)
    },
    /** The number of the latest event; 0 before the first. */
    latest: () => latest,
    /** Whether an event of a job came after the event of this number. */
    hasEventAfter: (job: string, number: number) => (lastOfJob.get(job) ?? 0) > number,
    forget: (job: string) => lastOfJob.delete(job),
    /** Forget all jobs but these. */
    keepOnly(isKept: (job: string) => boolean): void {
      for (const job of lastOfJob.keys()) if (!isKept(job)) lastOfJob.delete(job)
    },
  }
}
