import type { Box, Extent } from '../../../image/geometry.js'

/** Largest growth of a side in one pass. Beyond it models lose the connection to the source picture. */
const MAX_GROWTH_PER_PASS = 1.6

/**
 * Boxes around the source picture that are outpainted one after another. Each is larger by the same factor; the last is
 * the whole canvas. One pass if the canvas is at most {@link MAX_GROWTH_PER_PASS} times as large, or if there is no
 * source picture.
 *
 * @param old box of the source picture on the canvas
 */
export function outpaintPasses(old: Box, { width, height }: Extent): Box[] {
  const whole = { x: 0, y: 0, width, height }
  if (old.width === 0 || old.height === 0) return [whole]
  const growth = Math.max(width / old.width, height / old.height)
  const count = Math.max(1, Math.ceil(Math.log(growth) / Math.log(MAX_GROWTH_PER_PASS) - 1e-9))
  return Array.from({ length: count }, (_, index) => {
    const share = (index + 1) / count
    const across = growAxis(old.x, old.width, width, share)
    const down = growAxis(old.y, old.height, height, share)
    return { x: across.start, y: down.start, width: across.length, height: down.length }
  })
}

/**
 * Like {@link outpaintPasses}, but extend left, right, top and bottom one after another (A1111's "outpainting mk2").
 */
export function outpaintPassesBySide(old: Box, { width, height }: Extent): Box[] {
  if (old.width === 0 || old.height === 0) return [{ x: 0, y: 0, width, height }]
  const boxes: Box[] = []
  let covered = old
  const extendTo = (to: Box) => {
    const from = { ...covered, x: covered.x - to.x, y: covered.y - to.y }
    for (const box of outpaintPasses(from, to)) boxes.push({ ...box, x: box.x + to.x, y: box.y + to.y })
    covered = to
  }
  if (old.x > 0) extendTo({ ...covered, x: 0, width: covered.x + covered.width })
  if (old.x + old.width < width) extendTo({ ...covered, width: width - covered.x })
  if (old.y > 0) extendTo({ ...covered, y: 0, height: covered.y + covered.height })
  if (old.y + old.height < height || boxes.length === 0) extendTo({ x: 0, y: 0, width, height })
  return boxes
}

/**
 * One axis of a pass: the length grows exponentially with `share`, both ends in proportion.
 *
 * @param share of the passes, 0 to 1
 */
function growAxis(
  start: number,
  length: number,
  canvasLength: number,
  share: number,
): { start: number; length: number } {
  if (share === 1 || canvasLength === length) return { start: 0, length: canvasLength }
  const added = length * (canvasLength / length) ** share - length
  const startShare = start / (canvasLength - length)
  const newStart = Math.floor(start - added * startShare)
  // Round outwards, so that each box contains the previous one.
  const newEnd = Math.min(canvasLength, Math.ceil(start + length + added * (1 - startShare)))
  return { start: newStart, length: newEnd - newStart }
}
