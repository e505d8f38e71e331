import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Worker as BullWorker, type Queue, WaitingError } from 'bullmq'
import type { EngineInfo } from '../inference/engines/engine-info.js'
import { type Backend, MAX_STALLED_COUNT } from './backends/backend.js'
import { finishOrDisconnect } from './backends/reconnect.js'
import { deviceGate } from './device-gate.js'
import type { JobObserver } from './job-observer.js'
import { ForeignJobError, jobProcessor, type WorkerDevice } from './job-processor.js'
import { lanesOf } from './lanes.js'
import { loadPausedServers, subscribeToPaused } from './paused-servers.js'
import { fromBullJobId } from './payload.js'
import { subscribeToSignal } from './signals.js'
import { registerWorker } from './worker-registry.js'

export type QueueWorkerOptions = {
  readonly devices: readonly WorkerDevice[]
  /** What the engines of the devices can do, for the bots. */
  readonly engines?: readonly EngineInfo[]
  /** Gets each error that the person didn't cause. @returns the id under which it can be found in the log */
  readonly reportBug: (error: unknown, job: string) => string
  /** Gets errors of background work, which is repeated later. */
  readonly onError: (error: Error) => void
  readonly observer?: JobObserver
}

export interface QueueWorker {
  /**
   * Take no more jobs. Those that run may go on for `graceMs`; then they are stopped and put back into the queue. A
   * second call with 0 stops them at once.
   */
  close(graceMs: number): Promise<void>
}

/** How often to look for stalled jobs at most, in milliseconds. */
const MAX_STALLED_INTERVAL_MS = 5000

/** Start a worker: it paints the jobs that its devices can paint until it is closed. */
export async function startWorker(backend: Backend, options: QueueWorkerOptions): Promise<QueueWorker> {
  const { devices, engines = [], onError } = options
  const { store } = backend
  const pausedServers = new Set<string>()
  const processor = jobProcessor(backend, { ...options, isPaused: server => pausedServers.has(server) })

  async function reloadPausedServers(): Promise<void> {
    const servers = await loadPausedServers(store)
    pausedServers.clear()
    for (const server of servers) pausedServers.add(server)
  }

  await reloadPausedServers()
  const unsubscribePaused = await subscribeToPaused(store, () => void reloadPausedServers().catch(onError))
  const unsubscribeCancel = await subscribeToSignal(store, 'cancel', id => processor.stop(id, 'cancelled'))
  const laneWorkers = devices.flatMap(device => laneWorkersFor(device, backend, processor, onError))
  await Promise.all(laneWorkers.map(({ worker }) => worker.waitUntilReady()))
  const unregister = await registerWorker(
    backend,
    `worker:${randomUUID()}`,
    {
      host: hostname(),
      since: Date.now(),
      devices: devices.map(device => {
        return { device: device.name, engines: device.engines, maxMegapixels: device.maxMegapixels }
      }),
      engines,
    },
    onError,
  )
  for (const { worker } of laneWorkers) worker.run().catch(onError)

  let stopNow = () => {}
  const stopped = new Promise<void>(resolve => {
    stopNow = () => {
      processor.stopAll()
      resolve()
    }
  })
  let closed: Promise<void> | undefined

  async function close(graceMs: number): Promise<void> {
    // Before the first await, so that no other job is taken.
    const closing = Promise.all(laneWorkers.map(({ worker }) => worker.close()))
    const graceTimer = setTimeout(stopNow, processor.isBusy() ? graceMs : 0)
    await finishOrDisconnect(backend, stopped, async () => {
      await unregister().catch(onError)
      await closing
      clearTimeout(graceTimer)
      await Promise.all(laneWorkers.map(({ gate }) => gate.whenIdle()))
      await Promise.all(laneWorkers.map(({ queue }) => queue.close()))
      await Promise.all([unsubscribePaused(), unsubscribeCancel()])
    })
    await Promise.all(devices.map(({ painter }) => painter.close()))
  }

  return {
    close(graceMs) {
      closed ??= close(graceMs)
      if (graceMs === 0) stopNow()
      return closed
    },
  }
}

type LaneWorker = {
  readonly worker: BullWorker
  readonly queue: Queue
  readonly gate: ReturnType<typeof deviceGate>
}

/** A BullMQ worker for each lane that the device can serve. They share the device. */
function laneWorkersFor(
  device: WorkerDevice,
  backend: Backend,
  processor: ReturnType<typeof jobProcessor>,
  onError: (error: Error) => void,
): LaneWorker[] {
  const gate = deviceGate(onError)
  return lanesOf(device).map(lane => {
    const worker: BullWorker = backend.worker(
      lane,
      async (job, token) => {
        if (!gate.enter(worker)) {
          await job.moveToWait(token)
          throw new WaitingError()
        }
        try {
          return await processor.process(device, job, token!)
        } catch (error) {
          if (error instanceof ForeignJobError) gate.rest(worker)
          throw error
        } finally {
          gate.leave()
        }
      },
      {
        name: device.name,
        lockDuration: backend.lockDurationMs,
        stalledInterval: Math.min(backend.lockDurationMs / 2, MAX_STALLED_INTERVAL_MS),
        maxStalledCount: MAX_STALLED_COUNT,
      },
    )
    const queue = backend.queue(lane)
    queue.on('error', onError)
    gate.add({ worker, queue })
    worker.on('error', onError)
    // Without its lock the job is stalled: another worker takes it, or has it already.
    worker.on('lockRenewalFailed', jobs => {
      for (const id of jobs) processor.stop(fromBullJobId(id), 'lost')
    })
    return { worker, queue, gate }
  })
}
