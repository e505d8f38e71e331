import { z } from 'zod'
import type { Backend } from './backends/backend.js'
import { canDo, type Needs } from './lanes.js'

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
export async function present(
  { notes }: Backend,
  name: string,
  onError: (error: Error) => void,
): Promise<() => Promise<void>> {
  await notes.sign(name, LIFE, '')
  const timer = setInterval(() => void notes.sign(name, LIFE, '').catch(onError), (LIFE * 1000) / 3).unref()
  return async () => {
    clearInterval(timer)
    await notes.sign(name, 1, '')
  }
}

export async function isPresent({ notes }: Backend, name: string): Promise<boolean> {
  return (await notes.signed(name)) !== undefined
}

/** Be known as somebody who paints. @returns how to take leave */
export async function enrol(backend: Backend, name: string, info: WorkerInfo, onError: (error: Error) => void) {
  const { notes } = backend
  await notes.put(WORKERS, name, JSON.stringify(info))
  const leave = await present(backend, name, onError)
  await notes.publish(WORKERS, name)
  return async () => {
    await leave()
    await notes.drop(WORKERS, name)
    await notes.publish(WORKERS, name)
  }
}

/** Who paints right now, by name. Who was lost without taking leave is struck off. */
export async function workers({ notes }: Backend): Promise<Map<string, WorkerInfo>> {
  const found = new Map<string, WorkerInfo>()
  for (const [name, text] of await notes.all(WORKERS)) {
    if ((await notes.signed(name)) !== undefined) found.set(name, workerSchema.parse(JSON.parse(text)))
    else await notes.drop(WORKERS, name)
  }
  return found
}

/** How many devices could take it. */
export function ableDevices(all: ReadonlyMap<string, WorkerInfo>, needs: Needs): number {
  return [...all.values()].flatMap(({ devices }) => devices).filter(device => canDo(device, needs)).length
}

/** Called with word of a change, and after some may have been missed. */
export function watchWorkers({ notes }: Backend, changed: () => void) {
  return notes.subscribe(WORKERS, { heard: changed, again: changed })
}
