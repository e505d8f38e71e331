import type { MessagePort } from 'node:worker_threads'
import type { Mask, Pixels } from '../../image/pixels.js'
import { collectGarbage } from '../../runtime/collect-garbage.js'
import type { Method } from './methods.js'
import { prepareMethod } from './presets.js'

/** What a thread gets: a canvas in shared memory, which variations to paint, and where to report progress. */
export type ThreadTask = {
  readonly pixels: Pixels
  readonly mask: Mask
  readonly method: Method
  readonly isDraft: boolean
  readonly seeds: readonly number[]
  /** Whether to send previews of the first variation. */
  readonly sendsPreviews: boolean
  readonly port: MessagePort
}

/** The progress of one variation, 0 to 1. @property index of the variation in the task's seeds */
export type ThreadProgress = { readonly index: number; readonly done: number; readonly preview?: Pixels }

/** How long after its last task the thread frees the memory of its tasks, in milliseconds. */
const IDLE_MS = 1000

let whenIdle: NodeJS.Timeout | undefined

/** What the variations have in common is computed once. */
export default function paintVariations({
  pixels,
  mask,
  method,
  isDraft,
  seeds,
  sendsPreviews,
  port,
}: ThreadTask): Pixels[] {
  clearTimeout(whenIdle)
  try {
    const paint = prepareMethod(method, { pixels, mask }, { isDraft })
    return seeds.map((seed, index) =>
      paint(seed, (done, preview) => {
        const progress: ThreadProgress = {
          index,
          done,
          ...(sendsPreviews && index === 0 && { preview: preview() }),
        }
        port.postMessage(progress)
      }),
    )
  } finally {
    port.close()
    whenIdle = setTimeout(collectGarbage, IDLE_MS)
  }
}
