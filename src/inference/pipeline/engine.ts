import type { Pixels } from '../image/pixels.js'
import type { Canvas } from './canvas.js'
import type { MASKED_CONTENTS } from './edit.js'
import type { MemoryFallback } from './memory-fallback.js'
import type { DiffusionOptions } from './options.js'

/** How far an engine is: `done` from 0 to 1, never falling, and now and then a small picture of the state. */
export type Progress = { readonly done: number; readonly preview?: Pixels }

/** What a person chose, and what the edit says of what the painting begins with. */
export type PaintTaskOptions = DiffusionOptions & {
  readonly strength?: number | undefined
  readonly content?: (typeof MASKED_CONTENTS)[number] | undefined
}

export type PaintTask = {
  /** One picture is painted for each: whole numbers, 0 to 2³² − 1. */
  readonly seeds: readonly number[]
  /** What the person would like to see there; empty if they said nothing. Engines that can't read ignore it. */
  readonly prompt: string
  /** How to paint, for engines that read. */
  readonly options?: PaintTaskOptions
  /** The picture as it is under the mask too, where it may be gone on from; the size of the canvas. */
  readonly initImage?: Pixels
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Told what had to be done because memory was short. */
  readonly onMemoryFallback?: (saving: MemoryFallback) => void
}

/**
 * Paints what the mask of a canvas asks for.
 *
 * Every engine promises the following; `test/contracts/engine.ts` holds each of them to it.
 * - One picture per seed, in that order, each of the canvas' size.
 * - The same canvas, seed and prompt give the same picture; another seed gives another.
 * - Pixels under the mask of the canvas are never read: what they hold does not change the result.
 * - Previews are at most {@link MAX_PREVIEW_SIDE} pixels on their longer side.
 * - When `signal` fires, `paint` rejects with the signal's reason within a step.
 * What an engine does not do: care for pixels outside the mask (`composite` restores them), read files, talk to people.
 */
export interface Engine {
  readonly name: string
  paint(canvas: Canvas, task: PaintTask): Promise<Pixels[]>
  /** Give back threads, sessions and memory. */
  close(): Promise<void>
}

/** Longest side of a preview, in pixels. */
export const MAX_PREVIEW_SIDE = 256
