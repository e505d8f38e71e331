import { UserError } from '../../user-error.js'
import { workerProcess } from '../runtime/worker-process.js'
import type { GridSelection } from './grid.js'
import type { InterpretedMask } from './interpret.js'

/** A canonical mask, and how it is shown to a person. */
export type ShownMask = {
  /** Canonical, as `encodeMask` writes it: PNG of the picture's size, white where it is painted; with the note of `noteScratch`. */
  readonly mask: Uint8Array
  /** The picture with the painted area highlighted, WebP. */
  readonly overlay: Uint8Array
  /** How much of the picture is painted, from 0 to 1. */
  readonly share: number
}

/** A mask as it was interpreted, for a confirmation; `certain` and `scaled` as in `InterpretedMask`. */
export type MaskPreview = ShownMask & {
  readonly kind: InterpretedMask['kind'] | 'cells' | 'holes' | 'objects'
  readonly certain: boolean
  readonly scaled: boolean
  /** Another way to understand it: its canonical mask. */
  readonly second?: { readonly kind: InterpretedMask['kind']; readonly mask: Uint8Array }
}

/** The picture with its objects outlined and numbered, WebP. */
export type NumberedObjects = { readonly overlay: Uint8Array }

/** What a button of a confirmation does to a mask; `same` shows it on another picture. */
export type MaskAdjustment = 'flip' | 'grow' | 'shrink' | 'same'

/** What the process is given. */
export type MaskTask = { readonly picture: Uint8Array } & (
  | { readonly do: 'interpret'; readonly drawn: Uint8Array; readonly invert: boolean }
  | { readonly do: 'holes' }
  | { readonly do: 'grid'; readonly selections: readonly GridSelection[] }
  | { readonly do: 'number-objects'; readonly sheet: Uint8Array }
  | {
      readonly do: 'objects'
      readonly sheet: Uint8Array
      readonly numbers: readonly number[]
      readonly invert: boolean
    }
  | { readonly do: 'adjust'; readonly mask: Uint8Array; readonly how: MaskAdjustment }
)

/** The largest masks take half a minute on a slow machine. In milliseconds. */
const TIMEOUT_MS = 120_000

/**
 * Where masks come in: interprets what people send, once, in a process with limits, because a file can be made to take all memory.
 * Every mask that leaves it is canonical.
 */
export interface MaskService {
  /**
   * @param invert paint the rest instead
   * @throws UserError `picture-too-demanding`, and those of `interpretMask`
   */
  interpret(drawn: Uint8Array, picture: Uint8Array, invert: boolean): Promise<MaskPreview>
  /** As `interpret`, where the mask may be for one of several pictures. @returns which, from 0 */
  match(drawn: Uint8Array, pictures: readonly Uint8Array[]): Promise<{ drawing: MaskPreview; index: number }>
  /** The transparent parts of a picture. @throws UserError `holes-missing`, `picture-transparent` */
  holes(picture: Uint8Array): Promise<MaskPreview>
  /** @throws UserError `mask-full` */
  fromGrid(picture: Uint8Array, selections: readonly GridSelection[]): Promise<MaskPreview>
  /** @param sheet of masks, see object-sheet.ts. @throws UserError `picture-corrupt` */
  numberObjects(picture: Uint8Array, sheet: Uint8Array): Promise<NumberedObjects>
  /**
   * The chosen objects of a sheet.
   *
   * @param numbers from 1
   * @param invert paint the rest instead
   * @throws UserError `object-unknown`, `mask-full`
   */
  fromObjects(picture: Uint8Array, sheet: Uint8Array, numbers: readonly number[], invert: boolean): Promise<MaskPreview>
  /**
   * @param mask canonical
   * @throws UserError `mask-size-differs`, `mask-empty`, `mask-full`
   */
  adjust(mask: Uint8Array, picture: Uint8Array, how: MaskAdjustment): Promise<ShownMask>
  close(): Promise<void>
}

export function createMaskService(): MaskService {
  const worker = workerProcess<MaskTask, ShownMask | MaskPreview | NumberedObjects>(import.meta.url, 'mask-tasks', {
    timeoutMs: TIMEOUT_MS,
  })

  async function run(task: MaskTask & { do: 'interpret' | 'holes' | 'grid' | 'objects' }): Promise<MaskPreview>
  async function run(task: MaskTask & { do: 'adjust' }): Promise<ShownMask>
  async function run(task: MaskTask): Promise<NumberedObjects>
  async function run(task: MaskTask): Promise<NumberedObjects> {
    return worker.run(task)
  }

  const interpret = (drawn: Uint8Array, picture: Uint8Array, invert: boolean) =>
    run({ do: 'interpret', drawn, picture, invert })
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
      // A copy differs least from the picture that was copied. Other masks fit each picture equally well.
      const copies = found.filter(({ drawing }) => drawing.kind === 'marked')
      const [best] = copies.length > 0 ? copies.sort((one, other) => one.drawing.share - other.drawing.share) : found
      if (!best) throw failure
      return best
    },
    holes: picture => run({ do: 'holes', picture }),
    fromGrid: (picture, selections) => run({ do: 'grid', picture, selections }),
    numberObjects: (picture, sheet) => run({ do: 'number-objects', picture, sheet }),
    fromObjects: (picture, sheet, numbers, invert) => run({ do: 'objects', picture, sheet, numbers, invert }),
    adjust: (mask, picture, how) => run({ do: 'adjust', picture, mask, how }),
    close: worker.close,
  }
}
