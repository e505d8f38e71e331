import { expect, test } from 'vitest'
import { addToStroke, applyStroke, type Brush, brushCoverage } from '../../src/web/editor/soft-brush.js'

const WIDTH = 60
const ALL = { x: 0, y: 0, width: WIDTH, height: 40 }

function strokeOf(brush: Brush, ...points: readonly (readonly [x: number, y: number])[]): Uint8Array {
  const stroke = new Uint8Array(WIDTH * ALL.height)
  points.forEach(([x, y], index) => {
    const [fromX, fromY] = points[Math.max(0, index - 1)]!
    addToStroke(stroke, WIDTH, ALL, { x: fromX, y: fromY }, { x, y }, brush)
  })
  return stroke
}

test.each([0, 0.5, 0.8])('a brush of hardness %d covers its core fully, and fades out to its edge', hardness => {
  const brush = { size: 40, hardness }
  expect(brushCoverage(20 * hardness, brush)).toBe(255)
  expect(brushCoverage(10 + 10 * hardness, brush)).toBe(128) // half of the way
  expect(brushCoverage(20, brush)).toBe(0)
  const levels = Array.from({ length: 21 }, (_, distance) => brushCoverage(distance, brush))
  expect(levels).toEqual(levels.toSorted((one, other) => other - one))
})

test('a stroke covers each pixel by its distance from the line, as often as it passes there', () => {
  const brush = { size: 20, hardness: 0.2 }
  const once = strokeOf(brush, [15, 20.5], [45, 20.5])
  for (let y = 0; y < ALL.height; y++) expect(once[y * WIDTH + 30]).toBe(brushCoverage(Math.abs(y - 20), brush))
  expect(strokeOf(brush, [15, 20.5], [30, 20.5], [45, 20.5], [20, 20.5])).toEqual(once)
})

test('the brush adds to the mask, and the eraser takes away what it covers', () => {
  const stroke = strokeOf({ size: 20, hardness: 0 }, [30, 20])
  const at = 20 * WIDTH + 34
  const covered = stroke[at]!
  expect(covered).toBeGreaterThan(100)
  expect(covered).toBeLessThan(250)
  const pixels = new Uint8ClampedArray(stroke.length * 4)
  const alphaAfter = (isEraser: boolean) => {
    applyStroke(pixels, stroke, WIDTH, ALL, [255, 61, 139], isEraser)
    return pixels[at * 4 + 3]!
  }
  expect(alphaAfter(false)).toBe(covered)
  expect([...pixels.slice(at * 4, at * 4 + 3)]).toEqual([255, 61, 139])
  const twice = covered + (covered * (255 - covered)) / 255
  expect(Math.abs(alphaAfter(false) - twice)).toBeLessThan(1)
  expect(Math.abs(alphaAfter(true) - (twice * (255 - covered)) / 255)).toBeLessThan(1.5)
})
