import { readPicture, readSize, sharpFromPixels } from '../image/decode.js'
import { resizeMask, resizeSoftMask } from '../image/mask-file.js'
import { KEEP, type Mask, PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import { squaredDistanceTransform } from './morphology.js'

/** The longer side of the overlay, in pixels. */
const MAX_SIDE = 1024

/** In pixels of the overlay. */
const STRIPES = { period: 24, width: 9 } as const
const OUTLINE_RADIUS = 2

/** The side of a square in pixels of the overlay, and two grey levels. */
const CHECKER = { side: 8, light: 255, dark: 204 } as const

/** R G B of the painted area. Stripes and a black-and-white outline show it without colour vision, too. */
const TINT = [255, 45, 120] as const

/** Opacity of the tint, from 0 to 1. */
const OPACITY = { stripe: 0.65, between: 0.3 } as const

type OverlayOptions = {
  readonly drawOver?: ((overlay: Pixels) => void | Promise<void>) | undefined
  readonly strength?: SoftMask | undefined
  readonly minSide?: number | undefined
}

/**
 * A picture with the painted area highlighted, as WebP of at most 1024 pixels on the longer side.
 *
 * @param drawOver draws onto the overlay, for example a numbered grid
 * @param strength a mask with greys: what is repainted less is highlighted less
 * @param minSide as for {@link scaleForOverlay}
 */
export async function renderOverlay(
  picture: Uint8Array,
  mask: Mask,
  { drawOver, strength, minSide }: OverlayOptions = {},
): Promise<Buffer> {
  const overlay = await scaleForOverlay(picture, minSide)
  const { width, height, data } = overlay
  const small = await resizeMask(mask, overlay)
  const greys = strength && (await resizeSoftMask(strength, overlay))
  const toKept = squaredDistanceTransform(small, KEEP)
  const toPainted = squaredDistanceTransform(small, PAINT)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const inside = small.data[at] === PAINT
      const stripe = (x + y) % STRIPES.period < STRIPES.width
      const share = greys ? greys.data[at]! / PAINT : 1
      if (inside) blend(data, at, TINT, share * (stripe ? OPACITY.stripe : OPACITY.between))
      if (inside && toKept[at]! <= OUTLINE_RADIUS ** 2) blend(data, at, [255, 255, 255], 1)
      else if (!inside && toPainted[at]! <= OUTLINE_RADIUS ** 2) blend(data, at, [0, 0, 0], 1)
    }
  }
  await drawOver?.(overlay)
  return encodeOverlay(overlay)
}

/**
 * A picture at the size of its overlay, with a checkerboard where it is transparent.
 *
 * @param minSide a picture whose longer side is shorter than this is enlarged to it
 */
export async function scaleForOverlay(picture: Uint8Array, minSide = 0): Promise<Pixels> {
  const fullSize = await readSize(picture)
  const longerSide = Math.max(fullSize.width, fullSize.height)
  const scale = Math.max(minSide, Math.min(longerSide, MAX_SIDE)) / longerSide
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const size = { width: side(fullSize.width), height: side(fullSize.height) }
  const { pixels, alpha } = await readPicture(picture, { size })
  const data = Uint8Array.from(pixels.data)
  if (alpha) drawCheckerboard(data, alpha)
  return { ...size, data }
}

export async function encodeOverlay(overlay: Pixels): Promise<Buffer> {
  return sharpFromPixels(overlay).webp({ quality: 82 }).toBuffer()
}

/** Shows a checkerboard where the picture is transparent, as image editors do. */
function drawCheckerboard(data: Uint8Array, alpha: SoftMask): void {
  for (let at = 0; at < alpha.data.length; at++) {
    const [column, row] = [at % alpha.width, Math.floor(at / alpha.width)]
    const isLight = (Math.floor(column / CHECKER.side) + Math.floor(row / CHECKER.side)) % 2 === 0
    const grey = isLight ? CHECKER.light : CHECKER.dark
    blend(data, at, [grey, grey, grey], 1 - alpha.data[at]! / 255)
  }
}

/** @param opacity from 0 to 1 */
export function blend(data: Uint8Array, at: number, colour: readonly [number, number, number], opacity: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const value = data[at * 3 + channel]!
    data[at * 3 + channel] = Math.round(value + (colour[channel]! - value) * opacity)
  }
}
