import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Method } from '../../../../src/inference/engines/fill/methods.js'
import { prepareMethod } from '../../../../src/inference/engines/fill/presets.js'
import { filledMask, KEEP, PAINT, type Pixels } from '../../../../src/inference/image/pixels.js'
import { createRandom } from '../../../../src/inference/random.js'

/** A picture of a function of place, grey levels 0 to 255. */
function drawn(width: number, height: number, greyAt: (x: number, y: number) => number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    data.fill(greyAt(at % width, Math.floor(at / width)), at * 3, at * 3 + 3)
  }
  return { width, height, data }
}

function masked(pixels: Pixels, isPainted: (x: number, y: number) => boolean) {
  const mask = filledMask(pixels, KEEP)
  for (let at = 0; at < mask.data.length; at++) {
    if (isPainted(at % pixels.width, Math.floor(at / pixels.width))) mask.data[at] = PAINT
  }
  // Pixels under the mask are not to be read.
  const data = pixels.data.map((value, at) => (mask.data[Math.floor(at / 3)] === PAINT ? 255 : value))
  return { pixels: { ...pixels, data }, mask }
}

/** Mean absolute difference from the truth where the mask asks for paint, in grey levels. */
function errorOf(method: Method, truth: Pixels, isPainted: (x: number, y: number) => boolean): number {
  const on = masked(truth, isPainted)
  const { data } = prepareMethod(method, on)(1)
  let [sum, count] = [0, 0]
  for (let at = 0; at < data.length; at++) {
    if (on.mask.data[Math.floor(at / 3)] === KEEP) continue
    sum += Math.abs(data[at]! - truth.data[at]!)
    count++
  }
  return sum / count
}

describe('fill:pde', () => {
  const scratch = (x: number, y: number) => Math.abs(x - 48 - (y - 48) / 9) < 3

  test('carries a slanted edge straight on through a scratch', () => {
    const slanted = drawn(96, 96, (x, y) => (y > 20 + x * 0.6 ? 200 : 40))
    // Half of what averaging over the gap would be off along six pixels of edge.
    expect(errorOf('fill:pde', slanted, scratch)).toBeLessThan(4)
  })

  test('closes a scratch in something smooth without a trace', () => {
    const smooth = drawn(96, 96, (x, y) => 60 + x + 20 * Math.sin(y / 15))
    expect(errorOf('fill:pde', smooth, scratch)).toBeLessThan(1.5)
  })

  test('lays on the grain that the picture has', () => {
    const grain = createRandom(3)
    const on = masked(
      drawn(96, 96, () => 100 + Math.round(grain() * 24)),
      scratch,
    )
    const { data } = prepareMethod('fill:pde', on)(1)
    const spread = (wanted: number) => {
      const values = [...data].filter((_, at) => at % 3 === 0 && on.mask.data[at / 3] === wanted)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    }
    expect(spread(PAINT) / spread(KEEP)).toBeGreaterThan(0.7)
    expect(spread(PAINT) / spread(KEEP)).toBeLessThan(1.3)
  })

  test('leaves what is known as it is, at every size and mask', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.nat(), (width, height, seed) => {
        const choose = createRandom(seed)
        const truth = drawn(width, height, (x, y) => (x * 7 + y * 3) % 256)
        const keeps = Math.floor(choose() * width * height)
        const on = masked(truth, (x, y) => y * width + x !== keeps && choose() < 0.7)
        const { data } = prepareMethod('fill:pde', on)(seed)
        for (let at = 0; at < data.length; at++) {
          if (on.mask.data[Math.floor(at / 3)] === KEEP) expect(data[at]).toBe(truth.data[at])
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('fill:exemplar copies pixels as they are', () => {
  const choose = createRandom(5)
  // Only even grey levels.
  const on = masked(
    drawn(80, 60, (x, y) => 2 * Math.floor(40 + x / 4 + 20 * choose() + (y > 30 ? 40 : 0))),
    x => x > 50,
  )
  const { data } = prepareMethod('fill:exemplar', on)(2)
  expect(data.filter(value => value % 2 === 1).length).toBe(0)
})

test('fill:texture goes on with what repeats', () => {
  const bricks = (x: number, y: number) => (y % 8 === 0 || (x + 6 * (Math.floor(y / 8) % 2)) % 12 === 0 ? 200 : 90)
  const on = masked(drawn(120, 96, bricks), x => x >= 72)
  const { data } = prepareMethod('fill:texture', on)(1)
  // Joints make up a fifth of the picture, and are as long and thin as those that are known.
  let [joints, along, count] = [0, 0, 0]
  for (let y = 1; y < 95; y++) {
    for (let x = 80; x < 118; x++) {
      const isJoint = (at: number) => data[at * 3]! > 145
      const at = y * 120 + x
      count++
      if (!isJoint(at)) continue
      joints++
      if (isJoint(at + 1) || isJoint(at + 120)) along++
    }
  }
  expect(joints / count).toBeGreaterThan(0.12)
  expect(joints / count).toBeLessThan(0.3)
  expect(along / joints).toBeGreaterThan(0.7)
})

test.each(['fill', 'fill:exemplar', 'fill:texture', 'fill:pde'] satisfies Method[])(
  '%s refuses nothing at all',
  method => {
    const nothing = masked(
      drawn(20, 20, () => 0),
      () => true,
    )
    expect(() => prepareMethod(method, nothing)(1)).toThrow(RangeError)
  },
)

test('a draft is searched in fewer rounds, and still goes on with what is there', () => {
  const slope = drawn(96, 96, (x, y) => (x < 40 ? 60 : 180) + ((x + y) % 3) * 10)
  const on = masked(slope, (_, y) => y < 32)
  const paintedIn = (isDraft: boolean) => {
    let rounds = 0
    const { data } = prepareMethod('fill', on, { isDraft })(1, () => rounds++)
    return { data, rounds }
  }
  const [whole, draft] = [paintedIn(false), paintedIn(true)]
  expect(draft.rounds).toBeLessThan(whole.rounds / 2)
  const isKept = (at: number) => on.mask.data[Math.floor(at / 3)] === KEEP
  const errors = (data: Uint8Array) => [...data].map((value, at) => Math.abs(value - slope.data[at]!))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.max(...errors(draft.data).filter((_, at) => isKept(at)))).toBe(0)
  // A flat grey would be off by 20.
  expect(mean(errors(draft.data))).toBeLessThan(10)
})
