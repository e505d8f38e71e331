import { UserError } from '../../user-error.js'
import type { Box, Extent } from '../image/geometry.js'

/** A click on a picture, in its pixels from its top left corner. `inside` is part of the object, everything else is not. */
export type SegmentPoint = { readonly x: number; readonly y: number; readonly inside: boolean }

/** Where an object is: points, or a box around it, or both. */
export type SegmentPrompt = { readonly points: readonly SegmentPoint[]; readonly box?: Box | undefined }

/** Which of the three masks is meant: a button, the shirt, or the person. */
export const SEGMENT_SIZES = ['small', 'medium', 'large'] as const
export type SegmentSize = (typeof SEGMENT_SIZES)[number]

/** Most points of one selection: each costs the decoder time, and people set a handful. */
export const MAX_POINTS = 64

/**
 * The prompt with its box cut to the picture.
 *
 * @throws UserError `selection-empty` without a point inside and without a box; `selection-outside` for what is not on the picture;
 *   `selection-too-long` for more than {@link MAX_POINTS} points
 */
export function checkPrompt({ points, box }: SegmentPrompt, picture: Extent): SegmentPrompt {
  if (!box && !points.some(({ inside }) => inside)) throw new UserError({ code: 'selection-empty' })
  if (points.length > MAX_POINTS) throw new UserError({ code: 'selection-too-long', limit: MAX_POINTS })
  const { width, height } = picture
  const outside = (what: string) => new UserError({ code: 'selection-outside', what, picture: `${width}×${height}` })
  for (const { x, y } of points) {
    if (!(x >= 0 && y >= 0 && x < width && y < height)) throw outside(`${x},${y}`)
  }
  return box ? { points, box: clipBox(box, picture) ?? failWith(outside(describeBox(box))) } : { points }
}

/** The part of a box that is on the picture; undefined if it has no area there. */
function clipBox(box: Box, { width, height }: Extent): Box | undefined {
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)]
  const clipped = {
    x,
    y,
    width: Math.min(width, box.x + box.width) - x,
    height: Math.min(height, box.y + box.height) - y,
  }
  return clipped.width > 0 && clipped.height > 0 ? clipped : undefined
}

function describeBox({ x, y, width, height }: Box): string {
  return [x, y, width, height].join(',')
}

function failWith(error: UserError): never {
  throw error
}
