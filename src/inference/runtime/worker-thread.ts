import type { Piscina } from 'piscina'
import { workerPath } from './worker-path.js'

/** A thread for what takes long, one task at a time. */
export interface WorkerThread<Task, Answer> {
  run(task: Task): Promise<Answer>
  close(): Promise<void>
}

/**
 * A thread that starts with the first task and ends soon after the last.
 *
 * @param url `import.meta.url` of the asking module
 * @param name of the module beside it that the thread runs, without ending
 */
export function workerThread<Task, Answer>(url: string, name: string): WorkerThread<Task, Answer> {
  let pool: Promise<Piscina<Task, Answer>> | undefined
  async function open() {
    const { Piscina } = await import('piscina')
    return new Piscina<Task, Answer>({ ...workerPath(url, name), minThreads: 0, maxThreads: 1, idleTimeout: 10_000 })
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
