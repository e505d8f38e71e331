/** Keeps count of work under way, so that closing can wait for it. */
export function createPendingWork() {
  const pending = new Set<Promise<void>>()
  return {
    track(work: Promise<void>): void {
      const tracked = work.finally(() => pending.delete(tracked))
      pending.add(tracked)
    },
    /** Resolves when all of it has ended, or after the timeout in milliseconds. */
    async settled(timeoutMs: number): Promise<void> {
      const timeout = new Promise(resolve => setTimeout(resolve, timeoutMs).unref())
      await Promise.race([Promise.allSettled(pending), timeout])
    },
  }
}
