import { availableParallelism } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { Pixels } from '../../image/pixels.js'
import type { Engine } from '../../pipeline/engine.js'
import { workerPath } from '../../runtime/worker-path.js'
import type { Method } from './methods.js'
import { THREAD_BYTES_PER_PIXEL, THREAD_IDLE_MS, THREADS_MAX_BYTES } from './parameters.js'
import type { ThreadProgress, ThreadTask } from './worker.js'

/**
 * The built-in engine: completes a picture from itself, with no weights (see `presets.ts`). It can't read prompts.
 *
 * Variations are distributed over as many threads as the machine has cores, or as memory allows if the picture is
 * large.
 */
export function fillEngine(method: Method): Engine {
  const { filename, execArgv } = workerPath(import.meta.url, 'worker')
  // Threads start with the first task and end soon after the last.
  const pool = new Piscina({
    filename,
    execArgv,
    minThreads: 0,
    maxThreads: availableParallelism(),
    idleTimeout: THREAD_IDLE_MS,
    // A thread that blocks while it waits could not free its memory.
    atomics: 'disabled',
  })

  return {
    name: method,

    async paint({ pixels, mask }, { seeds, signal, isDraft = false, onProgress }) {
      signal.throwIfAborted()
      const shared = { pixels: toSharedMemory(pixels), mask: toSharedMemory(mask) }
      const progress = seeds.map(() => 0)
      const threads = threadCount(seeds.length, mask.data.length)
      const seedsOf = (thread: number) => seeds.filter((_, index) => index % threads === thread)
      const paintInThread = async (thread: number): Promise<Pixels[]> => {
        const { port1, port2 } = new MessageChannel()
        port1.on('message', ({ index, done, preview }: ThreadProgress) => {
          progress[thread + index * threads] = done
          const mean = progress.reduce((sum, one) => sum + one, 0) / seeds.length
          onProgress({ done: mean, ...(preview && { preview }) })
        })
        try {
          // Only the first variation is previewed: several in turns would flicker.
          const sendsPreviews = thread === 0
          const task: ThreadTask = { ...shared, method, isDraft, seeds: seedsOf(thread), sendsPreviews, port: port2 }
          return await pool.run(task, { transferList: [port2], signal })
        } finally {
          port1.close()
        }
      }
      const running = Array.from({ length: threads }, (_, thread) => paintInThread(thread))
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

function threadCount(variations: number, pixels: number): number {
  const inMemory = Math.floor(THREADS_MAX_BYTES / (pixels * THREAD_BYTES_PER_PIXEL))
  return Math.min(variations, availableParallelism(), Math.max(1, inMemory))
}

function toSharedMemory<T extends { readonly data: Uint8Array }>(value: T): T {
  const data = new Uint8Array(new SharedArrayBuffer(value.data.length))
  data.set(value.data)
  return { ...value, data }
}
