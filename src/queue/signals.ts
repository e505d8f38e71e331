import type { SharedStore } from './backends/shared-store.js'

/**
 * Channels for messages about one job; the text is its id. Messages may be lost: `cancel` is repeated, and the next
 * comparison with BullMQ finds what was removed.
 */
const CHANNELS = {
  /** The job was removed from the queue: BullMQ on PostgreSQL emits no event for it. */
  removed: 'removed',
  /** Its worker is to stop painting it. */
  cancel: 'cancel',
} as const
type Signal = keyof typeof CHANNELS

export async function publishSignal(store: SharedStore, signal: Signal, job: string): Promise<void> {
  await store.publish(CHANNELS[signal], job)
}

export function subscribeToSignal(store: SharedStore, signal: Signal, onSignal: (job: string) => void) {
  return store.subscribe(CHANNELS[signal], { onMessage: onSignal, onReconnect: () => {} })
}
