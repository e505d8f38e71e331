import { z } from 'zod'
import { CONTROLNET_TASKS } from '../inference/checkpoint/controlnet-task.js'
import type { EngineInfo } from '../inference/engines/engine-info.js'
import { isUpscalerPath } from '../inference/engines/model-folder.js'
import { LANCZOS } from '../inference/engines/upscale/lanczos.js'
import type { Backend } from './backends/backend.js'
import { hasHeartbeat, startHeartbeat } from './heartbeat.js'
import { type Capability, canServe, type JobRequirements } from './lanes.js'

/** As it is stored: workers of other versions read it. */
const storedDeviceSchema = z.object({
  device: z.string(),
  engines: z.array(z.string()),
  /** In megapixels. */
  largest: z.number(),
})
const storedEngineSchema = z.object({
  name: z.string(),
  supportsPrompt: z.boolean(),
  supportsTextToImage: z.boolean(),
  isEraser: z.boolean(),
  traits: z
    .object({ isForInpainting: z.boolean(), isLarge: z.boolean(), isRefiner: z.boolean().default(false) })
    .optional(),
  controlNets: z
    .array(z.object({ name: z.string(), tasks: z.array(z.enum(CONTROLNET_TASKS)) }))
    .optional()
    .catch(undefined),
})
const storedWorkerSchema = z.object({
  host: z.string(),
  since: z.number(),
  devices: z.array(storedDeviceSchema),
  /** Missing where an older version wrote it. */
  engines: z.array(storedEngineSchema).default([]),
})
type StoredWorker = z.infer<typeof storedWorkerSchema>

/** A process that paints: on which machine, since when (milliseconds since 1970), with which devices. */
export type WorkerInfo = {
  readonly host: string
  readonly since: number
  readonly devices: readonly (Capability & { readonly device: string })[]
  /** What the engines of the devices can do. */
  readonly engines: readonly EngineInfo[]
}

/** The map of workers by name, and the channel that announces its changes. */
const WORKERS = 'workers'

/**
 * Register a worker, and send its heartbeats.
 *
 * @param name of the worker, unlike all others
 * @returns a function that removes it from the registry
 */
export async function registerWorker(
  backend: Backend,
  name: string,
  worker: WorkerInfo,
  onError: (error: Error) => void,
): Promise<() => Promise<void>> {
  const { store } = backend
  await store.putEntry(WORKERS, name, JSON.stringify(toStored(worker)))
  const heartbeat = await startHeartbeat(backend, name, onError)
  await store.publish(WORKERS, name)
  return async () => {
    await heartbeat.stop()
    await store.deleteEntry(WORKERS, name)
    await store.publish(WORKERS, name)
  }
}

/**
 * The workers that are alive, by name. Removes those that are gone from the registry.
 *
 * @param onUnreadable gets the name of each worker whose entry can't be read: another version wrote it
 */
export async function listWorkers(
  backend: Backend,
  onUnreadable: (name: string) => void,
): Promise<Map<string, WorkerInfo>> {
  const { store } = backend
  const alive = new Map<string, WorkerInfo>()
  for (const [name, text] of await store.getEntries(WORKERS)) {
    if (!(await hasHeartbeat(backend, name))) {
      await store.deleteEntry(WORKERS, name)
      continue
    }
    const worker = parseWorker(text)
    if (worker) alive.set(name, worker)
    else onUnreadable(name)
  }
  return alive
}

/** How many devices of these workers can take such a job. */
export function countCapableDevices(workers: ReadonlyMap<string, WorkerInfo>, needs: JobRequirements): number {
  return [...workers.values()].flatMap(({ devices }) => devices).filter(device => canServe(device, needs)).length
}

/** The engines of all workers that paint, each once. */
export function enginesOf(workers: ReadonlyMap<string, WorkerInfo>): readonly EngineInfo[] {
  const engines = [...workers.values()].flatMap(worker => worker.engines)
  return [...new Map(engines.map(engine => [engine.name, engine])).values()]
}

/** The names of the upscalers of all workers, each once. */
export function upscalersOf(workers: ReadonlyMap<string, WorkerInfo>): readonly string[] {
  const names = [...workers.values()].flatMap(({ devices }) => devices.flatMap(({ engines }) => engines))
  return [...new Set(names.filter(name => name === LANCZOS || isUpscalerPath(name)))]
}

/** @param onChange called when the registry may have changed */
export function subscribeToWorkers({ store }: Backend, onChange: () => void) {
  return store.subscribe(WORKERS, { onMessage: onChange, onReconnect: onChange })
}

function parseWorker(text: string): WorkerInfo | undefined {
  try {
    return fromStored(storedWorkerSchema.parse(JSON.parse(text)))
  } catch {
    return undefined
  }
}

function toStored({ host, since, devices, engines }: WorkerInfo): StoredWorker {
  const stored = devices.map(({ device, engines, maxMegapixels }) => ({
    device,
    engines: [...engines],
    largest: maxMegapixels,
  }))
  const storedEngines = engines.map(({ controlNets, ...engine }) => ({
    ...engine,
    ...(controlNets && { controlNets: controlNets.map(({ name, tasks }) => ({ name, tasks: [...tasks] })) }),
  }))
  return { host, since, devices: stored, engines: storedEngines }
}

function fromStored({ devices, ...worker }: StoredWorker): WorkerInfo {
  return { ...worker, devices: devices.map(({ largest, ...rest }) => ({ ...rest, maxMegapixels: largest })) }
}
