import type { SharedStore } from './backends/shared-store.js'

/** The map of servers whose jobs are paused, and the channel that announces its changes. */
const PAUSED_SERVERS = 'held'

export async function loadPausedServers(store: SharedStore): Promise<readonly string[]> {
  return [...(await store.getEntries(PAUSED_SERVERS)).keys()]
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

/** The paused servers, as they change. @param onError gets errors of loading them again, which the next change repeats */
export async function followPausedServers(store: SharedStore, onError: (error: Error) => void) {
  const paused = new Set<string>()
  async function reload(): Promise<void> {
    const servers = await loadPausedServers(store)
    paused.clear()
    for (const server of servers) paused.add(server)
  }
  await reload()
  const unsubscribe = await subscribeToPaused(store, () => void reload().catch(onError))
  return { isPaused: (server: string) => paused.has(server), close: unsubscribe }
}
