import sharp from 'sharp'
import { readPicture, readSize } from '../image/decode.js'
import { resizeMask } from '../image/mask-file.js'
import { type Mask, PAINT } from '../image/pixels.js'
import { drawGrid } from './draw-grid.js'
import { squaredDistanceTransform } from './morphology.js'

/** The longer side of what is shown, in pixels. */
const SHOWN = 1024

/** Period and width of the stripes, and half the width of the outline, in pixels of what is shown. */
const STRIPES = { period: 24, width: 9 } as const
const OUTLINE = 2

/** The tint of what will be painted; stripes and a light-and-dark outline tell it from anything without colour too. */
const TINT = [255, 45, 120] as const

/**
 * A picture with what will be painted marked on it, as WebP of at most 1024 pixels.
 *
 * @param across with a numbered grid of so many fields across and down, if it was chosen by one
 */
export async function renderOverlay(picture: Uint8Array, mask: Mask, across?: number): Promise<Buffer> {
  const own = await readSize(picture)
  const scale = Math.min(1, SHOWN / Math.max(own.width, own.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const size = { width: side(own.width), height: side(own.height) }
  const [{ pixels }, small] = await Promise.all([readPicture(picture, { size }), resizeMask(mask, size)])
  const { width, height } = size
  const data = Buffer.from(pixels.data)
  const toKept = squaredDistanceTransform(small, 0)
  const toPainted = squaredDistanceTransform(small, PAINT)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const inside = small.data[at] === PAINT
      const stripe = (x + y) % STRIPES.period < STRIPES.width
      if (inside) blend(data, at, TINT, stripe ? 0.65 : 0.3)
      if (inside && toKept[at]! <= OUTLINE ** 2) blend(data, at, [255, 255, 255], 1)
      else if (!inside && toPainted[at]! <= OUTLINE ** 2) blend(data, at, [0, 0, 0], 1)
    }
  }
  if (across !== undefined) drawGrid({ ...size, data }, across)
  return sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82 })
    .toBuffer()
}

function blend(data: Buffer, at: number, colour: readonly [number, number, number], share: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const value = data[at * 3 + channel]!
    data[at * 3 + channel] = Math.round(value + (colour[channel]! - value) * share)
  }
}
