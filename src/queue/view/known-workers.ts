import type { EngineInfo } from '../../inference/engines/engine-info.js'
import type { Backend } from '../backends/backend.js'
import { type JobRequirements, lanesOf } from '../lanes.js'
import { countCapableDevices, enginesOf, listWorkers, upscalersOf, type WorkerInfo } from '../worker-registry.js'

/**
 * The workers that are alive, as the registry last listed them.
 *
 * @param ensureLane opens a lane. A worker may have engines that were unknown when this process started
 * @param onError gets an error for each worker whose entry can't be read, once
 */
export function knownWorkers(
  backend: Backend,
  ensureLane: (name: string) => Promise<void>,
  onError: (error: Error) => void,
) {
  let workers: ReadonlyMap<string, WorkerInfo> = new Map()
  const deviceCounts = new Map<string, number>()
  /** They stay known while no worker is connected. */
  let engines: readonly EngineInfo[] = []
  let upscalers: readonly string[] = []
  const unreadable = new Set<string>()

  function reportUnreadable(worker: string): void {
    if (unreadable.has(worker)) return
    unreadable.add(worker)
    onError(new Error(`the entry of ${worker} can't be read: it is of another version`))
  }

  return {
    async load(): Promise<void> {
      workers = await listWorkers(backend, reportUnreadable)
      deviceCounts.clear()
      for (const { devices } of workers.values()) {
        for (const lane of devices.flatMap(lanesOf)) deviceCounts.set(lane, (deviceCounts.get(lane) ?? 0) + 1)
      }
      for (const lane of [...deviceCounts.keys()]) await ensureLane(lane)
      // Jobs may name an engine once its lanes are there.
      if (workers.size === 0) return
      engines = enginesOf(workers)
      upscalers = upscalersOf(workers)
    },
    /** How many devices serve a lane. */
    deviceCount: (lane: string) => deviceCounts.get(lane) ?? 0,
    /** As the workers last said. */
    engines: () => engines,
    upscalers: () => upscalers,
    /** Whether one of them can paint such a job; undefined while there is no worker. */
    canPaint: (needs: JobRequirements) => (workers.size === 0 ? undefined : countCapableDevices(workers, needs) > 0),
  }
}
