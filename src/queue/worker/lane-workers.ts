import { type Worker as BullWorker, type Queue, WaitingError } from 'bullmq'
import { type Backend, MAX_STALLED_COUNT } from '../backends/backend.js'
import { lanesOf } from '../lanes.js'
import { fromBullJobId } from '../payload.js'
import { type DeviceGate, deviceGate } from './device-gate.js'
import type { WorkerDevice } from './job-attempt.js'
import { ForeignJobError, type JobProcessor } from './job-processor.js'

/** How often to look for stalled jobs at most, in milliseconds. */
const MAX_STALLED_INTERVAL_MS = 5000

export type LaneWorker = {
  readonly worker: BullWorker
  readonly queue: Queue
  readonly gate: DeviceGate
}

/** A BullMQ worker for each lane that the device can serve. They share the device, and do not run yet. */
export function laneWorkersFor(
  device: WorkerDevice,
  backend: Backend,
  processor: JobProcessor,
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
