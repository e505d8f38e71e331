import { Piscina } from 'piscina'
import type { Extent } from '../../../image/geometry.js'
import { workerPath } from '../../../runtime/worker-path.js'
import { type PostProcess, postProcessHere } from './post-process.js'

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
  const { filename, execArgv } = workerPath(import.meta.url, 'post-processing-worker')
  const pool = new Piscina({
    filename,
    name: 'toPixels', // any of the exports: the module has no default one
    execArgv,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  })
  const isSmall = ({ width, height }: Extent) => width * height < leastPixels
  const postProcess: PostProcess = {
    toPlanes: pixels => (isSmall(pixels) ? postProcessHere.toPlanes(pixels) : pool.run(pixels, { name: 'toPlanes' })),
    toPixels(decoded) {
      if (isSmall(decoded.size)) return postProcessHere.toPixels(decoded)
      const { buffer } = decoded.planes
      return pool.run(decoded, { name: 'toPixels', transferList: buffer instanceof ArrayBuffer ? [buffer] : [] })
    },
    matchColors: task =>
      isSmall(task.mask) ? postProcessHere.matchColors(task) : pool.run(task, { name: 'matchColors' }),
    seamMask: task => (isSmall(task.mask) ? postProcessHere.seamMask(task) : pool.run(task, { name: 'seamMask' })),
    blendSeam: task => (isSmall(task.mask) ? postProcessHere.blendSeam(task) : pool.run(task, { name: 'blendSeam' })),
  }
  return { postProcess, close: () => pool.destroy() }
}
