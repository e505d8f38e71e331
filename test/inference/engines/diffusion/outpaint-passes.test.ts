import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  outpaintPasses,
  outpaintPassesBySide,
} from '../../../../src/inference/engines/diffusion/inpaint/outpaint-passes.js'

describe('outpaint passes', () => {
  const old = { x: 300, y: 250, width: 200, height: 100 }

  test.each([
    [{ width: 300, height: 150 }, { x: 50, y: 25, width: 200, height: 100 }, 1],
    [{ width: 320, height: 160 }, { x: 60, y: 30, width: 200, height: 100 }, 1],
    [{ width: 400, height: 200 }, { x: 100, y: 50, width: 200, height: 100 }, 2],
    [{ width: 800, height: 600 }, old, 4],
    [{ width: 200, height: 150 }, { x: 0, y: 50, width: 200, height: 100 }, 1],
    [{ width: 200, height: 100 }, { x: 0, y: 0, width: 200, height: 100 }, 1],
    [{ width: 64, height: 64 }, { x: 0, y: 0, width: 0, height: 0 }, 1],
  ])('to %j around %j takes %d', (size, from, count) => {
    const boxes = outpaintPasses(from, size)
    expect(boxes).toHaveLength(count)
    expect(boxes.at(-1)).toEqual({ x: 0, y: 0, ...size })
    let inner = from
    for (const box of boxes) {
      if (inner.width > 0) {
        expect(box.x <= inner.x && box.y <= inner.y).toBe(true)
        expect(box.x + box.width >= inner.x + inner.width && box.y + box.height >= inner.y + inner.height).toBe(true)
        expect(Math.max(box.width / inner.width, box.height / inner.height)).toBeLessThan(1.63)
      }
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height).toBe(
        true,
      )
      inner = box
    }
  })

  test('by side: left, right, top and bottom, each as far as needed', () => {
    const size = { width: 100, height: 80 }
    expect(outpaintPassesBySide({ x: 20, y: 10, width: 60, height: 60 }, size)).toEqual([
      { x: 0, y: 10, width: 80, height: 60 },
      { x: 0, y: 10, width: 100, height: 60 },
      { x: 0, y: 0, width: 100, height: 70 },
      { x: 0, y: 0, width: 100, height: 80 },
    ])
    expect(outpaintPassesBySide({ x: 0, y: 0, width: 80, height: 80 }, size)).toEqual([{ x: 0, y: 0, ...size }])
    // A far side takes several passes; a canvas of the picture's size takes one.
    expect(outpaintPassesBySide({ x: 70, y: 0, width: 30, height: 80 }, size).length).toBeGreaterThan(2)
    expect(outpaintPassesBySide({ x: 0, y: 0, ...size }, size)).toEqual([{ x: 0, y: 0, ...size }])
    expect(outpaintPassesBySide({ x: 0, y: 0, width: 0, height: 0 }, size)).toEqual([{ x: 0, y: 0, ...size }])
  })

  test('for every position of the source picture, each box is on the canvas and contains the previous one', () => {
    fc.assert(
      fc.property(
        fc.record({ w: fc.integer({ min: 1, max: 90 }), h: fc.integer({ min: 1, max: 90 }) }),
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 4, maxLength: 4 }),
        ({ w, h }, [left, right, top, bottom]) => {
          const size = { width: w + left! + right!, height: h + top! + bottom! }
          let inner = { x: left!, y: top!, width: w, height: h }
          for (const box of outpaintPasses(inner, size)) {
            expect(box.x).toBeLessThanOrEqual(inner.x)
            expect(box.y).toBeLessThanOrEqual(inner.y)
            expect(box.x + box.width).toBeGreaterThanOrEqual(inner.x + inner.width)
            expect(box.y + box.height).toBeGreaterThanOrEqual(inner.y + inner.height)
            expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0)
            expect(box.x + box.width).toBeLessThanOrEqual(size.width)
            expect(box.y + box.height).toBeLessThanOrEqual(size.height)
            inner = box
          }
        },
      ),
    )
  })
})
