import type { Logger } from 'pino'
import { createKeptResults, type KeptResults } from '../bot/jobs/kept-results.js'
import { incidentId } from '../bot/messages/reply-with-error.js'
import type { Config } from '../config.js'
import type { EngineInfo } from '../inference/engines/engine-info.js'
import { createEngineRegistry, type EngineRegistry } from '../inference/engines/registry.js'
import { type Painter, type PainterOptions, painter } from '../inference/runtime/painter.js'
import { findKnownCause } from '../known-causes/known-causes.js'
import type { Backend } from '../queue/backends/backend.js'
import { openBackend } from '../queue/backends/open-backend.js'
import { jobQueue } from '../queue/job-queue.js'
import { type Capability, MAX_LANE_MEGAPIXELS } from '../queue/lanes.js'
import type { JobQueue } from '../queue/queue.js'
import type { JobObserver } from '../queue/worker/job-observer.js'
import { type QueueWorker, startWorker } from '../queue/worker/worker.js'
import { type Quotas, quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import { openSettingsFile } from '../settings/settings-file.js'
import { sharedSettings } from '../settings/shared-settings.js'
import { closeInTime } from './closing.js'
import { createQueueErrorLog } from './queue-errors.js'

/** The queue with all that belongs to it. With an embedded queue, a worker in this process paints the jobs. */
export type OpenQueue = {
  readonly backend: Backend
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly expiringStore: Backend['store']
  readonly keptResults: KeptResults
  /** Take no more jobs, and let running ones finish within this time, in ms. */
  stopWorker(timeout: number): Promise<void>
  /** Call it after the bot is closed. */
  close(): Promise<void>
}

/** @throws UserError `engine-unknown`, `queue-unreachable`, `folder-in-use`, `disk-full`, `settings-corrupt` */
export async function openQueue(config: Config, log: Logger, watch?: JobObserver): Promise<OpenQueue> {
  const errors = createQueueErrorLog(log)
  const { onError } = errors
  const backend = await openBackend(config, onError)
  errors.watch(backend)
  let worker: QueueWorker | undefined
  let opened: JobQueue | undefined
  const { MODEL_FOLDER: modelFolder, MODEL: defaultEngine } = config
  const engines = createEngineRegistry({
    modelFolder,
    defaultEngine,
    workerEngines: () => opened?.engines() ?? [],
    workerUpscalers: () => opened?.upscalers() ?? [],
  })
  try {
    // Workers on other machines may have it.
    if (defaultEngine !== undefined && !backend.shared) engines.get(defaultEngine) // throws
    if (!backend.shared) worker = await startPaintWorker(backend, log, engines, {}, config.DEVICE, { watch, onError })
    opened = await jobQueue(backend, {
      engines: engines.names(),
      maxWaiting: config.QUEUE_LIMIT,
      maxWaitingPerPerson: config.QUEUE_LIMIT_PER_PERSON,
      maxWaitingPerServer: config.QUEUE_LIMIT_PER_SERVER,
      onError,
    })
    const queue = opened
    const settings = await settingsStoreFor(backend, config, onError)
    return {
      backend,
      engines,
      queue,
      settings,
      expiringStore: backend.store,
      keptResults: createKeptResults(backend),
      quotas: quotas(settings, config, backend.store),
      async stopWorker(timeout) {
        await worker?.close(timeout)
      },
      async close() {
        errors.close()
        await worker?.close(0)
        await queue.close()
        await backend.close()
      },
    }
  } catch (error) {
    errors.close()
    const closings = [() => worker?.close(0), () => opened?.close(), () => backend.close()]
    await closeInTime(closings, queueErrorLogger(log))
    throw error
  }
}

/** Settings are stored with a shared queue; otherwise in a file in the data folder. */
export function settingsStoreFor(backend: Backend, { DATA_FOLDER }: Config, onError: (error: Error) => void) {
  return backend.shared ? sharedSettings(backend.store, onError) : openSettingsFile(DATA_FOLDER)
}

/**
 * Start a worker with one painter for each device.
 *
 * @param deviceNames like `cuda:1`; the first device that works if undefined
 */
export function startPaintWorker(
  backend: Backend,
  log: Logger,
  registry: EngineRegistry,
  { engines = registry.names(), maxMegapixels = MAX_LANE_MEGAPIXELS }: Partial<Capability>,
  deviceNames: readonly string[] | undefined,
  {
    watch,
    paints = painter,
    onError = queueErrorLogger(log),
  }: {
    watch?: JobObserver | undefined
    paints?: (options: PainterOptions) => Painter
    onError?: (error: Error) => void
  } = {},
): Promise<QueueWorker> {
  const { modelFolder } = registry
  const isOffered = ({ name }: EngineInfo) => engines.includes(name) || engines.includes(name.split(':')[0]!)
  return startWorker(backend, {
    engines: registry.installed().filter(isOffered),
    devices: deviceNames
      ? deviceNames.map(name => ({ name, painter: paints({ modelFolder, device: name }), engines, maxMegapixels }))
      : [{ name: 'auto', painter: paints({ modelFolder }), engines, maxMegapixels }],
    reportBug(error, job) {
      const id = incidentId()
      log.error({ err: error, incident: id, job, ...findKnownCause(error) }, 'job failed')
      return id
    },
    onError,
    observer: {
      started(job) {
        log.info({ job: job.id, engine: job.engine, device: job.device, waited: job.waitedMs }, 'painting started')
        watch?.started(job)
      },
      ended(job) {
        const { id, outcome, tookMs: took, timings } = job
        log.info({ job: id, outcome, took: Math.round(took), timings }, 'painting finished')
        watch?.ended(job)
      },
    },
  })
}

/** Logs errors of the queue, with their cause where it is known. */
export function queueErrorLogger(log: Logger): (error: unknown) => void {
  return error => log.warn({ err: error, ...findKnownCause(error) }, 'queue error')
}
