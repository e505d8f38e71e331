import type { Point } from './point.js'

/** A rectangle of whole pixels. */
export type Box = Point & { readonly width: number; readonly height: number }

type Size = { readonly width: number; readonly height: number }

/** The smallest box that holds both. */
export function union(one: Box, other: Box): Box {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)]
  const right = Math.max(one.x + one.width, other.x + other.width)
  const bottom = Math.max(one.y + one.height, other.y + other.height)
  return { x, y, width: right - x, height: bottom - y }
}

/** The part of a picture that holds these points and a margin around each; a side is negative where that is none. */
export function boxAround(points: readonly Point[], margin: number, picture: Size): Box {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  const x = Math.max(0, Math.floor(Math.min(...xs) - margin))
  const y = Math.max(0, Math.floor(Math.min(...ys) - margin))
  const right = Math.min(picture.width, Math.ceil(Math.max(...xs) + margin))
  const bottom = Math.min(picture.height, Math.ceil(Math.max(...ys) + margin))
  return { x, y, width: right - x, height: bottom - y }
}
