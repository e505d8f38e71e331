import type { MessagePort } from 'node:worker_threads'
import type { Mask, Pixels } from '../../pixels.js'
import { complete } from './complete.js'

/** What a thread is given: one variation of a canvas, in shared memory, and where to tell its progress. */
export type ThreadTask = {
  readonly pixels: Pixels
  readonly mask: Mask
  readonly seed: number
  readonly port: MessagePort
}

/** What it tells meanwhile. */
export type ThreadProgress = { readonly done: number; readonly preview: Pixels }

export default function paintOne({ pixels, mask, seed, port }: ThreadTask): Pixels {
  try {
    return complete({ pixels, mask }, seed, (done, preview) => {
      port.postMessage({ done, preview: preview() } satisfies ThreadProgress)
    })
  } finally {
    port.close()
  }
}
