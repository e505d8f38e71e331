import type { Extent } from '../image/geometry.js'
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

/** Blend a grey level over a rectangle. @param opacity from 0 to 1 */
export function fillRectangle(
  { width, height, data }: Pixels,
  box: { readonly left: number; readonly top: number } & Extent,
  grey: number,
  opacity: number,
): void {
  const [left, right] = [Math.max(0, box.left), Math.min(width, box.left + box.width)]
  for (let y = Math.max(0, box.top); y < Math.min(height, box.top + box.height); y++) {
    for (let at = (y * width + left) * 3; at < (y * width + right) * 3; at++) {
      data[at] = Math.round(data[at]! + (grey - data[at]!) * opacity)
    }
  }
}

/** The side of a digit's dot on a picture of this size, in pixels. */
export function dotSize({ width, height }: Extent): number {
  return Math.max(2, Math.round(Math.min(width, height) / 150))
}

/** The size of a number's box, in pixels. @param dot the side of a dot */
export function numberSize(number: number, dot: number): Extent {
  const digits = String(number).length
  return { width: (digits * (DIGIT_SIZE.width + 1) + 1) * dot, height: (DIGIT_SIZE.height + 2) * dot }
}

/** Draw a white number in a dark box, which can be read on any picture. @param dot the side of a dot, in pixels */
export function drawNumber(pixels: Pixels, number: number, left: number, top: number, dot: number): void {
  fillRectangle(pixels, { left, top, ...numberSize(number, dot) }, 0, 0.75)
  for (const [position, digit] of [...String(number)].entries()) {
    for (const [index, isSet] of [...DIGITS[Number(digit)]!].entries()) {
      if (isSet !== '1') continue
      const column = 1 + position * (DIGIT_SIZE.width + 1) + (index % DIGIT_SIZE.width)
      const row = 1 + Math.floor(index / DIGIT_SIZE.width)
      fillRectangle(pixels, { left: left + column * dot, top: top + row * dot, width: dot, height: dot }, 255, 1)
    }
  }
}
