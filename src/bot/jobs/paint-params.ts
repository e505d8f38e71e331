import type { EarlierPicture } from '../../inference/history/stages.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { DiffusionOptions } from '../../inference/pipeline/options.js'
import type { SourceFiles } from '../messages/message-files.js'

/** What a person wants painted, before the server's rules and the defaults apply. */
export type PaintParams = {
  readonly edit: Edit
  readonly prompt: string
  readonly variations?: number | undefined
  readonly engine?: string | undefined
  readonly options?: DiffusionOptions | undefined
  readonly spoiler?: boolean | undefined
}

/** {@link PaintParams} with the files that they need. */
export type JobInput = PaintParams &
  SourceFiles & {
    /** For upscaling from history: what the source was made of, the latest first. */
    readonly earlier?: readonly EarlierPicture[] | undefined
    /** A random one if left out. */
    readonly seed?: number | undefined
    /** The message that the result replies to. */
    readonly parent?: string | undefined
  }
