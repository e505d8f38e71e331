import { describe, expect, test } from 'vitest'
import { blurredFill } from '../../../../src/inference/engines/diffusion/inpaint/blurred-fill.js'
import { edgeColourFill } from '../../../../src/inference/engines/diffusion/inpaint/edge-colour.js'
import { fillAhead, fillOnDemand } from '../../../../src/inference/engines/diffusion/inpaint/initial-fill.js'
import { matchedNoise } from '../../../../src/inference/engines/diffusion/inpaint/matched-noise.js'
import { filledMask, filledPixels, KEEP, PAINT, type Pixels } from '../../../../src/inference/image/pixels.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import type { Engine } from '../../../../src/inference/pipeline/engine.js'

// Vertical stripes in the middle of a canvas, red on the left and blue on the right.
const size = { width: 150, height: 90 }
const old = { x: 40, y: 20, width: 70, height: 50 }
const striped = {
  width: old.width,
  height: old.height,
  data: Uint8Array.from({ length: old.width * old.height * 3 }, (_, at) => {
    const x = Math.floor(at / 3) % old.width
    const light = x % 6 < 3 ? 160 : 40
    const side = x < old.width / 2 ? 0 : 2
    return at % 3 === side ? light : 10
  }),
}
const on = createCanvas({ size, old }, striped)

const isKept = ({ data }: Pixels) =>
  on.mask.data.every((value, at) => {
    return value === PAINT || [0, 1, 2].every(channel => data[at * 3 + channel] === on.pixels.data[at * 3 + channel])
  })

/** Values of one channel where the mask has this value. */
const values = ({ data }: Pixels, channel: number, where: number) =>
  [...on.mask.data.keys()].filter(at => on.mask.data[at] === where).map(at => data[at * 3 + channel]!)

describe('matched noise', () => {
  const noise = matchedNoise(on, 1)

  test('has the picture’s colours in each channel and keeps the known pixels', () => {
    for (const channel of [0, 1, 2]) {
      const [known, made] = [values(on.pixels, channel, KEEP), values(noise, channel, PAINT)]
      expect(new Set(made)).toEqual(new Set(known))
      const mean = (all: number[]) => all.reduce((sum, value) => sum + value, 0) / all.length
      expect(Math.abs(mean(made) - mean(known))).toBeLessThan(1)
    }
    expect(isKept(noise)).toBe(true)
  })

  test('has the direction of the picture’s texture', () => {
    const change = (step: number) => {
      let sum = 0
      for (let y = 0; y < 18; y++) {
        for (let x = 0; x < size.width - 1; x++) {
          const at = (y * size.width + x) * 3
          sum += Math.abs(noise.data[at]! - noise.data[at + step * 3]!)
        }
      }
      return sum
    }
    expect(change(1)).toBeGreaterThan(1.5 * change(size.width))
  })

  test('is determined by the seed', () => {
    expect(matchedNoise(on, 1)).toEqual(noise)
    expect(matchedNoise(on, 2)).not.toEqual(noise)
  })

  test('works for a picture of one pixel', () => {
    const dot = createCanvas(
      { size: { width: 3, height: 1 }, old: { x: 1, y: 0, width: 1, height: 1 } },
      { width: 1, height: 1, data: Uint8Array.of(9, 8, 7) },
    )
    expect([...matchedNoise(dot, 1).data]).toEqual([9, 8, 7, 9, 8, 7, 9, 8, 7])
  })
})

test('the edge colour is the median of the known pixels along the border, and grey where nothing is known', () => {
  const known = { width: 3, height: 1 }
  const data = Uint8Array.of(10, 200, 30, 250, 250, 250, 20, 100, 40)
  const layout = { size: { width: 5, height: 3 }, old: { x: 1, y: 1, ...known } }
  const canvas = createCanvas(layout, { ...known, data })
  const filled = edgeColourFill(canvas)
  expect([...filled.data.subarray(0, 3)]).toEqual([20, 200, 40])
  expect(filled.data.subarray(18, 27)).toEqual(data)
  const blank = { pixels: filledPixels(known), mask: filledMask(known, PAINT) }
  expect(new Set(edgeColourFill(blank).data)).toEqual(new Set([128]))
})

describe('blurred fill', () => {
  const filled = blurredFill(on)
  const at = (x: number, y: number) => [0, 1, 2].map(channel => filled.data[(y * size.width + x) * 3 + channel]!)

  test('has the colours of nearby pixels and is smooth', () => {
    const [left, right] = [at(36, 45), at(114, 45)]
    expect(left[0]! - left[2]!).toBeGreaterThan(60)
    expect(right[2]! - right[0]!).toBeGreaterThan(60)
    for (const [x, y] of [
      [0, 0],
      [75, 5],
      [149, 89],
      [10, 45],
    ] as const) {
      for (const channel of [0, 1, 2])
        expect(Math.abs(at(x, y)[channel]! - at(x === 149 ? x - 1 : x + 1, y)[channel]!)).toBeLessThan(8)
    }
    expect(isKept(filled)).toBe(true)
  })

  test('leaves no pixel black, even far away', () => {
    const blues = values(filled, 2, PAINT)
    const sums = values(filled, 0, PAINT).map((red, index) => red + blues[index]!)
    expect(Math.min(...sums.slice(0, 50))).toBeGreaterThan(60)
  })
})

describe('what noise will hide is a draft', () => {
  const patterned = (width: number, height: number) => {
    const layout = { size: { width, height }, old: { x: 64, y: 64, width: width - 128, height: height - 128 } }
    const known = filledPixels(layout.old)
    return createCanvas(layout, { ...known, data: known.data.map((_, at) => (at * 7) & 255) })
  }
  const sizes: string[] = []
  const flat: Engine = {
    name: 'flat',
    async paint(on, { seeds, isDraft }) {
      const { width, height } = on.pixels
      sizes.push(`${width}×${height}${isDraft ? ', a draft' : ''}`)
      return seeds.map(() => filledPixels(on.pixels, 77))
    },
    close: async () => {},
  }
  const { signal } = new AbortController()
  const onDemand = fillOnDemand(flat, signal)
  const canvas = patterned(768, 640)
  /** No pixel of a smaller one is known as a whole. */
  const sparse = { ...canvas, mask: { ...canvas.mask, data: canvas.mask.data.map((_, at) => (at % 2 ? PAINT : KEEP)) } }

  test.each([
    ['without noise at its full size', canvas, 0, '768×640'],
    ['in little noise at its full size', canvas, 0.7, '768×640'],
    ['in noise at half its size', canvas, 0.75, '384×320, a draft'],
    ['if small, in noise at its full size', patterned(512, 512), 0.89, '512×512, a draft'],
    ['in more noise at a quarter of its size', canvas, 0.9, '192×160, a draft'],
    ['if small, in more noise at a quarter of its size', patterned(512, 320), 1, '128×80, a draft'],
    ['if very small, in more noise at its full size', patterned(512, 192), 1, '512×192, a draft'],
    ['if sparsely known, in noise at its full size', sparse, 0.9, '768×640, a draft'],
  ])('%s', async (_, on, strength, expected) => {
    sizes.length = 0
    const one = await onDemand(on, 1, strength)
    const ahead = fillAhead(flat, [1, 2], signal)
    const both = await Promise.all([ahead(on, 1, strength), ahead(on, 2, strength)])
    expect(new Set(sizes)).toEqual(new Set([expected]))
    for (const { width, height, data } of [one, ...both]) {
      expect([width, height]).toEqual([on.pixels.width, on.pixels.height])
      const isPainted = on.mask.data.every((value, at) => value === KEEP || data[at * 3 + 1] === 77)
      expect(isPainted).toBe(true)
      // A smaller picture says nothing about known pixels.
      const isKnownKept = on.mask.data.every(
        (value, at) => value === PAINT || data[at * 3 + 1] === on.pixels.data[at * 3 + 1],
      )
      expect(isKnownKept).toBe(!expected.startsWith(`${width}×`))
    }
  })
})
