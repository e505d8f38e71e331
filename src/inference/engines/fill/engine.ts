import { availableParallelism } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Pixels } from '../../image/pixels.js'
import type { Engine } from '../../pipeline/engine.js'
import { beside } from '../../runtime/worker-path.js'
import { THREAD_BYTES_PER_PIXEL, THREAD_IDLE_MS, THREADS_MAX_BYTES } from './parameters.js'
import type { Method } from './presets.js'
import type { ThreadProgress, ThreadTask } from './worker.js'

/**
 * The engine that is built in: completes a picture from itself, with no weights (see `presets.ts` for how).
 * Variations are shared out to as many threads as the machine has cores, or, if the picture is large, as memory allows. It
 * can't read prompts.
 */
export function fillEngine(method: Method): Engine {
  const { filename, execArgv } = beside(import.meta.url, 'worker')
  // Threads start with the first task and end soon after the last.
  const pool = new Piscina({
    filename,
    execArgv,
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: THREAD_IDLE_MS,
  })

  return {
    name: method,

    async paint({ pixels, mask }, { seeds, signal, onProgress }) {
      signal.throwIfAborted()
      const shared = { pixels: inSharedMemory(pixels), mask: inSharedMemory(mask) }
      const dones = seeds.map(() => 0)
      const share = (thread: number) => seeds.filter((_, index) => index % threads === thread)
      const threads = Math.min(
        seeds.length,
        availableParallelism(),
        Math.max(1, Math.floor(THREADS_MAX_BYTES / (mask.data.length * THREAD_BYTES_PER_PIXEL))),
      )
      const paintShare = async (thread: number): Promise<Pixels[]> => {
        const { port1, port2 } = new MessageChannel()
        port1.on('message', ({ index, done, preview }: ThreadProgress) => {
          dones[thread + index * threads] = done
          const all = dones.reduce((sum, one) => sum + one, 0) / seeds.length
          onProgress({ done: all, ...(preview && { preview }) })
        })
        try {
          // The first variation's previews are shown: four that take turns would flicker.
          const task: ThreadTask = { ...shared, method, seeds: share(thread), shows: thread === 0, port: port2 }
          return await pool.run(task, { transferList: [port2], signal })
        } finally {
          port1.close()
        }
      }
      const running = Array.from({ length: threads }, (_, thread) => paintShare(thread))
      try {
        const painted = await Promise.all(running)
        onProgress({ done: 1 })
        return seeds.map((_, index) => painted[index % threads]![Math.floor(index / threads)]!)
      } catch (error) {
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
