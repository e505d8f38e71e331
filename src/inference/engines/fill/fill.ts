import { availableParallelism } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { beside } from '../../beside.js'
import type { Engine } from '../../engine.js'
import type { Pixels } from '../../pixels.js'
import type { ThreadProgress, ThreadTask } from './fill-thread.js'

/** Painting a large picture takes about so much memory by pixel; variations share so much, in bytes. */
const BY_PIXEL = 40
const MEMORY = 1e9

/**
 * The engine that is built in: completes a picture from itself, with no weights (see `complete.ts` for the method).
 * Each variation runs in a thread of its own, as many at a time as the machine has cores and, if the picture is large, as
 * memory allows. It can't read prompts.
 */
export function fillEngine(): Engine {
  const { filename, execArgv } = beside(import.meta.url, 'fill-thread')
  // Threads start with the first task and end soon after the last.
  const pool = new Piscina({
    filename,
    execArgv,
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: 10_000,
  })

  return {
    name: 'fill',

    async paint({ pixels, mask }, { seeds, signal, onProgress }) {
      signal.throwIfAborted()
      const shared = { pixels: inSharedMemory(pixels), mask: inSharedMemory(mask) }
      const dones = seeds.map(() => 0)
      // The first variation's previews are shown: four that take turns would flicker.
      const paintOne = async (seed: number, index: number): Promise<Pixels> => {
        const { port1, port2 } = new MessageChannel()
        port1.on('message', ({ done, preview }: ThreadProgress) => {
          dones[index] = done
          const all = dones.reduce((sum, one) => sum + one, 0) / seeds.length
          onProgress(index === 0 ? { done: all, preview } : { done: all })
        })
        try {
          const task: ThreadTask = { ...shared, seed, port: port2 }
          return await pool.run(task, { transferList: [port2], signal })
        } finally {
          port1.close()
        }
      }
      const pictures: Pixels[] = []
      let next = 0
      const takeTurns = async () => {
        while (next < seeds.length) {
          const index = next++
          pictures[index] = await paintOne(seeds[index]!, index)
        }
      }
      const atOnce = Math.max(1, Math.floor(MEMORY / (mask.data.length * BY_PIXEL)))
      const running = seeds.slice(0, atOnce).map(takeTurns)
      try {
        await Promise.all(running)
        onProgress({ done: 1 })
        return pictures
      } catch (error) {
        next = seeds.length
        await Promise.allSettled(running)
        throw signal.aborted ? signal.reason : error
      }
    },

    async close() {
      await pool.destroy()
    },
  }
}

function inSharedMemory<T extends { readonly data: Uint8Array }>(from: T): T {
  const data = new Uint8Array(new SharedArrayBuffer(from.data.length))
  data.set(from.data)
  return { ...from, data }
}
