import { UserError } from '../../user-error.js'
import { readPicture, readSize, resizePixels } from '../image/decode.js'
import { onMeanColour } from '../image/opacity.js'
import type { Pixels } from '../image/pixels.js'
import { sharp } from '../image/sharp.js'
import type { Edit } from '../pipeline/edit.js'
import { layoutCanvas } from '../pipeline/layout.js'
import { cameraPath, pictureRects, renderView } from './camera.js'

/** A picture of a film, and the edit that made it of the one before; undefined for the first. */
export type FilmStage = { readonly picture: Uint8Array; readonly edit: Exclude<Edit, { kind: 'imagine' }> | undefined }

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
export async function renderFilm(stages: readonly FilmStage[], limit: number): Promise<Uint8Array> {
  const sizes = await Promise.all(stages.map(({ picture }) => readSize(picture)))
  const layouts = stages.slice(1).map(({ edit }, index) => layoutCanvas(edit!, sizes[index]!, { fillsHoles: true }))
  const places = layouts.map(({ size, old, whole }) => ({ size, old: whole ?? old }))
  const rects = pictureRects(sizes[0]!, places)
  const last = sizes.at(-1)!
  for (const { side, framesPerSecond, quality } of FORMATS) {
    const scaled = (length: number) => Math.max(2, Math.round((length * side) / Math.max(last.width, last.height)))
    const size = { width: scaled(last.width), height: scaled(last.height) }
    const path = cameraPath(rects, last.width / last.height, framesPerSecond * STEP_SECONDS)
    if (path.length > MAX_FRAMES) continue
    const pictures = await Promise.all(stages.map(({ picture }) => readAtMost(picture, side)))
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

/** A picture with a longer side of at most `side` pixels: no frame shows it larger. */
async function readAtMost(picture: Uint8Array, side: number): Promise<Pixels> {
  const { pixels: colours, alpha } = await readPicture(picture)
  const pixels = alpha ? onMeanColour(colours, alpha) : colours
  const scale = Math.min(1, side / Math.max(pixels.width, pixels.height))
  return resizePixels(pixels, { width: Math.ceil(pixels.width * scale), height: Math.ceil(pixels.height * scale) })
}
