import type { Pixels } from '../image/pixels.js'

/** Digits of 3×5 dots, row by row: no font has to be installed for so few. */
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

const DOTS = { across: 3, down: 5 } as const

/** Draw a grid of `across` × `across` fields with their numbers, counted from 1 row by row, onto a picture. */
export function drawGrid({ width, height, data }: Pixels, across: number): void {
  const dot = Math.max(2, Math.round(Math.min(width, height) / 150))
  const fill = (left: number, top: number, wide: number, high: number, colour: number, share: number) => {
    for (let y = Math.max(0, top); y < Math.min(height, top + high); y++) {
      for (let at = (y * width + Math.max(0, left)) * 3; at < (y * width + Math.min(width, left + wide)) * 3; at++) {
        data[at] = Math.round(data[at]! + (colour - data[at]!) * share)
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
    fill(left - dot, top - dot, (digits.length * (DOTS.across + 1) + 1) * dot, (DOTS.down + 2) * dot, 0, 0.75)
    for (const [place, digit] of [...digits].entries()) {
      for (const [index, on] of [...DIGITS[Number(digit)]!].entries()) {
        if (on !== '1') continue
        const x = left + (place * (DOTS.across + 1) + (index % DOTS.across)) * dot
        fill(x, top + Math.floor(index / DOTS.across) * dot, dot, dot, 255, 1)
      }
    }
  }
}
