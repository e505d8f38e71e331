import { type Problem, UserError } from '../../user-error.js'
import { workerThread } from '../runtime/worker-thread.js'
import type { GridSelection } from './grid.js'
import type { InterpretedMask } from './interpret.js'

/** A mask that is ready to be shown and to be painted by. */
export type MaskPreview = {
  /** PNG of the picture's size, white where it will be painted. */
  readonly mask: Uint8Array
  /** The picture with that marked on it, WebP. */
  readonly overlay: Uint8Array
  readonly kind: InterpretedMask['kind'] | 'cells'
  /** From 0 to 1. */
  readonly share: number
  readonly certain: boolean
  readonly scaled: boolean
}

/** What a thread is given. */
export type MaskTask = { readonly picture: Uint8Array } & (
  | { readonly do: 'read'; readonly drawn: Uint8Array; readonly invert: boolean }
  | { readonly do: 'cells'; readonly chosen: readonly GridSelection[] }
  | { readonly do: 'change'; readonly mask: Uint8Array; readonly how: 'flip' | 'grow' | 'shrink' | 'same' }
)

/** What comes back from it: classes don't survive the way between threads, so problems come as data. */
export type MaskTaskResult = { readonly drawing: MaskPreview } | { readonly problem: Problem }

/** Works out and shows what masks mean, in a thread: pictures are large, and whoever asks has others to answer. */
export interface MaskService {
  /** @throws ProblemError those of `understandMask` */
  interpret(drawn: Uint8Array, picture: Uint8Array, invert: boolean): Promise<MaskPreview>
  /** As `read`, where it may be about one of several pictures. @returns which, from 0 */
  match(drawn: Uint8Array, pictures: readonly Uint8Array[]): Promise<{ drawing: MaskPreview; index: number }>
  /** @throws ProblemError `mask-full` */
  fromGrid(picture: Uint8Array, chosen: readonly GridSelection[]): Promise<MaskPreview>
  /** @throws ProblemError `mask-empty`, `mask-full` */
  adjust(mask: Uint8Array, picture: Uint8Array, how: 'flip' | 'grow' | 'shrink' | 'same'): Promise<MaskPreview>
  close(): Promise<void>
}

export function createMaskService(): MaskService {
  const thread = workerThread<MaskTask, MaskTaskResult>(import.meta.url, 'mask-thread')

  async function run(task: MaskTask): Promise<MaskPreview> {
    const answer = await thread.run(task)
    if ('problem' in answer) throw new UserError(answer.problem)
    return answer.drawing
  }

  const interpret = (drawn: Uint8Array, picture: Uint8Array, invert: boolean) =>
    run({ do: 'read', drawn, picture, invert })
  return {
    interpret,
    async match(drawn, pictures) {
      const found = []
      let failure: unknown
      for (const [index, picture] of pictures.entries()) {
        try {
          found.push({ drawing: await interpret(drawn, picture, false), index })
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          failure ??= error
        }
      }
      // What was drawn on a copy differs least from the picture that was copied; other masks fit each picture as well.
      const copies = found.filter(({ drawing }) => drawing.kind === 'marked')
      const [best] = copies.length > 0 ? copies.sort((one, other) => one.drawing.share - other.drawing.share) : found
      if (!best) throw failure
      return best
    },
    fromGrid: (picture, chosen) => run({ do: 'cells', picture, chosen }),
    adjust: (mask, picture, how) => run({ do: 'change', mask, picture, how }),
    close: thread.close,
  }
}
