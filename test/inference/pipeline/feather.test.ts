import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filledMask, KEEP, PAINT } from '../../../src/inference/image/pixels.js'
import { featherOpacity } from '../../../src/inference/pipeline/feather.js'

const size = { width: 80, height: 60 }

const shape = fc.record({
  x: fc.integer({ min: 1, max: 60 }),
  y: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 30 }),
  isRound: fc.boolean(),
})
type Shape = { x: number; y: number; width: number; height: number; isRound: boolean }

function maskOf({ x, y, width, height, isRound }: Shape) {
  const mask = filledMask(size, KEEP)
  for (let row = y; row < Math.min(size.height - 1, y + height); row++) {
    for (let column = x; column < Math.min(size.width - 1, x + width); column++) {
      const across = (2 * (column - x) + 1) / width - 1
      const down = (2 * (row - y) + 1) / height - 1
      if (!isRound || across * across + down * down <= 1) mask.data[row * size.width + column] = PAINT
    }
  }
  return mask
}

test('the middle of what is masked is new, whatever its shape and the blur, and nothing outside changes', () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 64 }), (one, blur) => {
      const mask = maskOf(one)
      fc.pre(mask.data.includes(PAINT))
      const opacity = featherOpacity(mask, blur)
      expect(Math.max(...opacity)).toBe(1)
      expect(opacity.findIndex((value, at) => mask.data[at] === KEEP && value !== 0)).toBe(-1)
    }),
    { numRuns: 60 },
  )
})

test('a thin line is new along its whole middle, also where it meets a thick shape', () => {
  const mask = filledMask(size, KEEP)
  for (let y = 10; y < 50; y++) mask.data.fill(PAINT, y * size.width + 5, y * size.width + 35)
  for (let y = 29; y < 32; y++) mask.data.fill(PAINT, y * size.width + 35, y * size.width + 75)
  const opacity = featherOpacity(mask, 12)
  for (let x = 55; x < 72; x++) expect(opacity[30 * size.width + x], `at ${x}`).toBe(1)
})

test('where the mask is thick enough, the fade is two sigmas wide and rises steadily', () => {
  const mask = filledMask(size, KEEP)
  for (let y = 0; y < size.height; y++) mask.data.fill(PAINT, y * size.width, y * size.width + 60)
  const opacity = featherOpacity(mask, 5)
  const row = Array.from(opacity.subarray(30 * size.width, 31 * size.width))
  expect(row.slice(0, 50).every(value => value === 1)).toBe(true)
  for (let x = 50; x < 60; x++) expect(row[x]!).toBeLessThan(row[x - 1]! + 1e-6)
  expect(row[59]).toBeLessThan(0.05)
})
