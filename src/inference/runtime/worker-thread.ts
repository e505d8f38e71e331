import type { Piscina } from 'piscina'
import { workerPath } from './worker-path.js'

/** A thread for long computations, one task at a time. */
export interface WorkerThread<Task, Answer> {
  run(task: Task): Promise<Answer>
  close(): Promise<void>
}

/** The thread ends after this long without a task, in milliseconds. */
const IDLE_MS = 10_000

/**
 * A thread that starts with the first task and ends 10 seconds after the last.
 *
 * @param url `import.meta.url` of the calling module
 * @param name of the module next to it that the thread runs, without extension
 */
export function workerThread<Task, Answer>(url: string, name: string): WorkerThread<Task, Answer> {
  let pool: Promise<Piscina<Task, Answer>> | undefined
  async function open() {
    const { Piscina } = await import('piscina')
    return new Piscina<Task, Answer>({ ...workerPath(url, name), minThreads: 0, maxThreads: 1, idleTimeout: IDLE_MS })
  }
  return {
    async run(task) {
      pool ??= open()
      return (await pool).run(task)
    },
    async close() {
      await (await pool)?.destroy()
    },
  }
}
