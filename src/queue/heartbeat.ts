import type { Backend } from './backends/backend.js'
import { startClock } from './elapsed.js'

/** The heartbeats of a process are sent this many times within the time after which it counts as gone. */
const BEATS_PER_LEASE = 3

/** The last heartbeat of a process that closes expires after this time, the shortest there is. */
const LAST_TTL_SECONDS = 1

/** The right to act for a job without asking again: it ends with the heartbeats. */
export interface Lease {
  /** False once another process may have taken the job over, because no heartbeat was sent for too long. */
  isValid(): boolean
}

export type Heartbeat = {
  beat(): Promise<void>
  /** A lease from now on. It is valid only if there was a heartbeat of late. */
  lease(): Lease
  stop(): Promise<void>
}

/**
 * Send heartbeats for this process until they are stopped.
 *
 * @param name of the process, unlike all others
 */
export async function startHeartbeat(
  { store, leaseSeconds, isLost }: Backend,
  name: string,
  onError: (error: Error) => void,
): Promise<Heartbeat> {
  let sinceBeat = startClock()
  /** How often the process was gone for others: it did not run, or did not reach the store. */
  let lapses = 0
  const hasLapsed = () => sinceBeat() >= leaseSeconds * 1000

  async function beat(): Promise<void> {
    if (hasLapsed()) lapses++
    // From before: the store keeps it for at least as long.
    const sinceThisBeat = startClock()
    await store.set(name, leaseSeconds, '')
    sinceBeat = sinceThisBeat
  }

  await beat()
  const timer = setInterval(() => void beat().catch(onError), (leaseSeconds * 1000) / BEATS_PER_LEASE).unref()
  return {
    beat,
    lease() {
      const lapsesBefore = lapses
      return { isValid: () => lapses === lapsesBefore && !hasLapsed() && !isLost() }
    },
    async stop() {
      clearInterval(timer)
      await store.set(name, LAST_TTL_SECONDS, '')
    },
  }
}

/** Whether a process is alive. */
export async function hasHeartbeat({ store }: Backend, name: string): Promise<boolean> {
  return (await store.get(name)) !== undefined
}
