import type { Box } from '../image/geometry.js'
import { KEEP, type Mask, type Pixels } from '../image/pixels.js'

/** The pixels around what is shown, and for each the nearest one that is shown: `at` and `nearest` are indices into the area. */
type Band = { readonly area: Box; readonly shown: Uint8Array; readonly at: number[]; readonly nearest: number[] }

/**
 * Let the detail of a layer fade out around it, on the canvas that is below. Nothing that the layer shows is changed: what it has more
 * than the canvas is mirrored at its border, and weaker the farther away.
 *
 * @param box the place of the layer on the canvas
 * @param shown which pixels of the layer are shown; all if undefined
 * @param reach how far the detail goes, in pixels
 */
export function spreadDetail(canvas: Pixels, layer: Pixels, box: Box, shown: Mask | undefined, reach: number): void {
  const { area, shown: isShown, at, nearest } = bandAround(canvas, box, shown, reach)
  for (const [index, place] of at.entries()) {
    const edge = nearest[index]!
    const [x, y] = [place % area.width, Math.floor(place / area.width)]
    const [edgeX, edgeY] = [edge % area.width, Math.floor(edge / area.width)]
    const distance = Math.hypot(x - edgeX, y - edgeY)
    if (distance > reach) continue
    const back = (distance - 1) / distance
    const mirrorX = Math.round(edgeX - (x - edgeX) * back)
    const mirrorY = Math.round(edgeY - (y - edgeY) * back)
    const isInside = mirrorX >= 0 && mirrorY >= 0 && mirrorX < area.width && mirrorY < area.height
    const mirror = mirrorY * area.width + mirrorX
    const [fromX, fromY] = isInside && isShown[mirror] === 1 ? [mirrorX, mirrorY] : [edgeX, edgeY]
    const weight = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (reach + 1))
    const to = ((area.y + y) * canvas.width + area.x + x) * 3
    const below = ((area.y + fromY) * canvas.width + area.x + fromX) * 3
    const above = ((area.y + fromY - box.y) * layer.width + area.x + fromX - box.x) * 3
    for (let channel = 0; channel < 3; channel++) {
      const detail = layer.data[above + channel]! - canvas.data[below + channel]!
      canvas.data[to + channel] = Math.min(255, Math.max(0, Math.round(canvas.data[to + channel]! + weight * detail)))
    }
  }
}

/** Breadth-first search outward from what is shown. */
function bandAround(canvas: Pixels, box: Box, shown: Mask | undefined, reach: number): Band {
  const left = Math.max(0, box.x - reach)
  const top = Math.max(0, box.y - reach)
  const width = Math.min(canvas.width, box.x + box.width + reach) - left
  const height = Math.min(canvas.height, box.y + box.height + reach) - top
  const state = new Uint8Array(width * height)
  for (let y = 0; y < box.height; y++) {
    const row = (box.y - top + y) * width + box.x - left
    if (!shown) state.fill(1, row, row + box.width)
    else for (let x = 0; x < box.width; x++) state[row + x] = Number(shown.data[y * box.width + x] !== KEEP)
  }
  const isShown = state.slice()
  const band: Band = { area: { x: left, y: top, width, height }, shown: isShown, at: [], nearest: [] }
  const visit = (from: number, nearest: number) => {
    const x = from % width
    for (const step of [-width, width, ...(x > 0 ? [-1] : []), ...(x < width - 1 ? [1] : [])]) {
      const place = from + step
      if (place < 0 || place >= state.length || state[place] !== 0) continue
      state[place] = 2
      band.at.push(place)
      band.nearest.push(nearest)
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const isBorder =
        isShown[at] === 1 &&
        ((x > 0 && isShown[at - 1] === 0) ||
          (x < width - 1 && isShown[at + 1] === 0) ||
          (y > 0 && isShown[at - width] === 0) ||
          (y < height - 1 && isShown[at + width] === 0))
      if (isBorder) visit(at, at)
    }
  }
  // Steps along the axes: a diagonal takes two of them.
  let begin = 0
  for (let round = 1; round < 1.5 * reach; round++) {
    const end = band.at.length
    for (let index = begin; index < end; index++) visit(band.at[index]!, band.nearest[index]!)
    begin = end
  }
  return band
}
