import type { SharedStore } from './backends/shared-store.js'

/** The map of servers whose jobs are paused, and the channel that announces its changes. */
const PAUSED_SERVERS = 'held'

export async function loadPausedServers(store: SharedStore): Promise<readonly string[]> {
  return [...(await store.getEntries(PAUSED_SERVERS)).keys()]
}

export async function isPaused(store: SharedStore, server: string): Promise<boolean> {
  return (await store.getEntry(PAUSED_SERVERS, server)) !== undefined
}

export async function savePaused(store: SharedStore, server: string, paused: boolean): Promise<void> {
  await (paused ? store.putEntry(PAUSED_SERVERS, server, '') : store.deleteEntry(PAUSED_SERVERS, server))
}

/** Tell all processes that the paused servers have changed. */
export async function publishPaused(store: SharedStore, server: string): Promise<void> {
  await store.publish(PAUSED_SERVERS, server)
}

/** @param onChange called when the paused servers may have changed */
export function subscribeToPaused(store: SharedStore, onChange: () => void) {
  return store.subscribe(PAUSED_SERVERS, { onMessage: onChange, onReconnect: onChange })
}
