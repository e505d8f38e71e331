import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canvas, frame } from '../../../../src/inference/canvas.js'
import { composite } from '../../../../src/inference/composite.js'
import { complete } from '../../../../src/inference/engines/fill/complete.js'
import { readPicture, sizeOf } from '../../../../src/inference/files/picture.js'
import { blank, KEEP, type Mask, maskOf, PAINT, type Pixels, painted } from '../../../../src/inference/pixels.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

/** Random sizes with random masks that leave something known and something to paint. */
const holed = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    grain: fc.nat(),
    box: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    invert: fc.boolean(),
  })
  .map(({ width, height, grain, box, invert }) => {
    const mask = maskOf({ width, height }, invert ? PAINT : KEEP)
    const [x, y] = [box[0]! % width, box[1]! % height]
    const [w, h] = [1 + (box[2]! % (width - x)), 1 + (box[3]! % (height - y))]
    for (let row = y; row < y + h; row++) mask.data.fill(invert ? KEEP : PAINT, row * width + x, row * width + x + w)
    if (grain % 3 === 0) for (let at = grain % 7; at < mask.data.length; at += 5) mask.data[at] = PAINT
    return { pixels: landscape(width, height), mask }
  })
  .filter(({ mask }) => painted(mask) > 0 && painted(mask) < mask.data.length)

describe('completing, at every size and mask', () => {
  test('leaves what is known as it is, byte for byte', () => {
    fc.assert(
      fc.property(holed, fc.nat(), ({ pixels, mask }, seed) => {
        const result = complete({ pixels, mask }, seed)
        expect(result.data.length).toBe(pixels.data.length)
        for (let at = 0; at < mask.data.length; at++) {
          if (mask.data[at] === PAINT) continue
          expect([...result.data.subarray(at * 3, at * 3 + 3)]).toEqual([...pixels.data.subarray(at * 3, at * 3 + 3)])
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('what can be known is painted right:', () => {
  const none = (size: { width: number; height: number }) => maskOf(size, KEEP)

  test('one colour goes on as that colour', () => {
    const laid = frame({ kind: 'zoom', factor: 2, grow: false }, { width: 90, height: 60 })
    const { data } = complete(canvas(laid, blank(laid.old, 93)), 1)
    expect([Math.min(...data), Math.max(...data)]).toEqual([93, 93])
  })

  test.each([
    ['stripes', (x: number, _: number) => (x % 6 < 3 ? 40 : 210)],
    ['a checkerboard', (x: number, y: number) => (((x >> 2) + (y >> 2)) % 2 === 0 ? 40 : 210)],
  ])('%s fill a hole as if it had never been there', (_, shade) => {
    const size = { width: 96, height: 72 }
    const pixels = blank(size)
    for (let at = 0; at < 96 * 72; at++) pixels.data.fill(shade(at % 96, Math.floor(at / 96)), at * 3, at * 3 + 3)
    const mask = none(size)
    for (let y = 26; y < 46; y++) mask.data.fill(PAINT, y * 96 + 34, y * 96 + 62)
    const { data } = complete({ pixels, mask }, 5)
    let right = 0
    for (let at = 0; at < mask.data.length; at++) {
      if (mask.data[at] === PAINT && Math.abs(data[at * 3]! - pixels.data[at * 3]!) < 8) right++
    }
    expect(right / painted(mask)).toBeGreaterThan(0.97)
  })
})

/** Mean jump across the border of the mask, over the mean jump one pixel farther on both sides: 1 if nothing shows. */
function seam(pixels: Pixels, mask: Mask): number {
  const { width, height, data } = pixels
  const jump = (one: number, other: number) => {
    let sum = 0
    for (let c = 0; c < 3; c++) sum += Math.abs(data[one * 3 + c]! - data[other * 3 + c]!)
    return sum
  }
  let [across, beside] = [0, 0]
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      const at = y * width + x
      for (const step of [1, width]) {
        if (mask.data[at] === mask.data[at + step]) continue
        across += jump(at, at + step)
        beside += (jump(at - step, at) + jump(at + step, at + 2 * step)) / 2
      }
    }
  }
  return across / beside
}

describe('real photos', () => {
  for (const name of ['coffee.png', 'waves.png', 'chelsea.png', 'dog.png']) {
    testWithShared(`photos/${name}`, `${name}: no rectangle shows around the old picture`, async () => {
      const file = await readFile(shared(`photos/${name}`))
      const laid = frame({ kind: 'zoom', factor: 1.5, grow: false }, await sizeOf(file))
      const { pixels } = await readPicture(file, { size: laid.old })
      const toPaint = canvas(laid, pixels)
      const painted = composite(toPaint, complete(toPaint, 1))
      expect(seam(painted, toPaint.mask)).toBeLessThan(1.6)
      // The measure itself tells: a flat fill is far above.
      expect(seam(composite(toPaint, blank(laid.size, 128)), toPaint.mask)).toBeGreaterThan(3)
    })
  }

  test('are at hand, or their absence was told', () => {
    if (process.env.CI === 'true') expect(existsSync(shared('photos'))).toBe(true)
  })
})
