import type { ExceededLimit } from '../../user-error.js'

/** A size in whole pixels; both sides are at least 1. */
export type Extent = { readonly width: number; readonly height: number }

/** The largest picture that is read or painted: area in millions of pixels, longer side in pixels. */
export const MAX_PICTURE_SIZE = { megapixels: 50, side: 16384 } as const

/** The largest picture that upscaling makes: 8192 pixels squared. It is only written; to read it again would take twice the memory. */
export const MAX_UPSCALED_SIZE = { megapixels: 68, side: 16384 } as const

/** The largest size that something may have: area in millions of pixels, longer side in pixels. */
export type SizeLimit = { readonly megapixels: number; readonly side: number }

/** Which limit a size exceeds, as a problem states it. @returns undefined for none */
export function exceededLimit({ width, height }: Extent, { megapixels, side }: SizeLimit): ExceededLimit | undefined {
  if (width * height > megapixels * 1e6) return { limit: megapixels }
  return Math.max(width, height) > side ? { limit: megapixels, side } : undefined
}

/** Aspect ratios that differ by at most this share count as the same. */
const ASPECT_TOLERANCE = 0.02

/** Whether a picture of one size is a scaled one of the other. Rounding to whole pixels is allowed for. */
export function hasSameAspect(one: Extent, other: Extent): boolean {
  const ratio = (one.width * other.height) / (one.height * other.width)
  const rounding = 1 / Math.min(one.width, one.height, other.width, other.height)
  return Math.abs(ratio - 1) <= ASPECT_TOLERANCE + rounding
}

export function isSameSize(one: Extent, other: Extent): boolean {
  return one.width === other.width && one.height === other.height
}

/** A rectangle in whole pixels, from its top left corner: x to x + width, y to y + height, the ends excluded. */
export type Box = { readonly x: number; readonly y: number } & Extent

/** Where a box is in a larger one. */
export const ANCHORS = [
  'center',
  'top',
  'bottom',
  'left',
  'right',
  'top-left',
  'top-right',
  'bottom-left',
  'bottom-right',
] as const
export type Anchor = (typeof ANCHORS)[number]

/** A box of this size in a frame: at its center, or at the sides that the anchor names. */
export function anchorBox(box: Extent, frame: Extent, anchor: Anchor): Box {
  const start = (room: number, isFirst: boolean, isLast: boolean) =>
    isFirst ? 0 : isLast ? room : Math.floor(room / 2)
  const x = start(frame.width - box.width, anchor.includes('left'), anchor.includes('right'))
  const y = start(frame.height - box.height, anchor.includes('top'), anchor.includes('bottom'))
  return { x, y, width: box.width, height: box.height }
}

/** The part of a box that is inside a frame; undefined if none is. */
export function clipToFrame(box: Box, frame: Extent): Box | undefined {
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)]
  const width = Math.min(frame.width, box.x + box.width) - x
  const height = Math.min(frame.height, box.y + box.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : undefined
}

/** True if `box` is inside a picture of this size and holds at least one pixel. */
export function isInside(box: Box, picture: Extent): boolean {
  return (
    [box.x, box.y, box.width, box.height].every(Number.isInteger) &&
    box.x >= 0 &&
    box.y >= 0 &&
    box.width >= 1 &&
    box.height >= 1 &&
    box.x + box.width <= picture.width &&
    box.y + box.height <= picture.height
  )
}
