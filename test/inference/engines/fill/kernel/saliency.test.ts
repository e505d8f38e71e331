import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { levelField, startKernel } from '../../../../../src/inference/engines/fill/kernel.js'
import { PATCH_RADIUS, SUSPECT_PENALTY } from '../../../../../src/inference/engines/fill/parameters.js'
import { newTestLevel, noise, noisyLevel, penaltiesOf, scene, setShades } from './test-level.js'

describe('what is rare', () => {
  test('costs nothing up to a share of what lies at the boundary, and is suspected from a smaller share on', () => {
    const kernel = startKernel()
    const level = noisyLevel(kernel, 60, 60, (x, y) => x >= 10 && y >= 10 && x < 50 && y < 50)
    kernel.penalizeRare(level.address, 3, 0.9, 0.6)
    const penalties = penaltiesOf(kernel, level, 'rare')
    const atBoundary: number[] = []
    for (let y = 13; y < 47; y++) {
      for (let x = 13; x < 47; x++) {
        if (x === 13 || y === 13 || x === 46 || y === 46) atBoundary.push(penalties.at(level.pixel(x, y)))
      }
    }
    expect(atBoundary.filter(one => one > 0).length / atBoundary.length).toBeCloseTo(0.4, 1)
    expect(atBoundary.filter(one => one > SUSPECT_PENALTY).length / atBoundary.length).toBeCloseTo(0.1, 1)
    expect(atBoundary.filter(one => one === SUSPECT_PENALTY).length).toBeGreaterThan(0.2 * atBoundary.length)
  })

  test('is how unlike a patch is to those most like it, though patches that cannot be among them are skipped', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 1, max: 9 }), ({ width, height, isKnown }, side) => {
        const kernel = startKernel()
        const level = newTestLevel(kernel, width, height, isKnown)
        // Even and rough squares, lighter to the right: each patch has others that are much, somewhat and hardly like
        // it.
        const isRough = (x: number, y: number) => noise(Math.floor(x / side) + 64 * Math.floor(y / side)) % 3 === 0
        const shadeOf = (x: number, y: number) => 40 + 3 * x + (isRough(x, y) ? noise(y * width + x) % 90 : 0)
        setShades(kernel, level, shadeOf)
        kernel.findSources(level.address, 64)
        kernel.penalizeRare(level.address, 1, 0.5, 0.5)
        const penalties = penaltiesOf(kernel, level, 'rare')
        const radius = levelField(kernel, level.address, 'radius')
        const positions: [number, number][] = []
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) if (level.plane('valid')[level.pixel(x, y)]) positions.push([x, y])
        }
        // A few of them: comparing all pairs takes long in JavaScript.
        const compared = positions.filter((_, index) => index % Math.ceil(positions.length / 20) === 0)
        for (const [x, y] of compared) {
          const distances = positions.flatMap(([otherX, otherY]) => {
            if (Math.abs(x - otherX) <= PATCH_RADIUS && Math.abs(y - otherY) <= PATCH_RADIUS) return []
            let sum = 0
            for (let dy = -radius; dy <= radius; dy++) {
              for (let dx = -radius; dx <= radius; dx++) {
                const difference = shadeOf(x + dx, y + dy) - shadeOf(otherX + dx, otherY + dy)
                sum += 3 * difference ** 2 * (dx === 0 ? 2 : 1)
              }
            }
            const pixels = (2 * radius + 1) * (2 * radius + 2)
            return sum / pixels / (1 + (3 * Math.hypot(x - otherX, y - otherY)) / Math.max(width, height))
          })
          const limited = [...distances, ...Array(16).fill(8000)].map(one => Math.min(one, 8000))
          const nearest = limited.sort((one, other) => one - other).slice(0, 16)
          const mean = nearest.reduce((sum, one) => sum + one, 0) / 16
          // Nothing is to be painted, so that there is no boundary.
          const expected = mean > 0 ? Math.max(SUSPECT_PENALTY, mean) : 0
          expect(Math.abs(penalties.at(level.pixel(x, y)) - expected)).toBeLessThanOrEqual(1e-4 * expected)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('what is enclosed', () => {
  /** The middle of a level is known: grey, with what `draw` adds. @returns the penalty of each pixel */
  function enclosed(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 12 && y >= 12 && x < 84 && y < 84
    const [finer, coarser] = [
      newTestLevel(kernel, 96, 96, isKnown),
      newTestLevel(kernel, 48, 48, (x, y) => isKnown(x * 2, y * 2)),
    ]
    for (const level of [coarser, finer]) {
      kernel.findSources(level.address, 64)
      kernel.findTargets(level.address)
    }
    setShades(kernel, finer, (x, y) => 100 + (noise(y * 96 + x) % 7) + draw(x, y))
    kernel.penalizeEnclosed(finer.address, 30, 2.5, 15_000)
    kernel.raiseCoarserPenalty(finer.address, coarser.address)
    const [penalties, coarserPenalties] = [penaltiesOf(kernel, finer, 'rare'), penaltiesOf(kernel, coarser, 'rare')]
    return {
      at: (x: number, y: number) => penalties.at(finer.pixel(x, y)),
      coarserAt: (x: number, y: number) => coarserPenalties.at(coarser.pixel(x, y)),
      isFree: penalties.areAllZero(),
    }
  }

  test('costs by its barrier, up to a limit, with its fringe, and on the coarser level too', () => {
    const isSun = (x: number, y: number) => Math.hypot(x - 50, y - 40) < 3
    const sun = enclosed((x, y) => (isSun(x, y) ? 120 : 0))
    expect(sun.at(50, 40)).toBe(15_000)
    expect(sun.at(50, 43)).toBe(15_000)
    expect(sun.coarserAt(25, 20)).toBe(15_000)
    for (const [x, y] of [
      [50, 46],
      [30, 40],
      [70, 70],
    ] as const) {
      expect(sun.at(x, y)).toBe(0)
      expect(sun.coarserAt(x >> 1, y >> 1)).toBe(0)
    }
    const faint = enclosed((x, y) => (isSun(x, y) ? 16 : 0))
    expect(faint.at(50, 40)).toBeGreaterThan(0)
    expect(faint.at(50, 40)).toBeLessThan(15_000)
  })

  test('is free where it continues beyond the boundary', () => {
    expect(enclosed((x, y) => (y > 36 && y < 44 && x > 30 ? 120 : 0)).isFree).toBe(true)
  })

  test('is free where there are many of its kind: that is texture', () => {
    expect(enclosed((x, y) => (x % 6 < 2 && y % 6 < 2 ? 120 : 0)).isFree).toBe(true)
  })
})

describe('a salient object', () => {
  /** The middle of a level is known: grey, with what `draw` adds. @returns the penalty of each pixel */
  function objects(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const level = newTestLevel(kernel, 64, 64, (x, y) => x >= 12 && y >= 12 && x < 52 && y < 52)
    kernel.findSources(level.address, 64)
    kernel.findTargets(level.address)
    setShades(kernel, level, (x, y) => 80 + (noise(y * 64 + x) % 7) + draw(x, y))
    kernel.penalizeSalientObjects(level.address, 2, 0.85)
    const penalties = penaltiesOf(kernel, level, 'object')
    return { at: (x: number, y: number) => penalties.at(level.pixel(x, y)), isFree: penalties.areAllZero() }
  }

  const isWithin = (x: number, y: number, reach: number) => Math.hypot(x - 32, y - 32) < reach

  test('lies within the boundary, however large it is, and costs twice its distance from all patches at the boundary', () => {
    for (const reach of [4, 12]) {
      const { at } = objects((x, y) => (isWithin(x, y, reach) ? 120 : 0))
      expect(at(32, 32)).toBeGreaterThan(1000)
      for (const [x, y] of [
        [16, 16],
        [48, 32],
      ] as const)
        expect(at(x, y)).toBe(0)
    }
    // Distances are limited to 8000 by pixel; grain alone makes patches at the boundary unlike each other.
    const whole = objects((x, y) => (isWithin(x, y, 12) ? 120 : 0)).at(32, 32)
    expect(whole).toBeGreaterThan(15_500)
    expect(whole).toBeLessThanOrEqual(16_000)
  })

  test('may be cut by the boundary in one place', () => {
    expect(
      objects((x, y) => (isWithin(x, y, 10) || (Math.abs(x - 32) < 3 && y < 32) ? 120 : 0)).at(32, 32),
    ).toBeGreaterThan(1000)
  })

  test('is told from most of the boundary, whatever else the boundary cuts', () => {
    // More than a quarter of the boundary is like nothing else there.
    const { at } = objects((x, y) => (isWithin(x, y, 8) ? 60 : y < 20 ? noise(x + 64 * y) % 200 : 0))
    expect(at(32, 32)).toBeGreaterThan(4000)
    expect(at(32, 46)).toBe(0)
  })

  test('does not reach far along the boundary', () => {
    expect(objects((_, y) => (y < 26 ? 120 : 0)).isFree).toBe(true)
    expect(objects(x => (x > 38 ? 120 : 0)).isFree).toBe(true)
  })

  test('is not what its surroundings turn into gradually, such as a glow', () => {
    expect(objects((x, y) => Math.max(0, 100 - 6 * Math.hypot(x - 32, y - 32))).isFree).toBe(true)
  })

  test('is hardly what also occurs at the boundary: that is texture', () => {
    const { at } = objects((x, y) => (noise((x >> 2) + 64 * (y >> 2)) % 2 ? 120 : 0))
    let sum = 0
    for (let y = 15; y < 49; y++) for (let x = 15; x < 49; x++) sum += at(x, y)
    expect(sum / 34 ** 2).toBeLessThan(800)
  })

  test('is penalized on the finer level too', () => {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 12 && y >= 12 && x < 52 && y < 52
    const [coarse, fine] = [
      newTestLevel(kernel, 64, 64, isKnown),
      newTestLevel(kernel, 128, 128, (x, y) => isKnown(x / 2, y / 2)),
    ]
    for (const level of [coarse, fine]) {
      kernel.findSources(level.address, 64)
      kernel.findTargets(level.address)
    }
    setShades(kernel, coarse, (x, y) => (isWithin(x, y, 8) ? 200 : 80))
    kernel.penalizeSalientObjects(coarse.address, 2, 0.85)
    kernel.upsamplePenalty(coarse.address, fine.address)
    const penaltyOf = (level: typeof fine, x: number, y: number) =>
      penaltiesOf(kernel, level, 'object').at(level.pixel(x, y))
    expect(penaltyOf(coarse, 32, 32)).toBeGreaterThan(1000)
    expect(penaltyOf(fine, 64, 64)).toBe(penaltyOf(coarse, 32, 32))
    expect(penaltyOf(fine, 32, 64)).toBe(0)
  })
})
