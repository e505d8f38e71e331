import type { Rect } from '../history/stages.js'
import type { Extent } from '../image/geometry.js'
import { KEEP, type Mask, type Pixels } from '../image/pixels.js'

/** A picture of the film, of any size: it is scaled to its place. Where `shown` is {@link KEEP}, the pictures around it are seen. */
export type FilmPicture = { readonly pixels: Pixels; readonly shown?: Mask | undefined }

/** Over this share of its shorter side a picture fades into the one around it. */
const FEATHER_SHARE = 0.02

/** The camera's speed: a picture that is this many times as large takes `framesPerStep` frames. */
const STEP_FACTOR = 1.5

/** Positions are exact to this share of a picture's width: a view that starts where a picture starts is on it. */
const TOLERANCE = 1e-6

/**
 * The views of a camera that zooms out from the first picture to the last without a stop. The view grows by the same factor in each
 * frame, and each picture appears where it begins.
 *
 * @param rects the places of the pictures on the last one, the innermost first
 * @param aspect width to height of the view
 * @param framesPerStep how many frames it takes until the view is 1.5 times as wide
 */
export function cameraPath(rects: readonly Rect[], aspect: number, framesPerStep: number): Rect[] {
  const last = rects.at(-1)!
  const stops = rects.map(rect => viewOf(rect, last, aspect))
  const path: Rect[] = []
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
function viewOf(rect: Rect, last: Rect, aspect: number): Rect {
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
 * would not be sharper at this scale. Where a picture was repainted later, those around it are below.
 *
 * @param pictures in the order of `rects`
 * @returns R G B of each pixel of `size`
 */
export function renderView(
  pictures: readonly FilmPicture[],
  rects: readonly Rect[],
  view: Rect,
  size: Extent,
): Uint8Array {
  const out = new Uint8Array(size.width * size.height * 3)
  const smallest = rects.findIndex(rect => contains(rect, view))
  const outer = smallest < 0 ? rects.length - 1 : smallest
  let lowest = outer
  while (pictures[lowest]?.shown && lowest < rects.length - 1) lowest++
  for (let index = lowest; index >= Math.max(0, outer - 1); index--) {
    draw(pictures[index]!, rects[index]!, view, out, size, index < outer)
  }
  return out
}

function contains(rect: Rect, view: Rect): boolean {
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
  { pixels: picture, shown }: FilmPicture,
  rect: Rect,
  view: Rect,
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
    const nearestRow = rows.weight[row]! < 0.5 ? upper : lower
    for (let column = columns.first; column < columns.end; column++) {
      const nearestColumn = columns.weight[column]! < 0.5 ? columns.before[column]! : columns.after[column]!
      if (shown && shown.data[nearestRow + nearestColumn] === KEEP) continue
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
