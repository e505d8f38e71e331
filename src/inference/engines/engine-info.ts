import type { ControlNetInfo } from './installed-controlnets.js'
import type { ModelTraits } from './model-traits.js'

/** What an engine can do in addition to continuing a picture. */
export type EngineInfo = {
  readonly name: string
  /** It reads prompts, and starts from the masked content as `strength` and `content` say. */
  readonly supportsPrompt: boolean
  /** It paints without a picture to start from. */
  readonly supportsTextToImage: boolean
  /** It is an object-removal model. */
  readonly isEraser: boolean
  /** Only of diffusion models whose files can be read. */
  readonly traits?: ModelTraits | undefined
  /** The installed ControlNets that fit it, if there are any. */
  readonly controlNets?: readonly ControlNetInfo[] | undefined
}
