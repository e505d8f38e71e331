import type { Backend } from './backends/backend.js'

/** A process that sent no heartbeat for this long is gone. */
const HEARTBEAT_TTL_SECONDS = 15
const HEARTBEAT_INTERVAL_MS = (HEARTBEAT_TTL_SECONDS * 1000) / 3

/** The last heartbeat of a process that closes expires after this time, the shortest there is. */
const LAST_TTL_SECONDS = 1

/**
 * Send heartbeats for this process until they are stopped.
 *
 * @param name of the process, unlike all others
 * @returns a function that stops them
 */
export async function startHeartbeat(
  { store }: Backend,
  name: string,
  onError: (error: Error) => void,
): Promise<() => Promise<void>> {
  const beat = () => store.set(name, HEARTBEAT_TTL_SECONDS, '')
  await beat()
  const timer = setInterval(() => void beat().catch(onError), HEARTBEAT_INTERVAL_MS).unref()
  return async () => {
    clearInterval(timer)
    await store.set(name, LAST_TTL_SECONDS, '')
  }
}

/** Whether a process is alive. */
export async function hasHeartbeat({ store }: Backend, name: string): Promise<boolean> {
  return (await store.get(name)) !== undefined
}
