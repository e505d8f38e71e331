import { type Box, type Extent, isInside } from './geometry.js'

/** 8-bit sRGB, row-major, interleaved R G B: data[(y * width + x) * 3 + channel], 0 to 255. */
export type Pixels = Extent & { readonly data: Uint8Array }

/** Which pixels are painted: data[y * width + x] is {@link PAINT} or {@link KEEP}. */
export type Mask = Extent & { readonly data: Uint8Array }

/** How strongly each pixel is painted: data[y * width + x] from {@link KEEP} to {@link PAINT}. */
export type SoftMask = Extent & { readonly data: Uint8Array }

export const PAINT = 255
export const KEEP = 0

/** A picture of one grey level, black by default. */
export function filledPixels({ width, height }: Extent, grey = 0): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3).fill(grey) }
}

/** A mask of this size with one value everywhere. */
export function filledMask({ width, height }: Extent, value: typeof PAINT | typeof KEEP): Mask {
  return { width, height, data: new Uint8Array(width * height).fill(value) }
}

/** How many pixels of the mask are painted. */
export function countPainted({ data }: Mask): number {
  let count = 0
  for (let at = 0; at < data.length; at++) if (data[at] === PAINT) count++
  return count
}

/** The part of a picture in `box`, which must be inside it. */
export function cropPixels(pixels: Pixels, box: Box): Pixels {
  if (!isInside(box, pixels)) throw new RangeError(`${JSON.stringify(box)} is not on ${pixels.width}×${pixels.height}`)
  const data = new Uint8Array(box.width * box.height * 3)
  for (let row = 0; row < box.height; row++) {
    const from = ((box.y + row) * pixels.width + box.x) * 3
    data.set(pixels.data.subarray(from, from + box.width * 3), row * box.width * 3)
  }
  return { width: box.width, height: box.height, data }
}

/** The part of a mask in `box`, which must be inside it. */
export function cropMask(mask: Mask, box: Box): Mask {
  if (!isInside(box, mask)) throw new RangeError(`${JSON.stringify(box)} is not on ${mask.width}×${mask.height}`)
  const data = new Uint8Array(box.width * box.height)
  for (let row = 0; row < box.height; row++) {
    const from = (box.y + row) * mask.width + box.x
    data.set(mask.data.subarray(from, from + box.width), row * box.width)
  }
  return { width: box.width, height: box.height, data }
}
