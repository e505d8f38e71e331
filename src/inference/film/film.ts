import sharp from 'sharp'
import { UserError } from '../../user-error.js'
import { readPicture, readSize, resizePixels } from '../image/decode.js'
import type { Edit } from '../pipeline/edit.js'
import { layoutCanvas } from '../pipeline/layout.js'
import { cameraPath, pictureRects, renderView } from './camera.js'

/** A picture of a journey, and how the one before it became it; the first became of nothing. */
export type FilmStage = { readonly picture: Uint8Array; readonly edit: Exclude<Edit, { kind: 'imagine' }> | undefined }

/** What is tried until the film is small enough: the longer side in pixels, frames a second, quality. */
const TRIES = [
  [640, 24, 75],
  [512, 20, 65],
  [384, 16, 55],
  [256, 12, 45],
] as const

/** So long it takes until half as much again is seen, in seconds; so long the first and the last frame stay, in milliseconds. */
const PACE = 0.9
const HOLD = { first: 600, last: 1600 } as const

/** WebP holds so many frames with the memory that it takes to make one, at most. */
const MOST_FRAMES = 600

/**
 * A film of stepping back through pictures that were painted around each other: an animated WebP (RFC 9649).
 *
 * @param stages from the innermost picture to the outermost; two at least
 * @param limit of the file, in bytes
 * @throws ProblemError `result-too-large`
 */
export async function renderFilm(stages: readonly FilmStage[], limit: number): Promise<Uint8Array> {
  const sizes = await Promise.all(stages.map(({ picture }) => readSize(picture)))
  const steps = stages.slice(1).map(({ edit }, index) => layoutCanvas(edit!, sizes[index]!))
  const places = pictureRects(sizes[0]!, steps)
  const last = sizes.at(-1)!
  const shape = last.width / last.height
  for (const [longer, rate, quality] of TRIES) {
    const side = (length: number) => Math.max(2, Math.round((length * longer) / Math.max(last.width, last.height)))
    const size = { width: side(last.width), height: side(last.height) }
    const path = cameraPath(places, shape, rate * PACE)
    if (path.length > MOST_FRAMES) continue
    // As large as each of them is ever seen.
    const pictures = await Promise.all(
      stages.map(async ({ picture }, index) => {
        const { pixels } = await readPicture(picture, {})
        const { width, height } = sizes[index]!
        const scale = Math.min(1, longer / Math.max(width, height))
        return resizePixels(pixels, { width: Math.ceil(width * scale), height: Math.ceil(height * scale) })
      }),
    )
    const page = size.width * size.height * 3
    const data = Buffer.alloc(page * path.length)
    for (const [index, view] of path.entries()) data.set(renderView(pictures, places, view, size), index * page)
    const usual = Math.round(1000 / rate)
    const delay = path.map((_, index) => (index === 0 ? HOLD.first : index === path.length - 1 ? HOLD.last : usual))
    const raw = { width: size.width, height: size.height * path.length, channels: 3 as const, pageHeight: size.height }
    const webp = await sharp(data, { raw, limitInputPixels: false })
      .webp({ quality, effort: 2, loop: 0, delay })
      .toBuffer()
    if (webp.length <= limit) return webp
  }
  throw new UserError({ code: 'result-too-large', limit: Math.floor(limit / 1024 / 1024) })
}
