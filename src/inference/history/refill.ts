import { addGrain, measureGrain } from '../engines/upscale/grain.js'
import { LANCZOS } from '../engines/upscale/lanczos.js'
import type { Extent } from '../image/geometry.js'
import { filledMask, PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import type { Engine, PaintTask } from '../pipeline/engine.js'
import { composeHistory, type Enlarger } from './compose.js'
import { resampleBox } from './resample-box.js'
import { type EarlierPicture, historyStages, placeStages } from './stages.js'

/** The engine enlarges at most this much; the rest is resampled: what it draws is not drawn over again. */
const LARGEST_FACTOR = 4

/** A picture that is enlarged with the detail of what it was made of. */
export type RefillRequest = {
  /** The file of the picture. */
  readonly source: Uint8Array
  readonly earlier: readonly EarlierPicture[]
  readonly pixels: Pixels
  readonly alpha?: SoftMask | undefined
  readonly size: Extent
}

/**
 * Enlarge a picture, and put the pixels of earlier pictures back where it shows them.
 *
 * @returns the alpha too, where the picture has some: what is put back is opaque
 * @throws UserError those of `composeHistory`; the signal's reason once it fires
 */
export async function refill(
  { source, earlier, pixels, alpha, size }: RefillRequest,
  engine: Engine,
  task: PaintTask,
): Promise<{ readonly pixels: Pixels; readonly alpha?: SoftMask }> {
  const placed = placeStages(historyStages(source, earlier))
  const stages = earlier.length + 1
  let finished = 0
  const report = (done: number) => task.onProgress({ done: Math.min(0.99, (finished + done) / stages) })
  const enlarge = (picture: Pixels, factor: number) =>
    enlargeOnce(picture, factor, engine, { ...task, onProgress: one => report(one.done) })
  const enlarger: Enlarger = engine.name === LANCZOS ? { enlarge, finish: continueGrain(task.seeds[0]!) } : { enlarge }
  const { pixels: large, isRestored } = await composeHistory(placed, pixels, size, enlarger, () => {
    task.signal.throwIfAborted()
    finished = Math.min(stages - 1, finished + 1)
    report(0)
  })
  if (!alpha) return { pixels: large }
  const grey = { width: alpha.width, height: alpha.height, data: new Uint8Array(alpha.data.length * 3) }
  for (let at = 0; at < alpha.data.length; at++) grey.data.fill(alpha.data[at]!, at * 3, at * 3 + 3)
  const box = { x: 0, y: 0, ...size }
  const largeAlpha = resampleBox(await enlarge(grey, size.width / grey.width), box, box).data.filter(
    (_, at) => at % 3 === 0,
  )
  return { pixels: large, alpha: { ...size, data: largeAlpha.map((value, at) => (isRestored(at) ? PAINT : value)) } }
}

/** What the engine does where it enlarges by itself. */
function continueGrain(seed: number): NonNullable<Enlarger['finish']> {
  return (part, box, picture, rect) => {
    const grain = measureGrain(picture)
    const place = { scale: rect.width / picture.width, left: box.x - rect.x, top: box.y - rect.y }
    if (grain) addGrain(part, grain, place, seed)
  }
}

/** By the nearest power of two, up to 4. Lanczos resampling is done later, once. */
async function enlargeOnce(pixels: Pixels, factor: number, engine: Engine, task: PaintTask): Promise<Pixels> {
  const scale = Math.min(LARGEST_FACTOR, 2 ** Math.round(Math.log2(factor)))
  if (engine.name === LANCZOS || scale === 1) return pixels
  const canvas = { pixels, mask: filledMask(pixels, PAINT), old: { x: 0, y: 0, width: 0, height: 0 } }
  const [large] = await engine.paint(canvas, { ...task, seeds: task.seeds.slice(0, 1), options: { scale } })
  return large!
}
