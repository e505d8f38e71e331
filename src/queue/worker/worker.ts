import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { EngineInfo } from '../../inference/engines/engine-info.js'
import type { Backend } from '../backends/backend.js'
import { finishOrDisconnect } from '../backends/reconnect.js'
import { subscribeToSignal } from '../signals.js'
import { registerWorker, type WorkerInfo } from '../worker-registry.js'
import type { WorkerDevice } from './job-attempt.js'
import type { JobObserver } from './job-observer.js'
import { jobProcessor } from './job-processor.js'
import { laneWorkersFor } from './lane-workers.js'

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

/** Start a worker: it paints the jobs that its devices can paint until it is closed. */
export async function startWorker(backend: Backend, options: QueueWorkerOptions): Promise<QueueWorker> {
  const { devices, onError } = options
  const { store } = backend
  const processor = jobProcessor(backend, options)
  const unsubscribeCancel = await subscribeToSignal(store, 'cancel', id => processor.stop(id, 'cancelled'))
  const laneWorkers = devices.flatMap(device => laneWorkersFor(device, backend, processor, onError))
  await Promise.all(laneWorkers.map(({ worker }) => worker.waitUntilReady()))
  const unregister = await registerWorker(backend, `worker:${randomUUID()}`, describeWorker(options), onError)
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
      await unsubscribeCancel()
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

/** What the registry tells the bots. */
function describeWorker({ devices, engines = [] }: QueueWorkerOptions): WorkerInfo {
  return {
    host: hostname(),
    since: Date.now(),
    devices: devices.map(device => {
      return { device: device.name, engines: device.engines, maxMegapixels: device.maxMegapixels }
    }),
    engines,
  }
}
