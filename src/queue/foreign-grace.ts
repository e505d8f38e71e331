import { startClock } from './elapsed.js'

/**
 * What this process can't read or serve is left alone for this long, in milliseconds: a process of another version, or
 * with other models, may do better. Then the person gets an answer from this one.
 */
const FOREIGN_GRACE_MS = 60_000

/** The times since this process first saw jobs that it can't read or serve. */
export function foreignGrace() {
  const sinceSeen = new Map<string, () => number>()
  return {
    /** Whether others have had their time for this job. The time begins with the first call. */
    hasPassed(id: string): boolean {
      const since = sinceSeen.get(id) ?? startClock()
      sinceSeen.set(id, since)
      return since() >= FOREIGN_GRACE_MS
    },
    forget: (id: string) => sinceSeen.delete(id),
    /** Forget all but these. */
    keepOnly(ids: { has(id: string): boolean }): void {
      for (const id of sinceSeen.keys()) if (!ids.has(id)) sinceSeen.delete(id)
    },
  }
}
