import type { Pixels } from '../image/pixels.js'

/** Digits of 3×5 dots, row by row: a bitmap font needs no installed one. */
const DIGITS = [
  '111101101101111',
  '010110010010111',
  '111001111100111',
  '111001111001111',
  '101101111001001',
  '111100111001111',
  '111100111101111',
  '111001010010010',
  '111101111101111',
  '111101111001111',
] as const

const DIGIT_SIZE = { width: 3, height: 5 } as const

/** Draw a grid of `across` × `across` fields with their numbers, counted from 1 row by row, onto a picture. */
export function drawGrid({ width, height, data }: Pixels, across: number): void {
  const dot = Math.max(2, Math.round(Math.min(width, height) / 150))
  /** Blend a grey level over a rectangle. @param opacity from 0 to 1 */
  const fill = (left: number, top: number, wide: number, high: number, grey: number, opacity: number) => {
    for (let y = Math.max(0, top); y < Math.min(height, top + high); y++) {
      for (let at = (y * width + Math.max(0, left)) * 3; at < (y * width + Math.min(width, left + wide)) * 3; at++) {
        data[at] = Math.round(data[at]! + (grey - data[at]!) * opacity)
      }
    }
  }
  const edge = (index: number, length: number) => Math.round((index * length) / across)
  for (let index = 1; index < across; index++) {
    fill(edge(index, width) - 1, 0, 1, height, 255, 0.8)
    fill(edge(index, width), 0, 1, height, 0, 0.8)
    fill(0, edge(index, height) - 1, width, 1, 255, 0.8)
    fill(0, edge(index, height), width, 1, 0, 0.8)
  }
  for (let cell = 0; cell < across * across; cell++) {
    const digits = String(cell + 1)
    const left = edge(cell % across, width) + 2 * dot
    const top = edge(Math.floor(cell / across), height) + 2 * dot
    fill(
      left - dot,
      top - dot,
      (digits.length * (DIGIT_SIZE.width + 1) + 1) * dot,
      (DIGIT_SIZE.height + 2) * dot,
      0,
      0.75,
    )
    for (const [position, digit] of [...digits].entries()) {
      for (const [index, on] of [...DIGITS[Number(digit)]!].entries()) {
        if (on !== '1') continue
        const x = left + (position * (DIGIT_SIZE.width + 1) + (index % DIGIT_SIZE.width)) * dot
        fill(x, top + Math.floor(index / DIGIT_SIZE.width) * dot, dot, dot, 255, 1)
      }
    }
  }
}
