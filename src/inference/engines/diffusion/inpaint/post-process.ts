import type { Mask, Pixels } from '../../../image/pixels.js'
import { matchColors } from './color-match.js'
import { blendSeam } from './seam.js'

/** What is done to a picture after it is decoded, without the device; see `matchColors` and `blendSeam`. */
export type PostTask =
  | { readonly kind: 'match colors'; readonly painted: Pixels; readonly known: Pixels; readonly mask: Mask }
  | {
      readonly kind: 'blend seam'
      readonly mask: Mask
      readonly scale: number
      readonly painted: Pixels
      readonly seamPainted: Pixels
    }

/** Does a task at once. `post-processing-thread.ts` calls it in a thread. */
export default function postProcess(task: PostTask): Pixels {
  return task.kind === 'match colors'
    ? matchColors(task.painted, task.known, task.mask)
    : blendSeam(task.mask, task.scale, task.painted, task.seamPainted)
}
