import type { Queue, QueueEvents } from 'bullmq'
import type { EngineInfo } from '../inference/engines/engine-info.js'
import type { Backend } from './backends/backend.js'
import { listenToLane } from './lane-events.js'
import { type JobRequirements, laneOf, lanesOf, MAX_LANE_MEGAPIXELS } from './lanes.js'
import { loadPausedServers, subscribeToPaused } from './paused-servers.js'
import { queueState } from './queue-state.js'
import { type Lane, reconcileLane } from './reconcile.js'
import { subscribeToSignal } from './signals.js'
import {
  countCapableDevices,
  enginesOf,
  listWorkers,
  subscribeToWorkers,
  upscalersOf,
  type WorkerInfo,
} from './worker-registry.js'

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
  const lanes = new Map<string, Lane & { readonly events: QueueEvents }>()
  const openings = new Map<string, Promise<void>>()
  /** As the workers last said: they stay known while no worker is connected. */
  let workerEngines: readonly EngineInfo[] = []
  let workerUpscalers: readonly string[] = []
  let workers: ReadonlyMap<string, WorkerInfo> = new Map()
  const deviceCounts = new Map<string, number>()
  const state = queueState(lane => deviceCounts.get(lane) ?? 0, onError)
  const { order } = state
  let closed = false
  /** Workers whose entry can't be read: each is reported once. */
  const unreadableWorkers = new Set<string>()

  function reportUnreadable(worker: string): void {
    if (unreadableWorkers.has(worker)) return
    unreadableWorkers.add(worker)
    onError(new Error(`the entry of ${worker} can't be read: it is of another version`))
  }

  async function loadWorkers(): Promise<void> {
    workers = await listWorkers(backend, reportUnreadable)
    deviceCounts.clear()
    for (const { devices } of workers.values()) {
      for (const lane of devices.flatMap(lanesOf)) deviceCounts.set(lane, (deviceCounts.get(lane) ?? 0) + 1)
    }
    for (const lane of [...deviceCounts.keys()]) await ensureLane(lane)
    // Jobs may name an engine once its lanes are there.
    if (workers.size > 0) {
      workerEngines = enginesOf(workers)
      workerUpscalers = upscalersOf(workers)
    }
    state.notifyPositions()
  }

  /** A worker may have engines that were unknown when this process started. */
  async function ensureLane(name: string): Promise<void> {
    const opening = openings.get(name) ?? openLane(name)
    openings.set(name, opening)
    await opening.catch(error => {
      openings.delete(name)
      throw error
    })
  }

  async function openLane(name: string): Promise<void> {
    const queue = backend.queue(name)
    queue.on('error', onError)
    const lane = { name, queue, events: await backend.events(name) }
    if (closed) {
      await Promise.all([lane.events.close(), queue.close()])
      return
    }
    lanes.set(name, lane)
    listenToLane(state, lane, lane.events, onError)
  }

  async function reconcile(): Promise<void> {
    const servers = await loadPausedServers(store)
    order.pausedServers.clear()
    for (const server of servers) order.pausedServers.add(server)
    order.invalidate()
    await loadWorkers()
    for (const lane of lanes.values()) await reconcileLane(state, lane)
    state.prune()
  }

  for (const name of lanesOf({ engines, maxMegapixels: MAX_LANE_MEGAPIXELS })) await ensureLane(name)
  const unsubscribe = [
    await subscribeToWorkers(backend, () => void loadWorkers().catch(onError)),
    await subscribeToPaused(store, () => void reconcile().catch(onError)),
    await subscribeToSignal(store, 'removed', id => state.end(id, { state: 'cancelled' })),
  ]
  await reconcile()
  let reconcileTimer: NodeJS.Timeout | undefined
  // No interval: a comparison that takes longer must not overlap with the next one.
  const scheduleReconcile = () => {
    reconcileTimer = setTimeout(async () => {
      await reconcile().catch(onError)
      if (!closed) scheduleReconcile()
    }, RECONCILE_INTERVAL_MS).unref()
  }
  scheduleReconcile()

  return {
    order,
    lanes: () => [...lanes.values()] as readonly Lane[],
    queues: () => [...lanes.values()].map(({ queue }) => queue),
    /** @throws Error for an unknown lane */
    queueOf(lane: string): Queue {
      const found = lanes.get(lane)
      if (!found) throw new Error(`there is no lane ${lane}`)
      return found.queue
    },
    ensureLane,
    laneNamed: (lane: string): Lane | undefined => lanes.get(lane),
    followed: (id: string) => state.followed.get(id),
    follow: state.follow,
    added: state.added,
    unfollow: state.unfollow,
    end: state.end,
    notifyPositions: state.notifyPositions,
    reconcile,
    engines: () => workerEngines,
    upscalers: () => workerUpscalers,
    /** Whether a live worker can paint such a job. True for known engines while there is no worker: the next one may be able to. */
    hasCapableWorker: (needs: JobRequirements) =>
      workers.size === 0 ? lanes.has(laneOf(needs)) : countCapableDevices(workers, needs) > 0,
    async close(): Promise<void> {
      closed = true
      clearTimeout(reconcileTimer)
      state.close()
      await Promise.all(unsubscribe.map(end => end()))
      for (const { queue, events } of lanes.values()) await Promise.all([events.close(), queue.close()])
    },
  }
}
