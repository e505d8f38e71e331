import { type Edges, limitFrame, moveTo, type Placement, type Size, scaledSize } from './placement.js'

/** Lines that are shown while the picture is at them, in pixels of the frame. */
export type Guides = { readonly x: readonly number[]; readonly y: readonly number[] }

export const NO_GUIDES: Guides = { x: [], y: [] }

type Snapped = { readonly placement: Placement; readonly guides: Guides }

/**
 * Move the picture to the edges or the middle of the frame if it is near them.
 *
 * @param distance what is near, in pixels of the frame
 */
export function snapPicture(placement: Placement, picture: Size, distance: number): Snapped {
  const scaled = scaledSize(picture, placement.scale)
  const x = snapAlong(placement.x, scaled.width, placement.width, distance)
  const y = snapAlong(placement.y, scaled.height, placement.height, distance)
  return { placement: moveTo(placement, picture, { x: x.at, y: y.at }), guides: { x: x.lines, y: y.lines } }
}

/** Move the edges of the frame that are dragged to those of the picture if they are near. @param distance as in {@link snapPicture} */
export function snapFrame(placement: Placement, edges: Edges, picture: Size, distance: number): Snapped {
  const scaled = scaledSize(picture, placement.scale)
  let next = placement
  const guides: { x: number[]; y: number[] } = { x: [], y: [] }
  if (edges.x < 0 && isNear(placement.x, distance)) {
    next = { ...next, x: 0, width: next.width - placement.x }
    guides.x.push(0)
  } else if (edges.x > 0 && isNear(placement.x + scaled.width - placement.width, distance)) {
    next = { ...next, width: placement.x + scaled.width }
    guides.x.push(next.width)
  }
  if (edges.y < 0 && isNear(placement.y, distance)) {
    next = { ...next, y: 0, height: next.height - placement.y }
    guides.y.push(0)
  } else if (edges.y > 0 && isNear(placement.y + scaled.height - placement.height, distance)) {
    next = { ...next, height: placement.y + scaled.height }
    guides.y.push(next.height)
  }
  const { width, height } = limitFrame(next)
  const isAllowed = width === next.width && height === next.height
  return isAllowed ? { placement: next, guides } : { placement, guides: NO_GUIDES }
}

const isNear = (length: number, distance: number) => Math.abs(length) <= distance

function snapAlong(position: number, length: number, side: number, distance: number) {
  const targets = [
    { at: 0, line: 0 },
    { at: Math.floor((side - length) / 2), line: side / 2 },
    { at: side - length, line: side },
  ]
  const away = ({ at }: { at: number }) => Math.abs(at - position)
  const [nearest] = targets.toSorted((one, other) => away(one) - away(other))
  const at = away(nearest!) <= distance ? nearest!.at : position
  return { at, lines: targets.filter(target => target.at === at).map(({ line }) => line) }
}
