import type { MessagePort } from 'node:worker_threads'
import type { Mask, Pixels } from '../../pixels.js'
import { prepare, variation } from './complete.js'

/** What a thread is given: a canvas in shared memory, which variations to paint, and where to tell its progress. */
export type ThreadTask = {
  readonly pixels: Pixels
  readonly mask: Mask
  readonly seeds: readonly number[]
  readonly port: MessagePort
}

/** What it tells meanwhile, of the variation at `index` among its own. */
export type ThreadProgress = { readonly index: number; readonly done: number; readonly preview: Pixels }

/** What the variations have in common is worked out once. */
export default function paintThem({ pixels, mask, seeds, port }: ThreadTask): Pixels[] {
  try {
    const prepared = prepare({ pixels, mask })
    return seeds.map((seed, index) =>
      variation(prepared, seed, (done, preview) => {
        port.postMessage({ index, done, preview: preview() } satisfies ThreadProgress)
      }),
    )
  } finally {
    port.close()
  }
}
