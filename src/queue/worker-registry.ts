import { z } from 'zod'
import type { Backend } from './backends/backend.js'
import { canServe, type JobRequirements } from './lanes.js'

/** One device that paints, as others see it. */
const deviceSchema = z.object({
  device: z.string(),
  engines: z.array(z.string()),
  largest: z.number(),
})
const workerSchema = z.object({ host: z.string(), since: z.number(), devices: z.array(deviceSchema) })

/** A process that paints: on which machine, since when (milliseconds since 1970), with what. */
export type WorkerInfo = z.infer<typeof workerSchema>

/** A sign of life is good for so long, in seconds, and given three times as often. */
const LIFE = 15

const WORKERS = 'workers'

/** Say again and again that this process is there. @returns how to take leave */
export async function startHeartbeat(
  { store }: Backend,
  name: string,
  onError: (error: Error) => void,
): Promise<() => Promise<void>> {
  await store.set(name, LIFE, '')
  const timer = setInterval(() => void store.set(name, LIFE, '').catch(onError), (LIFE * 1000) / 3).unref()
  return async () => {
    clearInterval(timer)
    await store.set(name, 1, '')
  }
}

export async function hasHeartbeat({ store }: Backend, name: string): Promise<boolean> {
  return (await store.get(name)) !== undefined
}

/** Be known as somebody who paints. @returns how to take leave */
export async function registerWorker(
  backend: Backend,
  name: string,
  info: WorkerInfo,
  onError: (error: Error) => void,
) {
  const { store } = backend
  await store.put(WORKERS, name, JSON.stringify(info))
  const leave = await startHeartbeat(backend, name, onError)
  await store.publish(WORKERS, name)
  return async () => {
    await leave()
    await store.drop(WORKERS, name)
    await store.publish(WORKERS, name)
  }
}

/** Who paints right now, by name. Who was lost without taking leave is struck off. */
export async function listWorkers({ store }: Backend): Promise<Map<string, WorkerInfo>> {
  const found = new Map<string, WorkerInfo>()
  for (const [name, text] of await store.all(WORKERS)) {
    if ((await store.get(name)) !== undefined) found.set(name, workerSchema.parse(JSON.parse(text)))
    else await store.drop(WORKERS, name)
  }
  return found
}

/** How many devices could take it. */
export function countCapableDevices(all: ReadonlyMap<string, WorkerInfo>, needs: JobRequirements): number {
  return [...all.values()].flatMap(({ devices }) => devices).filter(device => canServe(device, needs)).length
}

/** Called with word of a change, and after some may have been missed. */
export function subscribeToWorkers({ store }: Backend, changed: () => void) {
  return store.subscribe(WORKERS, { heard: changed, again: changed })
}
