import { describe, expect, test } from 'vitest'
import { levelField, startKernel } from '../../../../../src/inference/engines/fill/kernel.js'
import { SUSPECT_PENALTY } from '../../../../../src/inference/engines/fill/parameters.js'
import { bytesOf, newTestLevel, penaltiesOf, pixelOf } from './test-level.js'

describe('what a pixel continues at the boundary', () => {
  /**
   * The middle of a level is known: grey, with what `draw` adds.
   *
   * @returns what `draw` added to the boundary pixel that a pixel continues, the same on a level of twice the size
   */
  function continued(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 32 && y >= 32 && x < 64 && y < 64
    const labeled = (size: number, scale: number) => {
      const level = newTestLevel(kernel, size, size, (x, y) => isKnown(x / scale, y / scale))
      const colour = bytesOf(kernel, level, 'colour', 4)
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          if (isKnown(x / scale, y / scale))
            colour.fill(100 + draw(x / scale, y / scale), level.pixel(x, y) * 4, level.pixel(x, y) * 4 + 3)
        }
      }
      kernel.findSources(level.address, 64)
      kernel.findTargets(level.address)
      kernel.findNearestKnown(level.address)
      return level
    }
    const [coarse, fine] = [labeled(96, 1), labeled(192, 2)]
    kernel.labelByBoundary(coarse.address, 0.6, 3)
    kernel.upsampleBoundaryLabels(coarse.address, fine.address)
    const colourAt = (level: typeof coarse, x: number, y: number) => {
      const labels = new Uint32Array(
        kernel.memory.buffer,
        levelField(kernel, level.address, 'boundaryLabel'),
        level.count,
      )
      const colour = bytesOf(kernel, level, 'colour', 4)
      return colour[pixelOf(level, labels[level.pixel(x, y)]!) * 4]! - 100
    }
    return (x: number, y: number) => {
      const [onCoarse, onFine] = [colourAt(coarse, x, y), colourAt(fine, 2 * x, 2 * y)]
      expect(onFine).toBe(onCoarse)
      return onCoarse
    }
  }

  test('is the nearest where everything is alike', () => {
    const at = continued(x => (x < 48 ? 0 : 4))
    for (const y of [70, 80, 95]) {
      expect(at(36, y)).toBe(0)
      expect(at(60, y)).toBe(4)
    }
  })

  test('is at first the thing that the boundary cuts, then what surrounds it', () => {
    const at = continued((x, y) => (x >= 44 && x < 52 && y > 40 ? 120 : 0))
    expect(at(48, 64)).toBe(120)
    for (const y of [72, 80, 95]) expect(at(48, y)).toBe(0)
  })

  test('is a layer that recurs on the opposite side, however far away', () => {
    const isWithin = (y: number) => y >= 42 && y < 54
    const at = continued((_, y) => (isWithin(y) ? 120 : 0))
    for (const x of [0, 16, 31, 64, 80, 95]) expect(at(x, 48)).toBe(120)
    const onOneSide = continued((x, y) => (x > 48 && isWithin(y) ? 120 : 0))
    expect(onOneSide(64, 48)).toBe(120)
    expect(onOneSide(90, 48)).toBe(0)
  })
})

test('what would start from a salient object starts from next to it, not from above or below', () => {
  const [width, height] = [48, 32]
  const kernel = startKernel()
  const level = newTestLevel(kernel, width, height, x => x < 40)
  const redAndGreen = (name: 'colour' | 'meanColour', x: number, y: number) => {
    const first = level.pixel(x, y) * 4
    return [...bytesOf(kernel, level, name, 4).subarray(first, first + 2)]
  }
  const penalties = penaltiesOf(kernel, level, 'rare')
  // Colours say where they are from.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < 40; x++) {
      bytesOf(kernel, level, 'colour', 4).set([x, y], level.pixel(x, y) * 4)
      if (x >= 24 && y >= 12 && y < 20) penalties.set(level.pixel(x, y), 100)
      if (y >= 24) penalties.set(level.pixel(x, y), SUSPECT_PENALTY)
    }
  }
  kernel.findSources(level.address, 64)
  kernel.findNearestKnown(level.address)
  kernel.measureMeanColour(level.address, 1)
  // As deep inside the picture as they are outside.
  kernel.setPreferredSources(level.address, 1, kernel.newSway())
  kernel.expectPreferredLook(level.address)
  kernel.preferUnpenalized(level.address)
  kernel.startFromPreferred(level.address)
  const startOf = (x: number, y: number) => redAndGreen('colour', x, y)
  expect(startOf(44, 16)).toEqual([23, 16])
  const meanOf = (x: number, y: number) => redAndGreen('meanColour', x, y)
  expect(meanOf(44, 16)).toEqual(meanOf(23, 16))
  expect(meanOf(44, 6)).toEqual(meanOf(34, 6))
  // From there it is only one row to what is not penalized.
  expect(startOf(44, 12)).toEqual([34, 11])
  expect(startOf(44, 6)).toEqual([34, 6])
  // What is only suspected is not penalized.
  expect(startOf(44, 28)).toEqual([34, 28])
})
