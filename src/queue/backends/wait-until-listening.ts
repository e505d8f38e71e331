import { setTimeout as sleep } from 'node:timers/promises'
import type { QueueEvents } from 'bullmq'

/** The event that says that `QueueEvents` is listening. */
const SYNC_EVENT = 'overscan-sync'

/** The pause between two sync events doubles from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 5
const MAX_PAUSE_MS = 500

/**
 * Resolves once `events` receives what is published. BullMQ's `waitUntilReady` is not enough: a reader only gets events
 * that come after its first read.
 *
 * @param publishEvent publishes an event with this name to the same queue
 */
export async function waitUntilListening(
  events: QueueEvents,
  publishEvent: (event: { eventName: string }) => Promise<void>,
): Promise<void> {
  await events.waitUntilReady()
  let received = false
  const onSync = () => {
    received = true
  }
  // BullMQ's types list its own event names only.
  events.on(SYNC_EVENT as 'drained', onSync)
  for (let pause = FIRST_PAUSE_MS; !received; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    await publishEvent({ eventName: SYNC_EVENT })
    await sleep(pause)
  }
  events.off(SYNC_EVENT as 'drained', onSync)
}
