import type { Box, Extent } from '../image/geometry.js'
import type { Pixels } from '../image/pixels.js'

/** Where pictures lie that were painted one around the other, in pixels of the last one; the first lies innermost. */
export type ViewRect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Over this share of its side a picture fades into the one around it. */
const FEATHER = 0.02

/**
 * Where each picture lies in the last one.
 *
 * @param steps of each picture but the first: its size, and where the one before it lies on it
 * @param first the size of the first
 */
export function pictureRects(
  first: Extent,
  steps: readonly { readonly size: Extent; readonly old: Box }[],
): ViewRect[] {
  const whole = steps.at(-1)?.size ?? first
  const places: ViewRect[] = [{ x: 0, y: 0, ...whole }]
  for (const { size, old } of steps.toReversed()) {
    const outer = places[0]!
    const [across, down] = [outer.width / size.width, outer.height / size.height]
    places.unshift({
      x: outer.x + old.x * across,
      y: outer.y + old.y * down,
      width: old.width * across,
      height: old.height * down,
    })
  }
  return places
}

/**
 * What a camera sees that steps back from the first picture to the last without a halt: as much is added in each frame, in
 * proportion to what is seen, and each picture comes into sight where it begins.
 *
 * @param places as {@link pictureRects} tells them
 * @param shape width to height of what is seen
 * @param perStep how many frames it takes until half as much again is seen
 */
export function cameraPath(places: readonly ViewRect[], shape: number, perStep: number): ViewRect[] {
  const whole = places.at(-1)!
  const stops = places.map(place => seenFrom(place, whole, shape))
  const path: ViewRect[] = []
  for (const [index, from] of stops.slice(0, -1).entries()) {
    const to = stops[index + 1]!
    const growth = to.width / from.width
    // Where nothing grows it may still move aside.
    const aside = growth === 1 ? Math.hypot(to.x - from.x, to.y - from.y) / from.width : 0
    const frames = Math.round(perStep * (Math.log(growth) / Math.log(1.5) + aside))
    for (let frame = 0; frame < frames; frame++) {
      const width = from.width * growth ** (frame / frames)
      // All of it moves towards one point, as it does where a picture is zoomed out of.
      const share = growth === 1 ? frame / frames : (width - from.width) / (to.width - from.width)
      const x = from.x + (to.x - from.x) * share
      path.push({ x, y: from.y + (to.y - from.y) * share, width, height: width / shape })
    }
  }
  return [...path, stops.at(-1)!]
}

/** The smallest view of this shape that shows all of a picture, as far as the last picture goes. */
function seenFrom(place: ViewRect, whole: ViewRect, shape: number): ViewRect {
  const width = Math.min(Math.max(place.width, place.height * shape), whole.width, whole.height * shape)
  const height = width / shape
  const within = (middle: number, length: number, most: number) =>
    Math.min(Math.max(0, middle - length / 2), most - length)
  return {
    x: within(place.x + place.width / 2, width, whole.width),
    y: within(place.y + place.height / 2, height, whole.height),
    width,
    height,
  }
}

/**
 * Draw what the camera sees: the smallest picture that holds all of it, and over it the next one farther in, which is sharper. What
 * lies still farther in is as sharp in that one as it can be seen.
 *
 * @param pictures in the order of `places`; of any size, since they are scaled to their places
 * @returns RGB of this size
 */
export function renderView(
  pictures: readonly Pixels[],
  places: readonly ViewRect[],
  view: ViewRect,
  size: Extent,
): Uint8Array {
  const out = new Uint8Array(size.width * size.height * 3)
  const holding = places.findIndex(place => holds(place, view))
  const outer = holding < 0 ? places.length - 1 : holding
  draw(pictures[outer]!, places[outer]!, view, out, size, false)
  if (outer > 0) draw(pictures[outer - 1]!, places[outer - 1]!, view, out, size, true)
  return out
}

/** A view that begins where a picture begins is computed to the last digit, and not beyond. */
const ROUNDING = 1e-6

function holds(place: ViewRect, view: ViewRect): boolean {
  const slack = ROUNDING * place.width
  return (
    view.x >= place.x - slack &&
    view.y >= place.y - slack &&
    view.x + view.width <= place.x + place.width + slack &&
    view.y + view.height <= place.y + place.height + slack
  )
}

/** One axis of a view: which of its pixels lie on a picture, between which of its pixels each, how far, and how near to the edge. */
function axis(start: number, scale: number, count: number, from: number, length: number, pixels: number) {
  const first = Math.max(0, Math.min(count, Math.ceil((from - start) / scale - 0.5)))
  const end = Math.max(first, Math.min(count, Math.ceil((from + length - start) / scale - 0.5)))
  const [before, after] = [new Int32Array(count), new Int32Array(count)]
  const [share, edge] = [new Float32Array(count), new Float32Array(count)]
  for (let at = first; at < end; at++) {
    const inside = start + (at + 0.5) * scale - from
    const place = Math.min(pixels - 1, Math.max(0, (inside / length) * pixels - 0.5))
    before[at] = Math.floor(place)
    after[at] = Math.min(pixels - 1, before[at]! + 1)
    share[at] = place - before[at]!
    edge[at] = Math.min(inside, length - inside)
  }
  return { first, end, before, after, share, edge }
}

function draw(picture: Pixels, place: ViewRect, view: ViewRect, out: Uint8Array, size: Extent, fades: boolean): void {
  const scale = view.width / size.width
  const across = axis(view.x, scale, size.width, place.x, place.width, picture.width)
  const down = axis(view.y, scale, size.height, place.y, place.height, picture.height)
  const feather = FEATHER * Math.min(place.width, place.height)
  const { data, width } = picture
  for (let row = down.first; row < down.end; row++) {
    const [upper, lower, v] = [down.before[row]! * width, down.after[row]! * width, down.share[row]!]
    for (let column = across.first; column < across.end; column++) {
      const [left, right, u] = [across.before[column]!, across.after[column]!, across.share[column]!]
      const edge = Math.min(down.edge[row]!, across.edge[column]!)
      const share = fades ? Math.min(1, Math.max(0, edge / feather)) : 1
      const to = (row * size.width + column) * 3
      for (let channel = 0; channel < 3; channel++) {
        const above = data[(upper + left) * 3 + channel]! * (1 - u) + data[(upper + right) * 3 + channel]! * u
        const below = data[(lower + left) * 3 + channel]! * (1 - u) + data[(lower + right) * 3 + channel]! * u
        const sampled = above + (below - above) * v
        out[to + channel] = out[to + channel]! + (sampled - out[to + channel]!) * share + 0.5
      }
    }
  }
}
