import type { QueueEvents } from 'bullmq'
import type { Backend } from '../backends/backend.js'
import { listenToLane } from './lane-events.js'
import type { QueueState } from './queue-state.js'
import type { Lane } from './reconcile.js'

type ListenedLane = Lane & { readonly events: QueueEvents }

/** The lanes whose queue and events are open in this process. Their events change `state`. */
export function openLanes(backend: Backend, state: QueueState, onError: (error: Error) => void) {
  const lanes = new Map<string, ListenedLane>()
  const openings = new Map<string, Promise<void>>()
  let closed = false

  async function open(name: string): Promise<void> {
    const queue = backend.queue(name)
    queue.on('error', onError)
    const lane = { name, queue, events: await backend.events(name) }
    if (closed) return closeLane(lane)
    lanes.set(name, lane)
    listenToLane(state, lane, lane.events, onError)
  }

  return {
    /** Open a lane unless it is open. */
    async ensure(name: string): Promise<void> {
      const opening = openings.get(name) ?? open(name)
      openings.set(name, opening)
      await opening.catch(error => {
        openings.delete(name)
        throw error
      })
    },
    get: (name: string): Lane | undefined => lanes.get(name),
    all: (): readonly Lane[] => [...lanes.values()],
    async close(): Promise<void> {
      closed = true
      for (const lane of lanes.values()) await closeLane(lane)
    },
  }
}

async function closeLane({ queue, events }: ListenedLane): Promise<void> {
  await Promise.all([events.close(), queue.close()])
}
