import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUpscaled, pasteTile, refineTiles } from '../../../../src/inference/engines/diffusion/inpaint/tiles.js'
import { filledMask, filledPixels, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'

describe('refining tiles', () => {
  test('cover the whole mask, stay inside the picture, and are limited in number', () => {
    const sizes = fc.record({ width: fc.integer({ min: 1, max: 900 }), height: fc.integer({ min: 1, max: 900 }) })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(809_999)), (size, side, marks) => {
        const mask = filledMask(size, KEEP)
        for (const mark of marks) mask.data[mark % mask.data.length] = PAINT
        const boxes = refineTiles(mask, side)
        expect(boxes.length).toBeLessThanOrEqual(144)
        const held = new Set<number>()
        for (const { x, y, width, height } of boxes) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
          expect(x + width).toBeLessThanOrEqual(size.width)
          expect(y + height).toBeLessThanOrEqual(size.height)
          expect(width).toBe(boxes[0]!.width)
          expect(width >= side || width === size.width).toBe(true)
          for (const mark of marks) {
            const at = mark % mask.data.length
            const [column, row] = [at % size.width, Math.floor(at / size.width)]
            if (column >= x && column < x + width && row >= y && row < y + height) held.add(at)
          }
        }
        for (const mark of marks) expect(held.has(mark % mask.data.length)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('overlap by at least an eighth', () => {
    const boxes = refineTiles(filledMask({ width: 1000, height: 64 }, PAINT), 64)
    expect(boxes.length).toBe(12)
    for (const [index, { x, width }] of boxes.slice(1).entries()) {
      expect(x - boxes[index]!.x).toBeLessThanOrEqual(Math.ceil(0.875 * width))
    }
  })

  test('fade in over earlier tiles, but not at the picture’s edge', () => {
    const first = pasteTile(filledPixels({ width: 100, height: 64 }), filledPixels({ width: 64, height: 64 }, 200), {
      x: 0,
      y: 0,
      width: 64,
      height: 64,
    })
    const { data } = pasteTile(first, filledPixels({ width: 64, height: 64 }, 100), {
      x: 36,
      y: 0,
      width: 64,
      height: 64,
    })
    const row = Array.from({ length: 100 }, (_, x) => data[x * 3]!)
    expect(row.slice(0, 36)).toEqual(Array(36).fill(200))
    expect(row.slice(44)).toEqual(Array(56).fill(100))
    // Decreasing without a jump.
    for (let x = 36; x < 44; x++) expect(row[x - 1]! - row[x]!).toBeLessThanOrEqual(14)
    expect([...row]).toEqual([...row].sort((a, b) => b - a))
  })

  test('are for canvases that were painted much smaller than they are', () => {
    expect(isUpscaled({ width: 600, height: 600 }, { width: 512, height: 512 })).toBe(false)
    expect(isUpscaled({ width: 768, height: 768 }, { width: 512, height: 512 })).toBe(true)
  })
})
