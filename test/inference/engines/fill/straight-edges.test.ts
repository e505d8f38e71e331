import { describe, expect, test } from 'vitest'
import { prepareMethod } from '../../../../src/inference/engines/fill/presets.js'
import { detectLines } from '../../../../src/inference/engines/fill/straight-edges.js'
import { filledMask, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { createRandom } from '../../../../src/inference/random.js'

const [width, height] = [240, 180]
const known = { left: 50, right: 190, top: 35, bottom: 145 }

function isKnownAt(x: number, y: number): boolean {
  return x >= known.left && x < known.right && y >= known.top && y < known.bottom
}

/** A roof's edge with grain: bright above `y = from + slope * x`, dark below. */
function roof(from: number, slope: number) {
  const grain = createRandom(7)
  return Float32Array.from({ length: width * height }, (_, at) => {
    const above = from + slope * (at % width) - Math.floor(at / width)
    return 60 + 110 * Math.min(1, Math.max(0, above + 0.5)) + 12 * grain()
  })
}

function seen(luma: Float32Array) {
  const isKnown = Uint8Array.from(luma, (_, at) => Number(isKnownAt(at % width, Math.floor(at / width))))
  return { width, height, isKnown, luma: luma.map((value, at) => value * isKnown[at]!) }
}

describe('straight lines that the rim cuts off', () => {
  test.each([
    [60, 0.25],
    [150, -0.4],
    [-20, 0.9],
    [90, 0],
  ])('are found, and where to they go: from %d, slope %d', (from, slope) => {
    const lines = detectLines(seen(roof(from, slope)))
    expect(lines.length).toBe(2)
    for (const { x, y, dx, dy, length } of lines) {
      expect(Math.abs(dy / dx - slope)).toBeLessThan(0.02)
      expect(Math.abs(y - (from + slope * x))).toBeLessThan(1)
      expect(isKnownAt(Math.round(x + 2 * dx), Math.round(y + 2 * dy))).toBe(false)
      expect(isKnownAt(Math.round(x - 2 * dx), Math.round(y - 2 * dy))).toBe(true)
      expect(length).toBeGreaterThan(60)
    }
  })

  test('are not seen in grain, nor in what bends', () => {
    const grain = createRandom(1)
    expect(detectLines(seen(Float32Array.from({ length: width * height }, () => 100 + 60 * grain())))).toEqual([])
    const disc = Float32Array.from({ length: width * height }, (_, at) =>
      Math.hypot((at % width) - 120, Math.floor(at / width) - 150) < 60 ? 180 : 60,
    )
    expect(detectLines(seen(disc))).toEqual([])
  })

  test('go on straight when the picture is completed, in most variations', () => {
    const [from, slope] = [20, 0.6]
    const luma = roof(from, slope)
    const pixels = { width, height, data: new Uint8Array(width * height * 3) }
    const mask = filledMask(pixels, KEEP)
    for (let at = 0; at < luma.length; at++) {
      pixels.data.fill(luma[at]!, at * 3, at * 3 + 3)
      if (!isKnownAt(at % width, Math.floor(at / width))) mask.data[at] = PAINT
    }
    const paint = prepareMethod('fill', { pixels, mask })
    // The place of the edge in each column outside, as the number of bright pixels in it.
    const errors = [1, 2, 3].map(seed => {
      const { data } = paint(seed)
      const off: number[] = []
      for (let x = 12; x < width - 12; x++) {
        if (x >= known.left && x < known.right) continue
        let bright = 0
        for (let y = 0; y < height; y++) if (data[(y * width + x) * 3]! > 121) bright++
        off.push(Math.abs(bright - (from + slope * x)))
      }
      return { mean: off.reduce((sum, one) => sum + one, 0) / off.length, worst: Math.max(...off) }
    })
    const middle = (values: number[]) => values.sort((one, other) => one - other)[1]!
    expect(middle(errors.map(({ mean }) => mean))).toBeLessThan(2)
    expect(middle(errors.map(({ worst }) => worst))).toBeLessThan(6)
  })
})
