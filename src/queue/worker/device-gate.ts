import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue, Worker } from 'bullmq'

/** How long the lane with the first job has the device for itself, in milliseconds, before it is looked at again. */
const HEAD_START_MS = 50

/** A busy machine may need several head starts to take its job. After this many, every lane may take the device. */
const MAX_HEAD_STARTS = 20

/** How long a lane is left to other workers after a job that this one can't read, in milliseconds. */
const REST_MS = 5000

export type DeviceGate = ReturnType<typeof deviceGate>

type GatedLane = { readonly worker: Worker; readonly queue: Queue }

/**
 * Lets one BullMQ worker at a time use a device: there is one for each lane that the device serves. While one paints,
 * the others are paused, and put back what they had already taken. Then the lane whose first job has the lowest
 * priority number goes on.
 */
export function deviceGate(onError: (error: Error) => void) {
  const lanes: GatedLane[] = []
  let busy: Worker | undefined
  /** Counts how often the device was taken. */
  let turn = 0
  let passingOn: Promise<void> | undefined
  const resting = new Set<Worker>()

  function resume(worker: Worker): void {
    if (!resting.has(worker) && !worker.closing && worker.isPaused()) worker.resume().catch(onError)
  }

  async function passOn(): Promise<void> {
    const mine = turn
    const isOver = () => turn !== mine
    const next = await findFirstJob(lanes.filter(({ worker }) => !resting.has(worker)))
    if (isOver()) return
    if (next) resume(next.lane.worker)
    for (let start = 0; next && start < MAX_HEAD_STARTS; start++) {
      await sleep(HEAD_START_MS)
      // Another machine may have taken that job: then the jobs of the other lanes would wait for nothing.
      if (isOver() || next.lane.worker.closing || (await firstJob(next.lane))?.id !== next.id) break
    }
    if (!isOver()) for (const { worker } of lanes) resume(worker)
  }

  return {
    add: (lane: GatedLane) => lanes.push(lane),
    /** @returns false while another worker uses the device */
    enter(worker: Worker): boolean {
      if (busy) return false
      busy = worker
      turn++
      // `true`: do not wait for the jobs under way.
      for (const other of lanes) if (other.worker !== worker) other.worker.pause(true).catch(onError)
      return true
    },
    leave(): void {
      const worker = busy!
      busy = undefined
      if (lanes.length === 1) return
      // A BullMQ worker takes its next job as soon as this one returns, unless it is paused.
      worker.pause(true).catch(onError)
      if (worker.closing) return
      passingOn = passOn().catch(error => {
        onError(error)
        for (const one of lanes) resume(one.worker)
      })
    },
    /** Take nothing from this lane for a while: the worker that puts a job back would be the first to take it again. */
    rest(worker: Worker): void {
      resting.add(worker)
      worker.pause(true).catch(onError)
      sleep(REST_MS, undefined, { ref: false }).then(() => {
        resting.delete(worker)
        if (!busy) resume(worker)
      })
    },
    /** Resolves once nothing reads the queues any more. */
    whenIdle: async () => passingOn,
  }
}

type FirstJob = { readonly lane: GatedLane; readonly id: string; readonly priority: number; readonly addedAt: number }

async function firstJob(lane: GatedLane): Promise<FirstJob | undefined> {
  const [job] = await lane.queue.getJobs(['prioritized'], 0, 0, true)
  return job && { lane, id: job.id!, priority: job.priority, addedAt: job.timestamp }
}

/** Of the first jobs of all lanes, the one that goes first. */
async function findFirstJob(lanes: readonly GatedLane[]): Promise<FirstJob | undefined> {
  const found = (await Promise.all(lanes.map(firstJob))).filter(job => job !== undefined)
  return found.sort((one, other) => one.priority - other.priority || one.addedAt - other.addedAt)[0]
}
