import { DRAWING_LIMITS } from '../../../protocol/drawing-limits.js'

// A picture in a new frame. All functions are pure; lengths are in pixels of the frame.

export type Size = { readonly width: number; readonly height: number }
type Point = { readonly x: number; readonly y: number }

/** A frame of `width` × `height`, the top left corner of the picture in it, and how many times its own size the picture has. */
export type Placement = Size & Point & { readonly scale: number }

/** Which edges of the frame a handle moves: −1 is left or top, 1 is right or bottom, 0 is none. */
export type Edges = { readonly x: -1 | 0 | 1; readonly y: -1 | 0 | 1 }

const { frame: FRAME, placeScale: SCALE } = DRAWING_LIMITS
const MAX_AREA = FRAME.megapixels * 1e6

/** A frame is not dragged smaller than this: its handles would cover it. */
const MIN_DRAGGED_SIDE = 16

/** This much of the picture stays inside the frame. */
const MIN_INSIDE = 8

/** How much larger the first frame is. */
const FIRST_FACTOR = 1.5

/** How far the slider zooms out, both ends included. Below 1 the picture reaches beyond the frame. */
export const ZOOM_OUT = { min: 0.5, max: 8 } as const

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value))

/** The picture's size in the frame; the server rounds in the same way. */
export function scaledSize({ width, height }: Size, scale: number): Size {
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  return { width: side(width), height: side(height) }
}

/** The largest scale at which all of the picture fits into the frame. */
export function fitScale(picture: Size, frame: Size): number {
  return clamp(Math.min(frame.width / picture.width, frame.height / picture.height), SCALE.min, SCALE.max)
}

/** The nearest size that a frame may have, of the same aspect ratio. */
export function limitFrame({ width, height }: Size): Size {
  const shrink = Math.min(1, FRAME.max / Math.max(width, height), Math.sqrt(MAX_AREA / (width * height)))
  const side = (length: number) => clamp(Math.floor(length * shrink + 1e-9), FRAME.min, FRAME.max)
  return { width: side(width), height: side(height) }
}

/** The picture keeps its pixels in the middle of a larger frame; where that would be too large, it is made smaller. */
export function initialPlacement(picture: Size): Placement {
  const grown = { width: Math.round(picture.width * FIRST_FACTOR), height: Math.round(picture.height * FIRST_FACTOR) }
  const frame = limitFrame(grown)
  const scale = frame.width === grown.width ? 1 : fitScale(picture, frame) / FIRST_FACTOR
  return centered({ ...frame, x: 0, y: 0, scale }, picture)
}

export function centered(placement: Placement, picture: Size): Placement {
  const { width, height } = scaledSize(picture, placement.scale)
  const x = Math.floor((placement.width - width) / 2)
  return { ...placement, x, y: Math.floor((placement.height - height) / 2) }
}

/** The picture at a position, or as near to it as part of it stays inside the frame. */
export function moveTo(placement: Placement, picture: Size, { x, y }: Point): Placement {
  const { width, height } = scaledSize(picture, placement.scale)
  const along = (value: number, length: number, side: number) => {
    const inside = Math.min(MIN_INSIDE, length, side)
    return clamp(Math.round(value), inside - length, side - inside)
  }
  return { ...placement, x: along(x, width, placement.width), y: along(y, height, placement.height) }
}

/** The picture at another scale. @param fixed the point of the frame that shows the same part of the picture as before */
export function scaleAround(placement: Placement, picture: Size, scale: number, fixed: Point): Placement {
  const next = clamp(scale, SCALE.min, SCALE.max)
  const ratio = next / placement.scale
  const along = (from: number, at: number) => at - (at - from) * ratio
  const { x, y } = placement
  return moveTo({ ...placement, scale: next }, picture, { x: along(x, fixed.x), y: along(y, fixed.y) })
}

/** How many times smaller the picture is than it could be in this frame. */
export function zoomOutFactor(placement: Placement, picture: Size): number {
  return fitScale(picture, placement) / placement.scale
}

/** Change the scale, or the frame, and keep where the picture is: in the middle, or at the side where it is. */
export function changed(placement: Placement, picture: Size, changes: Partial<Size & { scale: number }>): Placement {
  const limited = limitFrame({ ...placement, ...changes })
  const scale = clamp(changes.scale ?? placement.scale, SCALE.min, SCALE.max)
  const next = { ...placement, ...limited, scale }
  const [before, after] = [scaledSize(picture, placement.scale), scaledSize(picture, scale)]
  const along = (position: number, room: number, nextRoom: number) =>
    nextRoom * (Math.abs(room) < 2 ? 0.5 : clamp(position / room, 0, 1))
  return moveTo(next, picture, {
    x: along(placement.x, placement.width - before.width, next.width - after.width),
    y: along(placement.y, placement.height - before.height, next.height - after.height),
  })
}

export function withZoomOut(placement: Placement, picture: Size, factor: number): Placement {
  return changed(placement, picture, { scale: fitScale(picture, placement) / factor })
}

/** The smallest frame of an aspect ratio that holds the picture at its scale, with the picture in the middle. */
export function withAspect({ scale }: Placement, picture: Size, aspect: Size): Placement {
  const { width, height } = scaledSize(picture, scale)
  const ratio = aspect.width / aspect.height
  const wanted = {
    width: Math.max(width, Math.round(height * ratio)),
    height: Math.max(height, Math.round(width / ratio)),
  }
  const frame = limitFrame(wanted)
  const isLimited = frame.width < wanted.width
  return centered({ ...frame, x: 0, y: 0, scale: isLimited ? fitScale(picture, frame) : scale }, picture)
}

/** A frame of this size, with the picture as large as it fits, in the middle. */
export function withFrame(picture: Size, frame: Size): Placement {
  return centered({ ...limitFrame(frame), x: 0, y: 0, scale: fitScale(picture, frame) }, picture)
}

/**
 * Move edges of the frame; the picture stays where it is.
 *
 * @param by how far the pointer moved, to the right and down
 * @param isSymmetric the opposite edges move too, the other way
 */
export function resizeFrame(start: Placement, edges: Edges, by: Point, isSymmetric: boolean): Placement {
  const side = (length: number, edge: number, distance: number, other: number) => {
    const most = Math.min(FRAME.max, Math.floor(MAX_AREA / other))
    const least = Math.min(MIN_DRAGGED_SIDE, length)
    return clamp(Math.round(length + edge * distance * (isSymmetric ? 2 : 1)), least, most)
  }
  const width = edges.x === 0 ? start.width : side(start.width, edges.x, by.x, start.height)
  const height = edges.y === 0 ? start.height : side(start.height, edges.y, by.y, width)
  const shift = (edge: number, added: number) =>
    edge === 0 ? 0 : isSymmetric ? Math.round(added / 2) : edge < 0 ? added : 0
  const x = start.x + shift(edges.x, width - start.width)
  return { ...start, width, height, x, y: start.y + shift(edges.y, height - start.height) }
}

/**
 * Scale the picture by one of its corners; the opposite corner stays.
 *
 * @param by how far the pointer moved, to the right and down
 * @param isSymmetric the middle stays instead
 */
export function scaleByCorner(
  start: Placement,
  picture: Size,
  corner: Edges,
  by: Point,
  isSymmetric: boolean,
): Placement {
  const { width, height } = scaledSize(picture, start.scale)
  const isWider = Math.abs(by.x) * height > Math.abs(by.y) * width
  const added = isWider ? (corner.x * by.x) / width : (corner.y * by.y) / height
  const along = (from: number, edge: number, length: number) => from + (isSymmetric ? 0.5 : (1 - edge) / 2) * length
  const fixed = { x: along(start.x, corner.x, width), y: along(start.y, corner.y, height) }
  return scaleAround(start, picture, start.scale * (1 + added * (isSymmetric ? 2 : 1)), fixed)
}

/** Whether the picture leaves nothing of the frame to paint. */
export function coversFrame({ x, y, width, height, scale }: Placement, picture: Size): boolean {
  const scaled = scaledSize(picture, scale)
  return x <= 0 && y <= 0 && x + scaled.width >= width && y + scaled.height >= height
}
