import { UserError } from '../../user-error.js'
import { type Repaint, repaintsOf, shownMask } from '../history/repainted.js'
import { type HistoryStage, type PlacedStage, placeStages } from '../history/stages.js'
import { readPicture, resizePixels } from '../image/decode.js'
import { onMeanColour } from '../image/opacity.js'
import { sharp } from '../image/sharp.js'
import { cameraPath, type FilmPicture, renderView } from './camera.js'

/** The formats that are tried until the film is small enough. `side` is the longer side in pixels; `quality` from 0 to 100. */
const FORMATS = [
  { side: 640, framesPerSecond: 24, quality: 75 },
  { side: 512, framesPerSecond: 20, quality: 65 },
  { side: 384, framesPerSecond: 16, quality: 55 },
  { side: 256, framesPerSecond: 12, quality: 45 },
] as const

/** How long it takes until the view is 1.5 times as wide, in seconds. */
const STEP_SECONDS = 0.9

/** How long the first and the last frame are shown, in milliseconds. */
const HOLD_MS = { first: 600, last: 1600 } as const

/** All frames are in memory at once while they are encoded. */
const MAX_FRAMES = 600

/**
 * A film that zooms out through pictures that were painted around each other: an animated WebP (RFC 9649).
 *
 * @param stages from the innermost picture to the outermost; at least two
 * @param limit of the file, in bytes
 * @throws UserError `result-too-large`
 */
export async function renderFilm(stages: readonly HistoryStage[], limit: number): Promise<Uint8Array> {
  const placed = placeStages(stages)
  const repaints = await repaintsOf(placed)
  const isSeen = placed.map((stage, index) => !isSamePlace(stage, placed[index + 1]))
  const seen = placed.flatMap((stage, index) => (isSeen[index] ? [{ stage, repaints: repaints[index]! }] : []))
  const rects = seen.map(({ stage }) => stage.rect)
  const last = placed.at(-1)!.size
  for (const { side, framesPerSecond, quality } of FORMATS) {
    const scaled = (length: number) => Math.max(2, Math.round((length * side) / Math.max(last.width, last.height)))
    const size = { width: scaled(last.width), height: scaled(last.height) }
    const path = cameraPath(rects, last.width / last.height, framesPerSecond * STEP_SECONDS)
    if (path.length > MAX_FRAMES) continue
    const pictures = await Promise.all(seen.map(one => readAtMost(one, side, one.stage === placed.at(-1))))
    const frameBytes = size.width * size.height * 3
    const data = Buffer.alloc(frameBytes * path.length)
    for (const [index, view] of path.entries()) data.set(renderView(pictures, rects, view, size), index * frameBytes)
    const frameMs = Math.round(1000 / framesPerSecond)
    const delay = path.map((_, index) =>
      index === 0 ? HOLD_MS.first : index === path.length - 1 ? HOLD_MS.last : frameMs,
    )
    const raw = { width: size.width, height: size.height * path.length, channels: 3 as const, pageHeight: size.height }
    const webp = await sharp(data, { raw, limitInputPixels: raw.width * raw.height })
      .webp({ quality, effort: 2, loop: 0, delay })
      .toBuffer()
    if (webp.length <= limit) return webp
  }
  throw new UserError({ code: 'result-too-large', limit: Math.floor(limit / 1024 / 1024) })
}

/** Whether the next picture shows the same place: it was repainted or enlarged, so it is seen instead. */
function isSamePlace({ rect }: PlacedStage, next: PlacedStage | undefined): boolean {
  const isNear = (one: number, other: number) => Math.abs(one - other) < 1e-6 * rect.width
  return (
    next !== undefined &&
    isNear(rect.x, next.rect.x) &&
    isNear(rect.y, next.rect.y) &&
    isNear(rect.width, next.rect.width) &&
    isNear(rect.height, next.rect.height)
  )
}

/** A picture with a longer side of at most `side` pixels: no frame shows it larger. */
async function readAtMost(
  { stage, repaints }: { readonly stage: PlacedStage; readonly repaints: readonly Repaint[] },
  side: number,
  isLast: boolean,
): Promise<FilmPicture> {
  const { pixels: colours, alpha } = await readPicture(stage.picture)
  const pixels = alpha ? onMeanColour(colours, alpha) : colours
  const scale = Math.min(1, side / Math.max(pixels.width, pixels.height))
  const size = { width: Math.ceil(pixels.width * scale), height: Math.ceil(pixels.height * scale) }
  return {
    pixels: await resizePixels(pixels, size),
    shown: isLast ? undefined : shownMask(size, stage.rect, repaints, stage.frame),
  }
}
