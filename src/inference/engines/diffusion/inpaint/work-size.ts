import { paste } from '../../../image/crop.js'
import { resizeRgba16 } from '../../../image/decode.js'
import type { Box, Extent } from '../../../image/geometry.js'
import { filledMask, filledPixels, KEEP, type Mask, PAINT } from '../../../image/pixels.js'
import type { Canvas } from '../../../pipeline/canvas.js'
import type { DiffusionModel } from '../model/diffusion-model.js'
import { VAE_SCALE_FACTOR } from '../model/vae.js'

/** Painted sides are multiples of this, in pixels: the UNet halves latents of 8 × 8 pixels three times. */
export const SIDE_MULTIPLE = 64

/**
 * The size at which a model paints a canvas: about the area of its training pictures, in the canvas's aspect ratio. For
 * a graph of fixed size, that size, with the canvas fitted into its centre.
 *
 * @returns `size` in pixels, and `contentBox`, the part of it that shows the canvas
 */
export function workSize(
  { width, height }: Extent,
  { sampleSize, unet }: DiffusionModel,
): { size: Extent; contentBox: Box } {
  if (unet.fixedSize) {
    const size = { width: unet.fixedSize[1] * VAE_SCALE_FACTOR, height: unet.fixedSize[0] * VAE_SCALE_FACTOR }
    const scale = Math.min(size.width / width, size.height / height)
    const scaledSize = {
      width: Math.max(1, Math.round(width * scale)),
      height: Math.max(1, Math.round(height * scale)),
    }
    const x = Math.floor((size.width - scaledSize.width) / 2)
    return { size, contentBox: { x, y: Math.floor((size.height - scaledSize.height) / 2), ...scaledSize } }
  }
  const scale = (sampleSize * VAE_SCALE_FACTOR) / Math.sqrt(width * height)
  const side = (length: number) => Math.max(SIDE_MULTIPLE, Math.round((length * scale) / SIDE_MULTIPLE) * SIDE_MULTIPLE)
  const size = { width: side(width), height: side(height) }
  return { size, contentBox: { x: 0, y: 0, ...size } }
}

/** As {@link workSize}, for a canvas whose sides are already multiples of {@link SIDE_MULTIPLE}. */
export function ownSize({ width, height }: Extent): { size: Extent; contentBox: Box } {
  return { size: { width, height }, contentBox: { x: 0, y: 0, width, height } }
}

/** Put a canvas into a larger one. Everything outside `contentBox` is under the mask. */
export function padCanvas(canvas: Omit<Canvas, 'old'>, contentBox: Box, size: Extent): Omit<Canvas, 'old'> {
  if (canvas.pixels.width === size.width && canvas.pixels.height === size.height) return canvas
  const mask = filledMask(size, PAINT)
  for (let row = 0; row < contentBox.height; row++) {
    const maskRow = canvas.mask.data.subarray(row * contentBox.width, (row + 1) * contentBox.width)
    mask.data.set(maskRow, (contentBox.y + row) * size.width + contentBox.x)
  }
  return { pixels: paste(filledPixels(size), canvas.pixels, contentBox), mask }
}

/**
 * Resize a canvas. Pixels under the mask don't bleed into known ones; a pixel is masked if any source pixel of it is.
 */
export async function resizeCanvas({ pixels, mask }: Canvas, { width, height }: Extent): Promise<Omit<Canvas, 'old'>> {
  if (pixels.width === width && pixels.height === height) return { pixels, mask }
  const rgba = new Uint16Array(mask.data.length * 4)
  for (let at = 0, from = 0, to = 0; at < mask.data.length; at++, from += 3, to += 4) {
    if (mask.data[at] === PAINT) continue
    rgba[to] = pixels.data[from]! * LEVEL
    rgba[to + 1] = pixels.data[from + 1]! * LEVEL
    rgba[to + 2] = pixels.data[from + 2]! * LEVEL
    rgba[to + 3] = KNOWN_ALPHA
  }
  const data = await resizeRgba16({ width: pixels.width, height: pixels.height, data: rgba }, { width, height })
  const resizedCanvas = { pixels: filledPixels({ width, height }), mask: filledMask({ width, height }, KEEP) }
  for (let at = 0, from = 0, to = 0; at < width * height; at++, from += 4, to += 3) {
    resizedCanvas.pixels.data[to] = (data[from]! + LEVEL / 2) / LEVEL
    resizedCanvas.pixels.data[to + 1] = (data[from + 1]! + LEVEL / 2) / LEVEL
    resizedCanvas.pixels.data[to + 2] = (data[from + 2]! + LEVEL / 2) / LEVEL
    if (data[from + 3]! < LEAST_ALPHA) resizedCanvas.mask.data[at] = PAINT
  }
  return resizedCanvas
}

/** An 8-bit level in 16 bits. */
const LEVEL = 257

/** The alpha of known pixels, in 16 bits: low enough not to be cut off where it overshoots. */
const KNOWN_ALPHA = 50_000

/** Lowest alpha of a pixel without masked source pixels; lower than theirs because resampling rounds and undershoots. */
const LEAST_ALPHA = 0.98 * KNOWN_ALPHA

/** A copy of the mask with the box set to KEEP. */
export function unmaskBox(mask: Mask, box: Box): Mask {
  const data = mask.data.slice()
  for (let y = box.y; y < box.y + box.height; y++) {
    data.fill(KEEP, y * mask.width + box.x, y * mask.width + box.x + box.width)
  }
  return { ...mask, data }
}
