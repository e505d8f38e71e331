import type { Box, Extent } from '../../../image/geometry.js'

/** A picture grows by so much at most before what was painted is gone on from: models lose the thread beyond that. */
const MAX_GROWTH_PER_PASS = 1.6

/**
 * The boxes around an old picture that are painted one after another, each larger by the same factor, until the last is the
 * whole canvas. One is enough where little is added, and where there is no old picture.
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

/** The same, but left, right, top and bottom after one another, each side of the picture as it then is. */
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

/** One axis: its length to the power of the share of the way, both ends moved in step. */
function growAxis(start: number, length: number, whole: number, share: number): { start: number; length: number } {
  if (share === 1 || whole === length) return { start: 0, length: whole }
  const more = length * (whole / length) ** share - length
  const before = start / (whole - length)
  const from = Math.floor(start - more * before)
  // Rounded outwards, so that each contains the one before.
  const to = Math.min(whole, Math.ceil(start + length + more * (1 - before)))
  return { start: from, length: to - from }
}
