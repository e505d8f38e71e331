import type { EarlierPicture } from '../history/stages.js'
import type { Conversion } from '../image/conversion-names.js'
import type { Extent } from '../image/geometry.js'
import type { UsedControl } from './control-modules.js'
import type { Edit } from './edit.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'
import type { Recipe } from './recipe.js'

export type PaintRequest = {
  readonly edit: Edit
  /** A picture file, as it came; only `imagine` goes without. */
  readonly source?: Uint8Array
  /**
   * A canonical mask, as `encodeMask` writes it: a PNG of the size of `source` (upright), white where it is painted. Whatever else
   * somebody sends as a mask is interpreted where it comes in, by `interpretMask`. For `vary`, the mask of the edit before, of the
   * size of that edit's source.
   */
  readonly mask?: Uint8Array
  /** For upscaling from history: what `source` was made of, the latest first. */
  readonly earlier?: readonly EarlierPicture[]
  readonly prompt: string
  readonly seeds: readonly number[]
  readonly engine: string
  /** How to paint, for engines that read prompts. */
  readonly options?: DiffusionOptions
}

export type PaintedPicture = Extent & {
  readonly seed: number
  readonly recipe: Recipe
  /** PNG, with the recipe in its `parameters` text. */
  readonly png: Uint8Array
}

export type PaintResult = {
  readonly engine: string
  readonly pictures: readonly PaintedPicture[]
  /** Wall time in milliseconds: reading and layout, the engine, compositing and encoding. */
  readonly timings: { readonly read: number; readonly paint: number; readonly write: number; readonly total: number }
  /** What was done because memory was short, if it was. */
  readonly savings?: readonly MemoryFallback[]
  /** How the source was converted when it was read, if it was. */
  readonly conversions?: readonly Conversion[]
  /** The ControlNets that took part, if any did. */
  readonly controls?: readonly UsedControl[]
}
