import type { SharedStore } from './backends/shared-store.js'
import { publishPaused, savePaused } from './paused-servers.js'
import { readOwner } from './payload.js'
import type { QueueView } from './view/queue-view.js'

/** The jobs of this server wait, until it is resumed. Those that run go on. */
export async function pauseServer(server: string, view: QueueView, store: SharedStore): Promise<void> {
  await savePaused(store, server, true)
  view.order.pausedServers.add(server)
  await publishPaused(store, server)
  view.notifyPositions()
}

export async function resumeServer(server: string, view: QueueView, store: SharedStore): Promise<void> {
  await savePaused(store, server, false)
  view.order.pausedServers.delete(server)
  await publishPaused(store, server)
  await promoteDelayed(server, view)
  view.notifyPositions()
}

/** Let the jobs of a resumed server go on now: while it was paused, workers have delayed them. */
async function promoteDelayed(server: string, view: QueueView): Promise<void> {
  for (const queue of view.queues()) {
    for (const job of await queue.getDelayed()) {
      if (readOwner(job.data)?.server === server) await job.promote()
    }
  }
}
