import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Method } from '../../../../src/inference/engines/fill/methods.js'
import { SEARCH_MAX_PAINTED } from '../../../../src/inference/engines/fill/parameters.js'
import { prepareMethod } from '../../../../src/inference/engines/fill/presets.js'
import { readPicture, readSize } from '../../../../src/inference/image/decode.js'
import {
  countPainted,
  filledMask,
  filledPixels,
  KEEP,
  type Mask,
  PAINT,
  type Pixels,
} from '../../../../src/inference/image/pixels.js'
import { type Canvas, createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import { composite } from '../../../../src/inference/pipeline/composite.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { createRandom } from '../../../../src/inference/random.js'
import { landscape } from '../../../contracts/engine.js'
import { mustNotSkip } from '../../../support/must-not-skip.js'
import { shared, testWithShared } from '../../../support/shared.js'

function complete(on: Parameters<typeof prepareMethod>[1], seed: number, method: Method = 'fill'): Pixels {
  return prepareMethod(method, on)(seed)
}

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
    const mask = filledMask({ width, height }, invert ? PAINT : KEEP)
    const [x, y] = [box[0]! % width, box[1]! % height]
    const [w, h] = [1 + (box[2]! % (width - x)), 1 + (box[3]! % (height - y))]
    for (let row = y; row < y + h; row++) mask.data.fill(invert ? KEEP : PAINT, row * width + x, row * width + x + w)
    if (grain % 3 === 0) for (let at = grain % 7; at < mask.data.length; at += 5) mask.data[at] = PAINT
    return { pixels: landscape(width, height), mask }
  })
  .filter(({ mask }) => countPainted(mask) > 0 && countPainted(mask) < mask.data.length)

describe('completing, at every size and mask', () => {
  test('leaves what is known as it is, byte for byte', () => {
    fc.assert(
      fc.property(holed, fc.nat(), ({ pixels, mask }, seed) => {
        const result = complete({ pixels, mask }, seed)
        expect(result.data.length).toBe(pixels.data.length)
        const changed = result.data.filter(
          (value, at) => mask.data[Math.floor(at / 3)] === KEEP && value !== pixels.data[at],
        )
        expect(changed.length).toBe(0)
      }),
      { numRuns: 25 },
    )
  })
})

describe('what is hardly a picture is completed too:', () => {
  test.each([
    ['a hole of one pixel', 60, 40, (x: number, y: number) => x === 30 && y === 20],
    ['all but one pixel', 60, 40, (x: number, y: number) => x !== 31 || y !== 21],
    ['all but one pixel of a large picture', 400, 400, (x: number, y: number) => x !== 301 || y !== 201],
    ['a mask that touches every border', 60, 40, (x: number, y: number) => x === 0 || y === 0 || x === 59 || y === 39],
    ['a mask like a chessboard', 60, 40, (x: number, y: number) => (x + y) % 2 === 0],
    ['a strip of one row', 4000, 1, (x: number) => x > 1000],
    ['a strip of one column', 1, 4000, (_: number, y: number) => y < 3000],
    ['a long strip', 1500, 40, (x: number) => x < 300],
  ])('%s', (_, width, height, isPainted) => {
    const pixels = landscape(width, height)
    const mask = filledMask(pixels, KEEP)
    for (let at = 0; at < mask.data.length; at++)
      if (isPainted(at % width, Math.floor(at / width))) mask.data[at] = PAINT
    const { data } = complete({ pixels, mask }, 1)
    let [least, most] = [255, 0]
    for (let at = 0; at < pixels.data.length; at++) {
      if (mask.data[Math.floor(at / 3)] === PAINT) continue
      least = Math.min(least, pixels.data[at]!)
      most = Math.max(most, pixels.data[at]!)
    }
    for (let at = 0; at < data.length; at++) {
      if (mask.data[Math.floor(at / 3)] === KEEP) {
        if (data[at] !== pixels.data[at]) expect.fail(`${data[at]} instead of ${pixels.data[at]} at ${at}`)
        continue
      }
      // Nothing comes from nowhere: blending may overshoot a little.
      if (data[at]! < least - 40 || data[at]! > most + 40) expect.fail(`${data[at]} at ${at}`)
    }
  })

  test('nothing at all is refused', () => {
    const pixels = landscape(20, 20)
    expect(() => complete({ pixels, mask: filledMask(pixels, PAINT) }, 1)).toThrow(RangeError)
  })
})

describe('what can be known is painted right:', () => {
  const none = (size: { width: number; height: number }) => filledMask(size, KEEP)

  test('one colour goes on as that colour', () => {
    const laid = layoutCanvas({ kind: 'zoom', factor: 2, grow: false }, { width: 90, height: 60 })
    const { data } = complete(createCanvas(laid, filledPixels(laid.old, 93)), 1)
    expect([Math.min(...data), Math.max(...data)]).toEqual([93, 93])
  })

  test.each([
    ['stripes', (x: number, _: number) => (x % 6 < 3 ? 40 : 210)],
    ['a checkerboard', (x: number, y: number) => (((x >> 2) + (y >> 2)) % 2 === 0 ? 40 : 210)],
  ])('%s fill a hole as if it had never been there', (_, shade) => {
    const size = { width: 96, height: 72 }
    const pixels = filledPixels(size)
    for (let at = 0; at < 96 * 72; at++) pixels.data.fill(shade(at % 96, Math.floor(at / 96)), at * 3, at * 3 + 3)
    const mask = none(size)
    for (let y = 26; y < 46; y++) mask.data.fill(PAINT, y * 96 + 34, y * 96 + 62)
    const { data } = complete({ pixels, mask }, 5)
    let right = 0
    for (let at = 0; at < mask.data.length; at++) {
      if (mask.data[at] === PAINT && Math.abs(data[at * 3]! - pixels.data[at * 3]!) < 8) right++
    }
    expect(right / countPainted(mask)).toBeGreaterThan(0.97)
  })
})

/** A sky over a sea with grain, and in the middle of it whatever else is drawn. */
function seaside(width: number, height: number, horizon: number, draw: (x: number, y: number) => number[] | undefined) {
  const pixels = filledPixels({ width, height })
  const grain = createRandom(3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const speck = (grain() + grain() - 1) * 9
      const colour = draw(x, y) ?? (y < horizon ? [120, 160, 210] : [30, 60, 80])
      for (let c = 0; c < 3; c++) pixels.data[(y * width + x) * 3 + c] = colour[c]! + speck
    }
  }
  return pixels
}

describe('a zoom-out', () => {
  const outside = (factor: number, pixels: Pixels) =>
    createCanvas(layoutCanvas({ kind: 'zoom', factor, grow: true }, pixels), pixels)

  describe('of a sea under a sky', () => {
    const horizon = 42
    const on = outside(
      2,
      seaside(96, 72, horizon, () => undefined),
    )
    const { width, height } = on.pixels
    let data: Uint8Array
    beforeAll(() => {
      data = complete(on, 2).data
    })

    test('goes on with the horizon where it was', () => {
      const sky = Array.from({ length: width }, () => 0)
      for (let at = 0; at < width * height; at++) if (data[at * 3 + 2]! > 140) sky[at % width]!++
      expect(Math.max(...sky.map(count => Math.abs(count - (on.old.y + horizon))))).toBeLessThanOrEqual(3)
    })

    test('keeps the grain of the picture', () => {
      const roughness = (value: number) => {
        let [sum, count] = [0, 0]
        for (let y = 4; y < height - 4; y++) {
          for (let x = 4; x < width - 4; x++) {
            const at = y * width + x
            if (on.mask.data[at] !== value || on.mask.data[at + 1] !== value) continue
            sum += Math.abs(data[at * 3]! - data[(at + 1) * 3]!)
            count++
          }
        }
        return sum / count
      }
      const share = roughness(PAINT) / roughness(KEEP)
      expect(share).toBeGreaterThan(0.85)
      expect(share).toBeLessThan(1.15)
    })
  })

  test('goes on with the colours at the frame, not with those within', () => {
    // A sky that is 60 at the top and 220 at the horizon.
    const on = outside(
      2,
      seaside(96, 72, 48, (_, y) => (y < 48 ? [60 + y * 3.3, 90 + y * 2, 200 - y * 0.8] : undefined)),
    )
    const { data, width } = complete(on, 2)
    let sum = 0
    for (let at = 0; at < on.old.y * width; at++) sum += data[at * 3]!
    expect(sum / (on.old.y * width)).toBeLessThan(72)
  })

  test('does not repeat a thing that stands out', () => {
    const thing = (x: number, y: number) => (Math.hypot(x - 30, y - 33) < 13 ? [230, 40, 30] : undefined)
    const on = outside(1.8, seaside(96, 72, 42, thing))
    const { data } = complete(on, 2)
    let red = 0
    for (let at = 0; at < on.mask.data.length; at++) {
      if (on.mask.data[at] === PAINT && data[at * 3]! > 150 && data[at * 3 + 2]! < 90) red++
    }
    expect(red).toBe(0)
  })

  describe('of a lighthouse, as the middle of a picture of its own size,', () => {
    let on: Canvas
    let pictures: Uint8Array[]

    beforeAll(async () => {
      const size = { width: 384, height: 256 }
      on = outside(2, (await readPicture(await readFile('examples/lighthouse.png'), { size })).pixels)
      const paint = prepareMethod('fill', on)
      pictures = [7, 10].map(seed => paint(seed).data)
    })

    test('does not repeat a small thing near the frame: the sun sets once', () => {
      const isBright = (data: Uint8Array, at: number) => data[at * 3]! > 250 && data[at * 3 + 1]! > 225
      for (const data of pictures) {
        let [within, outside] = [0, 0]
        for (let at = 0; at < on.mask.data.length; at++) {
          if (!isBright(data, at)) continue
          if (on.mask.data[at] === PAINT) outside++
          else within++
        }
        expect(within).toBeGreaterThan(200)
        // Another sun would be more than half as many.
        expect(outside).toBeLessThan(20)
      }
    })

    test('does not draw the sky where the sea cannot be repeated', () => {
      const { width, height } = on.pixels
      // The horizon is at 55 hundredths: below it are sea and rock, and only the sky is as bright.
      let bright = 0
      for (const data of pictures) {
        for (let at = width * Math.round(height * 0.6); at < on.mask.data.length; at++) {
          const luma = 0.299 * data[at * 3]! + 0.587 * data[at * 3 + 1]! + 0.114 * data[at * 3 + 2]!
          if (on.mask.data[at] === PAINT && luma > 165) bright++
        }
      }
      // A patch of sky is thousands.
      expect(bright).toBeLessThan(2000)
    })
  })

  test('goes on with a thing that the frame cuts off', () => {
    // A mast in the sky, of whose foot nothing is seen.
    const mast = (x: number, y: number) => (Math.abs(x - 48) < 4 && y > 27 ? [230, 40, 30] : undefined)
    const on = outside(2, seaside(96, 72, 72, mast))
    const { width, height } = on.pixels
    const { data } = complete(on, 2)
    const isRed = (x: number, y: number) => data[(y * width + x) * 3]! > 150 && data[(y * width + x) * 3 + 2]! < 90
    let rows = 0
    for (let y = on.old.y + 72; y < height; y++) if (isRed(on.old.x + 48, y)) rows++
    expect(rows).toBeGreaterThan(30)
  })

  test('does not draw what the frame cuts off in a row', () => {
    // A buoy, of which half is seen.
    const reach = (x: number, y: number) => Math.hypot(x - 95, y - 30)
    const buoy = (x: number, y: number) =>
      reach(x, y) < 4 ? [20, 10, 10] : reach(x, y) < 9 ? [230, 40, 30] : undefined
    const on = outside(2, seaside(96, 72, 54, buoy))
    const { data } = complete(on, 2)
    let [within, beyond] = [0, 0]
    for (let at = 0; at < on.mask.data.length; at++) {
      if (!(data[at * 3]! > 150 && data[at * 3 + 2]! < 90)) continue
      if (on.mask.data[at] === PAINT) beyond++
      else within++
    }
    expect(within).toBeGreaterThan(80)
    expect(beyond).toBeLessThan(1.2 * within)
  })

  test('is another picture for another seed, by more than grain', () => {
    const clouds = (x: number, y: number) =>
      Math.sin(x / 4) + Math.sin(y / 3 + x / 7) > 1 ? [240, 240, 240] : undefined
    const on = outside(1.6, seaside(96, 72, 54, clouds))
    const [one, other] = [complete(on, 1), complete(on, 2)]
    let differ = 0
    for (let at = 0; at < on.mask.data.length; at++)
      if (Math.abs(one.data[at * 3]! - other.data[at * 3]!) > 30) differ++
    expect(differ / countPainted(on.mask)).toBeGreaterThan(0.05)
  })

  test('is the same for the same seed, whatever was painted before', () => {
    const on = outside(
      1.6,
      seaside(96, 72, 50, () => undefined),
    )
    const paint = prepareMethod('fill', on)
    const [, second] = [1, 2].map(seed => paint(seed))
    expect(Buffer.compare(second!.data, complete(on, 2).data)).toBe(0)
  })

  test('may be larger than what is searched whole, and meets what was there', () => {
    const on = outside(
      1.5,
      seaside(500, 450, 250, (x, y) => ((((x + 13) >> 5) + ((y + 9) >> 5)) % 7 === 0 ? [90, 90, 40] : undefined)),
    )
    const { data } = complete(on, 1)
    expect(countPainted(on.mask)).toBeGreaterThan(2 * SEARCH_MAX_PAINTED)
    const isKept = (value: number, at: number) =>
      on.mask.data[Math.floor(at / 3)] === PAINT || value === on.pixels.data[at]
    expect(data.every(isKept)).toBe(true)
    expect(seam({ ...on.pixels, data }, on.mask)).toBeLessThan(1.3)
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
  for (const name of ['coffee.png', 'waves.png']) {
    testWithShared(`photos/${name}`, `${name}: no rectangle shows around the old picture`, async () => {
      const file = await readFile(shared(`photos/${name}`))
      const laid = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, await readSize(file))
      const { pixels } = await readPicture(file, { size: laid.old })
      const toPaint = createCanvas(laid, pixels)
      const painted = composite(toPaint, complete(toPaint, 1))
      expect(seam(painted, toPaint.mask)).toBeLessThan(1.6)
      // The measure itself tells: a flat fill is far above.
      expect(seam(composite(toPaint, filledPixels(laid.size, 128)), toPaint.mask)).toBeGreaterThan(3)
    })
  }

  testWithShared('photos/pixel.png', 'pixel.png: the phone, which is large, does not come twice', async () => {
    const file = await readFile(shared('photos/pixel.png'))
    const laid = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, await readSize(file))
    const { pixels } = await readPicture(file, { size: laid.old })
    const on = createCanvas(laid, pixels)
    const paint = prepareMethod('fill', on)
    for (const seed of [1, 2]) {
      const { data } = paint(seed)
      let [within, outside] = [0, 0]
      for (let at = 0; at < on.mask.data.length; at++) {
        const [red, green, blue] = [data[at * 3]!, data[at * 3 + 1]!, data[at * 3 + 2]!]
        // Only its screen is green.
        if (green <= Math.max(red, blue) + 30) continue
        if (on.mask.data[at] === PAINT) outside++
        else within++
      }
      expect(within).toBeGreaterThan(2000)
      expect(outside).toBeLessThan(0.1 * within)
    }
  })

  test('are there, or a warning says that they are not', () => {
    if (mustNotSkip) expect(existsSync(shared('photos'))).toBe(true)
  })
})
