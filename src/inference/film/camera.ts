import type { Box, Extent } from '../image/geometry.js'
import type { Pixels } from '../image/pixels.js'

/** A rectangle on the last picture, in its pixels; the first picture is innermost. */
export type ViewRect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Over this share of its shorter side a picture fades into the one around it. */
const FEATHER_SHARE = 0.02

/** The camera's speed: a picture that is this many times as large takes `framesPerStep` frames. */
const STEP_FACTOR = 1.5

/** Positions are exact to this share of a picture's width: a view that starts where a picture starts is on it. */
const TOLERANCE = 1e-6

/**
 * The position of each picture on the last one.
 *
 * @param first the size of the first picture
 * @param steps of each later picture: its size, and the position of the picture before on it
 */
export function pictureRects(
  first: Extent,
  steps: readonly { readonly size: Extent; readonly old: Box }[],
): ViewRect[] {
  const last = steps.at(-1)?.size ?? first
  const rects: ViewRect[] = [{ x: 0, y: 0, ...last }]
  for (const { size, old } of steps.toReversed()) {
    const outer = rects[0]!
    const [scaleX, scaleY] = [outer.width / size.width, outer.height / size.height]
    rects.unshift({
      x: outer.x + old.x * scaleX,
      y: outer.y + old.y * scaleY,
      width: old.width * scaleX,
      height: old.height * scaleY,
    })
  }
  return rects
}

/**
 * The views of a camera that zooms out from the first picture to the last without a stop. The view grows by the same factor in each
 * frame, and each picture appears where it begins.
 *
 * @param rects as {@link pictureRects} returns them
 * @param aspect width to height of the view
 * @param framesPerStep how many frames it takes until the view is 1.5 times as wide
 */
export function cameraPath(rects: readonly ViewRect[], aspect: number, framesPerStep: number): ViewRect[] {
  const last = rects.at(-1)!
  const stops = rects.map(rect => viewOf(rect, last, aspect))
  const path: ViewRect[] = []
  for (const [index, from] of stops.slice(0, -1).entries()) {
    const to = stops[index + 1]!
    const growth = to.width / from.width
    // A view that does not grow may still pan.
    const pan = growth === 1 ? Math.hypot(to.x - from.x, to.y - from.y) / from.width : 0
    const frames = Math.round(framesPerStep * (Math.log(growth) / Math.log(STEP_FACTOR) + pan))
    for (let frame = 0; frame < frames; frame++) {
      const width = from.width * growth ** (frame / frames)
      // Everything moves towards one point, as in a zoom.
      const share = growth === 1 ? frame / frames : (width - from.width) / (to.width - from.width)
      const x = from.x + (to.x - from.x) * share
      path.push({ x, y: from.y + (to.y - from.y) * share, width, height: width / aspect })
    }
  }
  return [...path, stops.at(-1)!]
}

/** The smallest view of this aspect ratio that shows all of a picture, within the last picture. */
function viewOf(rect: ViewRect, last: ViewRect, aspect: number): ViewRect {
  const width = Math.min(Math.max(rect.width, rect.height * aspect), last.width, last.height * aspect)
  const height = width / aspect
  const start = (centre: number, length: number, max: number) =>
    Math.min(Math.max(0, centre - length / 2), max - length)
  return {
    x: start(rect.x + rect.width / 2, width, last.width),
    y: start(rect.y + rect.height / 2, height, last.height),
    width,
    height,
  }
}

/**
 * Render a view: the smallest picture that holds all of it, and over it the next inner picture, which is sharper. Pictures farther in
 * would not be sharper at this scale.
 *
 * @param pictures in the order of `rects`, of any size: they are scaled to their rectangles
 * @returns R G B of each pixel of `size`
 */
export function renderView(
  pictures: readonly Pixels[],
  rects: readonly ViewRect[],
  view: ViewRect,
  size: Extent,
): Uint8Array {
  const out = new Uint8Array(size.width * size.height * 3)
  const smallest = rects.findIndex(rect => contains(rect, view))
  const outer = smallest < 0 ? rects.length - 1 : smallest
  draw(pictures[outer]!, rects[outer]!, view, out, size, false)
  if (outer > 0) draw(pictures[outer - 1]!, rects[outer - 1]!, view, out, size, true)
  return out
}

function contains(rect: ViewRect, view: ViewRect): boolean {
  const slack = TOLERANCE * rect.width
  return (
    view.x >= rect.x - slack &&
    view.y >= rect.y - slack &&
    view.x + view.width <= rect.x + rect.width + slack &&
    view.y + view.height <= rect.y + rect.height + slack
  )
}

/**
 * Linear sampling along one axis of a view. `first` to `end` are the view's pixels on the picture. For each of them: the picture's
 * pixels `before` and `after`, the `weight` of the latter, and the distance to the nearer `edge` in pixels of the last picture.
 */
function sampleAxis(start: number, scale: number, count: number, from: number, length: number, pixels: number) {
  const first = Math.max(0, Math.min(count, Math.ceil((from - start) / scale - 0.5)))
  const end = Math.max(first, Math.min(count, Math.ceil((from + length - start) / scale - 0.5)))
  const [before, after] = [new Int32Array(count), new Int32Array(count)]
  const [weight, edge] = [new Float32Array(count), new Float32Array(count)]
  for (let at = first; at < end; at++) {
    const inside = start + (at + 0.5) * scale - from
    const position = Math.min(pixels - 1, Math.max(0, (inside / length) * pixels - 0.5))
    before[at] = Math.floor(position)
    after[at] = Math.min(pixels - 1, before[at]! + 1)
    weight[at] = position - before[at]!
    edge[at] = Math.min(inside, length - inside)
  }
  return { first, end, before, after, weight, edge }
}

function draw(
  picture: Pixels,
  rect: ViewRect,
  view: ViewRect,
  out: Uint8Array,
  size: Extent,
  hasFeather: boolean,
): void {
  const scale = view.width / size.width
  const columns = sampleAxis(view.x, scale, size.width, rect.x, rect.width, picture.width)
  const rows = sampleAxis(view.y, scale, size.height, rect.y, rect.height, picture.height)
  const feather = FEATHER_SHARE * Math.min(rect.width, rect.height)
  const { data, width } = picture
  for (let row = rows.first; row < rows.end; row++) {
    const [upper, lower, v] = [rows.before[row]! * width, rows.after[row]! * width, rows.weight[row]!]
    for (let column = columns.first; column < columns.end; column++) {
      const [left, right, u] = [columns.before[column]!, columns.after[column]!, columns.weight[column]!]
      const edge = Math.min(rows.edge[row]!, columns.edge[column]!)
      const opacity = hasFeather ? Math.min(1, Math.max(0, edge / feather)) : 1
      const to = (row * size.width + column) * 3
      for (let channel = 0; channel < 3; channel++) {
        const above = data[(upper + left) * 3 + channel]! * (1 - u) + data[(upper + right) * 3 + channel]! * u
        const below = data[(lower + left) * 3 + channel]! * (1 - u) + data[(lower + right) * 3 + channel]! * u
        const sampled = above + (below - above) * v
        out[to + channel] = out[to + channel]! + (sampled - out[to + channel]!) * opacity + 0.5
      }
    }
  }
}
