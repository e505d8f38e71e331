import { filledMask, KEEP, type SoftMask } from '../image/pixels.js'
import type { CanvasLayout } from './layout.js'

/** How far inside the edge the direction of an outline is measured, in pixels: less is the width of a soft outline. */
const MEASURED_DEPTH = 4

/** The alpha of a picture along one of its sides. */
type Side = {
  readonly length: number
  /** From this side to the opposite one. */
  readonly depth: number
  readonly at: (position: number, depth: number) => number
}

/**
 * The alpha of the old picture, continued on the canvas around it.
 *
 * What the frame cuts off goes on straight outward: there the outline meets the frame at 45° or steeper. What only touches the
 * frame, as a round avatar does, ends there. The added part around it is transparent.
 *
 * @param alpha of the size of `layout.old`
 */
export function continueAlpha(alpha: SoftMask, { size, old }: CanvasLayout): SoftMask {
  const { width, height, data } = alpha
  const at = (x: number, y: number) => data[y * width + x]!
  const left = cutOff({ length: height, depth: width, at: (y, depth) => at(depth, y) })
  const right = cutOff({ length: height, depth: width, at: (y, depth) => at(width - 1 - depth, y) })
  const top = cutOff({ length: width, depth: height, at: (x, depth) => at(x, depth) })
  const bottom = cutOff({ length: width, depth: height, at: (x, depth) => at(x, height - 1 - depth) })
  const placed = filledMask(size, KEEP)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const [column, row] = [clamp(x - old.x, width), clamp(y - old.y, height)]
      const beside = x - old.x < column ? left : x - old.x > column ? right : undefined
      const across = y - old.y < row ? top : y - old.y > row ? bottom : undefined
      if ((beside?.[row] ?? true) && (across?.[column] ?? true)) placed.data[y * size.width + x] = at(column, row)
    }
  }
  return placed
}

/** For each position along a side, whether its content goes on beyond it. */
function cutOff(side: Side): boolean[] {
  const { length, at } = side
  const goesOn = new Array<boolean>(length).fill(false)
  const strongest = Array.from({ length }, (_, position) => at(position, 0)).reduce(
    (one, other) => Math.max(one, other),
    0,
  )
  if (strongest === 0) return goesOn
  const isSolid = (position: number, depth: number) => at(position, depth) * 2 >= strongest
  for (let start = 0; start < length; start++) {
    if (!isSolid(start, 0)) continue
    let end = start
    while (end + 1 < length && isSolid(end + 1, 0)) end++
    if (isSteep(side, start, -1, isSolid) && isSteep(side, end, 1, isSolid)) {
      // With it goes its soft outline.
      let [first, last] = [start, end]
      while (first > 0 && at(first - 1, 0) > 0 && at(first - 1, 0) <= at(first, 0)) first--
      while (last + 1 < length && at(last + 1, 0) > 0 && at(last + 1, 0) <= at(last, 0)) last++
      goesOn.fill(true, first, last + 1)
    }
    start = end
  }
  return goesOn
}

/** Whether the outline that meets the side at `position` moves outward by less than it goes inward. */
function isSteep(
  { length, depth }: Side,
  position: number,
  outward: 1 | -1,
  isSolid: (position: number, depth: number) => boolean,
): boolean {
  const measured = Math.min(MEASURED_DEPTH, Math.floor(depth / 2))
  for (let step = 1; step <= measured + 1; step++) {
    const next = position + outward * step
    if (next < 0 || next >= length || !isSolid(next, measured)) return true
  }
  return false
}

function clamp(value: number, length: number): number {
  return Math.min(Math.max(value, 0), length - 1)
}
