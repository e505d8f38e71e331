import { UserError } from '../../user-error.js'
import { refill } from '../history/refill.js'
import { PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import type { Canvas } from './canvas.js'
import type { Edit, UpscaleHistory } from './edit.js'
import type { Engine, PaintTask } from './engine.js'
import type { LaidPicture } from './lay-picture.js'
import type { PaintRequest } from './paint-request.js'
import { enlargeAndRedraw, type OpenEngine, partOf, type SecondPass } from './redraw.js'
import { upscaleAlpha } from './upscale.js'

export type PaintJob = {
  readonly request: PaintRequest
  readonly laid: LaidPicture
  /** What the engine gets: the canvas, or a part of it. */
  readonly canvas: Canvas
  readonly engine: Engine
  readonly second: SecondPass | undefined
  readonly openEngine: OpenEngine
}

/** One picture for each seed, and their alpha if they have one. */
type PaintedPixels = { readonly pictures: readonly Pixels[]; readonly alpha: SoftMask | undefined }

/**
 * Let the engines paint what an edit needs.
 *
 * @param onPicture as in {@link PaintTask}, for pictures that no second engine changes
 * @throws UserError `history-missing` where the earlier pictures are not there, and those of the engines
 */
export async function paintPixels(
  job: PaintJob,
  task: PaintTask,
  onPicture: NonNullable<PaintTask['onPicture']>,
): Promise<PaintedPixels> {
  const { request, laid, canvas, engine, second, openEngine } = job
  if (request.edit.kind === 'upscale') return upscalePixels(request.edit, job, task)
  const alpha = laid.mix?.alpha
  // Around a sticker that keeps its transparency there may be nothing to paint.
  if (!laid.visible.data.includes(PAINT)) return { pictures: task.seeds.map(() => canvas.pixels), alpha }
  if (!second) return { pictures: await engine.paint(canvas, { ...task, onPicture }), alpha }
  const firstTask = { ...task, onProgress: partOf(task.onProgress, 0, second.firstShare) }
  const first = await engine.paint(canvas, firstTask)
  return { pictures: await enlargeAndRedraw(first, second, engine.name, task, openEngine), alpha }
}

async function upscalePixels(
  edit: Extract<Edit, { kind: 'upscale' }>,
  job: PaintJob,
  task: PaintTask,
): Promise<PaintedPixels> {
  const { laid, canvas, engine, second, openEngine } = job
  if (edit.history) return upscaleFromHistory(edit.history, job, task)
  const unpainted = task.seeds.map(() => canvas.pixels)
  const pictures = second
    ? await enlargeAndRedraw(unpainted, second, engine.name, task, openEngine)
    : await engine.paint(canvas, task)
  const upscaler = second ? await openEngine(second.redraw.upscaler) : engine
  return { pictures, alpha: laid.alpha && (await upscaleAlpha(upscaler, laid.alpha, edit.scale, task)) }
}

/** @throws UserError `history-missing` where the earlier pictures are not there */
async function upscaleFromHistory(
  { width, height }: UpscaleHistory,
  { request: { source, earlier }, laid, canvas, engine }: PaintJob,
  task: PaintTask,
): Promise<PaintedPixels> {
  if (!source || !earlier) throw new UserError({ code: 'history-missing', isGone: true })
  const request = { source, earlier, pixels: canvas.pixels, alpha: laid.alpha, size: { width, height } }
  const { pixels, alpha } = await refill(request, engine, task)
  return { pictures: [pixels], alpha }
}
