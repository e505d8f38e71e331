import { UserError } from '../../user-error.js'
import { anchorBox, type Box, clipToFrame, type Extent } from '../image/geometry.js'
import { type Edit, FRAME_SIDE, PLACE_SCALE } from './edit.js'

/** A picture in its new frame, in pixels of the frame. */
export type PlacedPicture = {
  readonly size: Extent
  /** The part of the picture that is inside the frame. */
  readonly old: Box
  /** All of the picture, where part of it is outside the frame. */
  readonly whole?: Box
}

/**
 * The position of a picture in a new frame, and its size there.
 *
 * @param size of the picture, in its own pixels
 * @throws UserError `scale-out-of-range`, `frame-out-of-range`, `place-outside-frame`
 */
export function placePicture(edit: Extract<Edit, { kind: 'place' }>, size: Extent): PlacedPicture {
  const { at, scale, width, height } = edit
  // NaN fails this comparison.
  if (!(scale >= PLACE_SCALE.min && scale <= PLACE_SCALE.max)) {
    throw new UserError({ code: 'scale-out-of-range', scale, ...PLACE_SCALE })
  }
  const { min, max } = FRAME_SIDE
  if (Math.min(width, height) < min || Math.max(width, height) > max) {
    throw new UserError({ code: 'frame-out-of-range', width, height, ...FRAME_SIDE })
  }
  const frame = { width, height }
  const scaled = scaledExtent(size, scale)
  const whole = typeof at === 'string' ? anchorBox(scaled, frame, at) : { x: at.x, y: at.y, ...scaled }
  const old = clipToFrame(whole, frame)
  if (!old) throw new UserError({ code: 'place-outside-frame', ...frame })
  const isCut = old.width < whole.width || old.height < whole.height
  return { size: frame, old, ...(isCut && { whole }) }
}

/** Both sides `scale` times as long, in whole pixels, at least 1. */
function scaledExtent({ width, height }: Extent, scale: number): Extent {
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  return { width: side(width), height: side(height) }
}
