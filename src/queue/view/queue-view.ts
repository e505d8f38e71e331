import type { Queue } from 'bullmq'
import type { Backend } from '../backends/backend.js'
import { type JobRequirements, laneOf, lanesOf, MAX_LANE_MEGAPIXELS } from '../lanes.js'
import { loadPausedServers, subscribeToPaused } from '../paused-servers.js'
import { subscribeToSignal } from '../signals.js'
import { subscribeToWorkers } from '../worker-registry.js'
import { knownWorkers } from './known-workers.js'
import { openLanes } from './open-lanes.js'
import { queueState } from './queue-state.js'
import { reconcileLane } from './reconcile.js'

/** How often the view is compared with BullMQ, in milliseconds. */
const RECONCILE_INTERVAL_MS = 15_000

export type QueueView = Awaited<ReturnType<typeof queueView>>

/**
 * The jobs of all lanes as this process sees them: positions and waits are known without asking the backend. BullMQ's
 * events keep it up to date. Events may be lost, so it is compared with BullMQ now and then, and after each reconnect.
 *
 * @param engines whose lanes it shows, in addition to those of the workers
 * @param onError gets errors of background work, which is repeated later
 */
export async function queueView(backend: Backend, engines: readonly string[], onError: (error: Error) => void) {
  const { store } = backend
  const state = queueState(lane => workers.deviceCount(lane), onError)
  const lanes = openLanes(backend, state, onError)
  const workers = knownWorkers(backend, lanes.ensure, onError)
  const { order } = state

  async function loadWorkers(): Promise<void> {
    await workers.load()
    state.notifyPositions()
  }

  async function reconcile(): Promise<void> {
    const servers = await loadPausedServers(store)
    order.pausedServers.clear()
    for (const server of servers) order.pausedServers.add(server)
    order.invalidate()
    await loadWorkers()
    for (const lane of lanes.all()) await reconcileLane(state, lane)
    state.prune()
  }

  for (const name of lanesOf({ engines, maxMegapixels: MAX_LANE_MEGAPIXELS })) await lanes.ensure(name)
  const unsubscribe = [
    await subscribeToWorkers(backend, () => void loadWorkers().catch(onError)),
    await subscribeToPaused(store, () => void reconcile().catch(onError)),
    await subscribeToSignal(store, 'removed', id => state.end(id, { state: 'cancelled' })),
  ]
  await reconcile()
  const stopReconciling = repeat(reconcile, RECONCILE_INTERVAL_MS, onError)

  return {
    order,
    lanes: lanes.all,
    queues: () => lanes.all().map(({ queue }) => queue),
    /** @throws Error for an unknown lane */
    queueOf(lane: string): Queue {
      const found = lanes.get(lane)
      if (!found) throw new Error(`there is no lane ${lane}`)
      return found.queue
    },
    ensureLane: lanes.ensure,
    laneNamed: lanes.get,
    followed: (id: string) => state.followed.get(id),
    follow: state.follow,
    added: state.added,
    unfollow: state.unfollow,
    end: state.end,
    notifyPositions: state.notifyPositions,
    reconcile,
    engines: workers.engines,
    upscalers: workers.upscalers,
    /** Whether a live worker can paint such a job. True for known engines while there is no worker: the next one may be able to. */
    hasCapableWorker: (needs: JobRequirements) => workers.canPaint(needs) ?? lanes.get(laneOf(needs)) !== undefined,
    async close(): Promise<void> {
      stopReconciling()
      state.close()
      await Promise.all(unsubscribe.map(end => end()))
      await lanes.close()
    },
  }
}

/** Repeat work with pauses of this many milliseconds: runs never overlap. @returns a function that ends it */
function repeat(work: () => Promise<void>, pauseMs: number, onError: (error: Error) => void): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    timer = setTimeout(async () => {
      await work().catch(onError)
      if (!stopped) schedule()
    }, pauseMs).unref()
  }
  schedule()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
