import { type Problem, ProblemError } from '../../user-error.js'
import { threadBeside } from '../runtime/worker-thread.js'
import type { Fields } from './grid.js'
import type { Understood } from './interpret.js'

/** A mask that is ready to be shown and to be painted by. */
export type Drawing = {
  /** PNG of the picture's size, white where it will be painted. */
  readonly mask: Uint8Array
  /** The picture with that marked on it, WebP. */
  readonly overlay: Uint8Array
  readonly kind: Understood['kind'] | 'cells'
  /** From 0 to 1. */
  readonly share: number
  readonly certain: boolean
  readonly scaled: boolean
}

/** What a thread is given. */
export type DeskTask = { readonly picture: Uint8Array } & (
  | { readonly do: 'read'; readonly drawn: Uint8Array; readonly invert: boolean }
  | { readonly do: 'cells'; readonly chosen: readonly Fields[] }
  | { readonly do: 'change'; readonly mask: Uint8Array; readonly how: 'flip' | 'grow' | 'shrink' | 'same' }
)

/** What comes back from it: classes don't survive the way between threads, so problems come as data. */
export type FromDesk = { readonly drawing: Drawing } | { readonly problem: Problem }

/** Works out and shows what masks mean, in a thread: pictures are large, and whoever asks has others to answer. */
export interface MaskDesk {
  /** @throws ProblemError those of `understandMask` */
  read(drawn: Uint8Array, picture: Uint8Array, invert: boolean): Promise<Drawing>
  /** As `read`, where it may be about one of several pictures. @returns which, from 0 */
  match(drawn: Uint8Array, pictures: readonly Uint8Array[]): Promise<{ drawing: Drawing; index: number }>
  /** @throws ProblemError `mask-full` */
  cells(picture: Uint8Array, chosen: readonly Fields[]): Promise<Drawing>
  /** @throws ProblemError `mask-empty`, `mask-full` */
  change(mask: Uint8Array, picture: Uint8Array, how: 'flip' | 'grow' | 'shrink' | 'same'): Promise<Drawing>
  close(): Promise<void>
}

export function maskDesk(): MaskDesk {
  const thread = threadBeside<DeskTask, FromDesk>(import.meta.url, 'mask-thread')

  async function run(task: DeskTask): Promise<Drawing> {
    const answer = await thread.run(task)
    if ('problem' in answer) throw new ProblemError(answer.problem)
    return answer.drawing
  }

  const read = (drawn: Uint8Array, picture: Uint8Array, invert: boolean) => run({ do: 'read', drawn, picture, invert })
  return {
    read,
    async match(drawn, pictures) {
      const found = []
      let failure: unknown
      for (const [index, picture] of pictures.entries()) {
        try {
          found.push({ drawing: await read(drawn, picture, false), index })
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error
          failure ??= error
        }
      }
      // What was drawn on a copy differs least from the picture that was copied; other masks fit each picture as well.
      const copies = found.filter(({ drawing }) => drawing.kind === 'marked')
      const [best] = copies.length > 0 ? copies.sort((one, other) => one.drawing.share - other.drawing.share) : found
      if (!best) throw failure
      return best
    },
    cells: (picture, chosen) => run({ do: 'cells', picture, chosen }),
    change: (mask, picture, how) => run({ do: 'change', mask, picture, how }),
    close: thread.close,
  }
}
