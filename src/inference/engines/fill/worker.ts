import type { MessagePort } from 'node:worker_threads'
import type { Mask, Pixels } from '../../image/pixels.js'
import { type Method, painting } from './presets.js'

/** What a thread is given: a canvas in shared memory, which variations to paint, and where to tell its progress. */
export type ThreadTask = {
  readonly pixels: Pixels
  readonly mask: Mask
  readonly method: Method
  readonly seeds: readonly number[]
  /** Whether to send small pictures of the first of them. */
  readonly shows: boolean
  readonly port: MessagePort
}

/** What it tells meanwhile, of the variation at `index` among its own. */
export type ThreadProgress = { readonly index: number; readonly done: number; readonly preview?: Pixels }

/** What the variations have in common is worked out once. */
export default function paintThem({ pixels, mask, method, seeds, shows, port }: ThreadTask): Pixels[] {
  try {
    const paint = painting(method, { pixels, mask })
    return seeds.map((seed, index) =>
      paint(seed, (done, preview) => {
        const told: ThreadProgress = { index, done, ...(shows && index === 0 && { preview: preview() }) }
        port.postMessage(told)
      }),
    )
  } finally {
    port.close()
  }
}
