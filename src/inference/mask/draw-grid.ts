import type { Pixels } from '../image/pixels.js'
import { dotSize, drawNumber, fillRectangle } from './draw-number.js'

/** Draw a grid of `across` × `across` fields with their numbers, counted from 1 row by row, onto a picture. */
export function drawGrid(pixels: Pixels, across: number): void {
  const { width, height } = pixels
  const dot = dotSize(pixels)
  const edge = (index: number, length: number) => Math.round((index * length) / across)
  for (let index = 1; index < across; index++) {
    const [x, y] = [edge(index, width), edge(index, height)]
    fillRectangle(pixels, { left: x - 1, top: 0, width: 1, height }, 255, 0.8)
    fillRectangle(pixels, { left: x, top: 0, width: 1, height }, 0, 0.8)
    fillRectangle(pixels, { left: 0, top: y - 1, width, height: 1 }, 255, 0.8)
    fillRectangle(pixels, { left: 0, top: y, width, height: 1 }, 0, 0.8)
  }
  for (let cell = 0; cell < across * across; cell++) {
    const [left, top] = [edge(cell % across, width) + dot, edge(Math.floor(cell / across), height) + dot]
    drawNumber(pixels, cell + 1, left, top, dot)
  }
}
