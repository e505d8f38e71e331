import { Piscina } from 'piscina'
import type { Pixels } from '../../../image/pixels.js'
import { workerPath } from '../../../runtime/worker-path.js'
import postProcess, { type PostTask } from './post-process.js'

/** Does a task in this thread or another one. */
export type PostProcess = (task: PostTask) => Promise<Pixels>

export const postProcessHere: PostProcess = async task => postProcess(task)

/** A picture of fewer pixels takes a few milliseconds, in which no thread starts. */
const LEAST_PIXELS = 400 * 400

/** The thread ends after this time, in milliseconds: about one picture of a slow card. */
const IDLE_MS = 30_000

/**
 * A thread that post-processes pictures while a device paints the next one. It starts with the first task.
 *
 * @param leastPixels smaller pictures are done here
 */
export function postProcessingThread(leastPixels: number = LEAST_PIXELS) {
  const { filename, execArgv } = workerPath(import.meta.url, 'post-process')
  const pool = new Piscina<PostTask, Pixels>({
    filename,
    execArgv,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  })
  const run: PostProcess = task => (task.mask.data.length < leastPixels ? postProcessHere(task) : pool.run(task))
  return { run, close: () => pool.destroy() }
}
