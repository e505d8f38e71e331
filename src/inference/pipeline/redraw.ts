import type { EngineRegistry } from '../engines/registry.js'
import type { Pixels } from '../image/pixels.js'
import { wholeCanvas } from './canvas.js'
import type { Edit, Redraw } from './edit.js'
import type { Engine, PaintTask, PaintTaskOptions, Progress } from './engine.js'
import { isTile } from './used-controls.js'

/** What follows a first picture: it is enlarged, and a diffusion model paints over it. */
export type SecondPass = {
  readonly scale: number
  readonly redraw: Redraw & { readonly upscaler: string }
  /** Part of the time that the first picture takes, from 0 to 1. */
  readonly firstShare: number
  /** Side of the tiles as a multiple of the model's own. */
  readonly tileFactor: number
}

/** Opens an engine by its name. Engines that were opened before may have been closed. */
export type OpenEngine = (name: string) => Promise<Engine>

/** Part of the time that enlarging takes, from 0 to 1; the rest is painting. */
const ENLARGING_SHARE = 0.1

/** Part of the time that a generated picture takes before hires fix, from 0 to 1. */
const GENERATING_SHARE = 0.3

/**
 * Side of the tiles of hires fix, as a multiple of the model's own: up to there the picture is painted in one piece, as in A1111, because
 * its denoising strength would give each tile a content.
 */
const HIRES_TILE_FACTOR = 2

/**
 * The second pass of an edit, with the name of its upscaler filled in.
 *
 * @returns undefined for edits without one
 * @throws UserError `engine-unknown` if the upscaler isn't installed
 */
export function secondPassOf(edit: Edit, engines: EngineRegistry): SecondPass | undefined {
  const upscalerOf = ({ upscaler }: Redraw) => engines.forEdit({ kind: 'upscale' }, upscaler).name
  if (edit.kind === 'upscale' && edit.creative) {
    const redraw = { ...edit.creative, upscaler: upscalerOf(edit.creative) }
    return { scale: edit.scale, redraw, firstShare: 0, tileFactor: 1 }
  }
  if (edit.kind !== 'imagine' || !edit.hires) return undefined
  const { scale, ...redraw } = edit.hires
  const upscaler = upscalerOf(redraw)
  return { scale, redraw: { ...redraw, upscaler }, firstShare: GENERATING_SHARE, tileFactor: HIRES_TILE_FACTOR }
}

/** The edit with all of its second pass, as recipes have it. */
export function withSecondPass(edit: Edit, pass: SecondPass | undefined): Edit {
  if (pass && edit.kind === 'upscale') return { ...edit, creative: pass.redraw }
  return pass && edit.kind === 'imagine' ? { ...edit, hires: { ...pass.redraw, scale: pass.scale } } : edit
}

/**
 * Enlarge pictures, then paint over them in tiles (A1111's "SD upscale" and "Hires. fix"). At a denoising strength of 0 they are only
 * enlarged.
 *
 * @param pictures one for each seed of the task
 * @param painter the name of the diffusion engine
 * @throws UserError those of the engines; the signal's reason once it fires
 */
export async function enlargeAndRedraw(
  pictures: readonly Pixels[],
  { scale, redraw, firstShare, tileFactor }: SecondPass,
  painter: string,
  wholeTask: PaintTask,
  open: OpenEngine,
): Promise<Pixels[]> {
  const task = { ...wholeTask, onProgress: partOf(wholeTask.onProgress, firstShare, 1 - firstShare) }
  const share = redraw.strength === 0 ? 1 : ENLARGING_SHARE
  const enlarged: Pixels[] = []
  const upscaler = await open(redraw.upscaler)
  for (const [index, picture] of pictures.entries()) {
    const onProgress = partOf(task.onProgress, (index * share) / pictures.length, share / pictures.length)
    // The model would take grain for something to paint.
    const grain = redraw.strength === 0
    const enlargeTask = { ...task, seeds: [0], options: { scale, grain }, onProgress }
    // An upscaled picture is the same for all seeds.
    const isSame = picture === pictures[index - 1]
    enlarged.push(isSame ? enlarged[index - 1]! : (await upscaler.paint(wholeCanvas(picture), enlargeTask))[0]!)
  }
  if (redraw.strength === 0) return enlarged
  const engine = await open(painter)
  const results: Pixels[] = []
  for (const [index, large] of enlarged.entries()) {
    const part = (1 - share) / enlarged.length
    const [redrawn] = await engine.paint(wholeCanvas(large), {
      ...task,
      seeds: [task.seeds[index]!],
      options: redrawOptions(task.options, redraw, tileFactor, index),
      initImage: large,
      onProgress: partOf(task.onProgress, share + index * part, part),
    })
    results.push(redrawn!)
  }
  task.onProgress({ done: 1 })
  return results
}

/** Without the options that are only for pictures of which a part is known. @param index of the picture */
function redrawOptions(
  { preset: _, control = [], variationSeed, ...options }: PaintTaskOptions = {},
  { strength, tileSize, overlap }: Redraw,
  factor: number,
  index: number,
): PaintTaskOptions {
  const tileControls = control.filter(isTile)
  return {
    ...options,
    ...(tileControls.length > 0 && { control: tileControls }),
    ...(variationSeed !== undefined && { variationSeed: (variationSeed + index) >>> 0 }),
    strength,
    content: 'original',
    tiles: { size: tileSize, factor, overlap },
  }
}

/** Progress from 0 to 1 as a part of the whole. */
export function partOf(report: PaintTask['onProgress'], start: number, length: number): (progress: Progress) => void {
  return ({ done, ...progress }) => report({ ...progress, done: Math.min(1, start + done * length) })
}
