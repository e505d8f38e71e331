import type { Pixels, SoftMask } from '../image/pixels.js'
import type { Canvas } from './canvas.js'
import type { MASKED_CONTENTS } from './edit.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'

/** `done` from 0 to 1, never falling, and now and then a small picture of the state. */
export type Progress = { readonly done: number; readonly preview?: Pixels }

/** The options of the request, and those of the edit that say what sampling starts from. */
export type PaintTaskOptions = DiffusionOptions & {
  readonly strength?: number | undefined
  readonly content?: (typeof MASKED_CONTENTS)[number] | undefined
  /** An installed object-removal model, which paints what `inpaint_only+lama` starts from; `fill` does without. */
  readonly eraser?: string | undefined
  /** For upscalers: how many times as wide and high the result is as the canvas. */
  readonly scale?: number
  /** For upscalers: false for the alpha of a picture, which has no grain. */
  readonly grain?: boolean
  /** For engines with prompt support: paint over all of `initImage` in tiles of this size at its own size, however large it is. */
  readonly tiles?: TileOptions
}

/** In pixels; the sides are multiples of 64. */
export type TileOptions = {
  /** By default the model's own side, times `factor`. */
  readonly size?: number | undefined
  readonly factor?: number
  readonly overlap?: number | undefined
}

export type PaintTask = {
  /** One picture is painted for each: integers, 0 to 2³² − 1. */
  readonly seeds: readonly number[]
  /** Empty if there is none. Engines without prompt support ignore it. */
  readonly prompt: string
  /** For engines with prompt support. */
  readonly options?: PaintTaskOptions
  /** The old picture, under the mask too, where sampling may start from it; the size of the canvas. */
  readonly initImage?: Pixels
  /**
   * How strongly each masked pixel is repainted, where not all are as a whole; the size of the canvas, together with
   * `initImage`. Engines without prompt support ignore it.
   */
  readonly softMask?: SoftMask
  /** Noise will hide the picture: a draft is enough, and soon. Engines without one ignore it. */
  readonly isDraft?: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /**
   * May be called with each picture as soon as it is finished, so that it can be encoded while the next one is painted. What `paint`
   * returns counts: when memory runs out, pictures are painted again.
   */
  readonly onPicture?: ((pixels: Pixels, index: number) => void) | undefined
  /** Called with what had to be done because memory was short. */
  readonly onMemoryFallback?: (fallback: MemoryFallback) => void
}

/**
 * Paints the masked part of a canvas.
 *
 * Every engine keeps this contract; `test/contracts/engine.ts` tests it.
 * - One picture per seed, in that order, each of the canvas' size, or of an upscaler `scale` times that.
 * - The same canvas, seed and prompt give the same picture; another seed gives another.
 * - Pixels under the mask of the canvas are never read: they do not change the result.
 * - Previews are at most {@link MAX_PREVIEW_SIDE} pixels on their longer side.
 * - When `signal` fires, `paint` rejects with the signal's reason within a step.
 * Not part of it: pixels outside the mask (`composite` restores them), files, messages to people.
 */
export interface Engine {
  readonly name: string
  paint(canvas: Canvas, task: PaintTask): Promise<Pixels[]>
  /** Release threads, sessions and memory. */
  close(): Promise<void>
}

/** Longest side of a preview, in pixels. */
export const MAX_PREVIEW_SIDE = 256
