import { expect, test } from 'vitest'
import {
  type Address,
  type Kernel,
  prepareSearch,
  startKernel,
} from '../../../../../src/inference/engines/fill/kernel.js'
import {
  bytesOf,
  costsOf,
  NO_WEIGHTS,
  newTestLevel,
  noisyLevel,
  packCoord,
  penaltiesOf,
  pixelOf,
  setShades,
  setSources,
  sourcesOf,
} from './test-level.js'

/**
 * What a source costs whose texture or mean colour differs from what is expected, for each of some weights.
 *
 * @param prepare prepares the search with a weight
 */
function costsOfDifference(
  plane: 'texture' | 'meanColour',
  [expected, found]: readonly (readonly number[])[],
  weights: readonly number[],
  prepare: (kernel: Kernel, level: Address, weight: number) => void,
): number[] {
  const kernel = startKernel()
  const level = noisyLevel(kernel, 40, 20, x => x < 30)
  const bytesByPixel = plane === 'texture' ? 2 : 4
  const [target, source] = [level.pixel(34, 8), level.pixel(10, 8)]
  kernel.fillFieldFromPreferred(level.address)
  sourcesOf(kernel, level)[target] = packCoord(10, 8)
  bytesOf(kernel, level, plane, bytesByPixel).set(expected!, target * bytesByPixel)
  bytesOf(kernel, level, plane, bytesByPixel).set(found!, source * bytesByPixel)
  return weights.map(weight => {
    prepare(kernel, level.address, weight)
    kernel.evaluateField(level.address)
    return costsOf(kernel, level)[target]!
  })
}

test('a texture that is not the expected one costs its squared difference, or nothing where it does not count', () => {
  const textures = [
    [20, 50],
    [17, 46],
  ]
  const costs = costsOfDifference('texture', textures, [0, 1], (kernel, level, texture) =>
    prepareSearch(kernel, level, { ...NO_WEIGHTS, texture }),
  )
  expect(costs[1]! - costs[0]!).toBeCloseTo(3 ** 2 + 4 ** 2, 2)
})

test('a mean colour that is not the expected one costs its squared difference, times its weight', () => {
  const colours = [
    [20, 50, 250],
    [17, 54, 245],
  ]
  const costs = costsOfDifference('meanColour', colours, [0, 1, 3], (kernel, level, meanColour) =>
    prepareSearch(kernel, level, { ...NO_WEIGHTS, meanColour }),
  )
  expect(costs[1]! - costs[0]!).toBeCloseTo(50, 2)
  expect(costs[2]! - costs[0]!).toBeCloseTo(150, 2)
})

test.each(['rare', 'object'] as const)('what stands out (%s) costs its penalty, however often it is copied', part => {
  const kernel = startKernel()
  const level = noisyLevel(kernel, 40, 20, x => x < 30)
  const targets = [32, 34, 36].map(x => level.pixel(x, 8))
  const costs = (penalty: number) => {
    kernel.clearField(level.address)
    kernel.fillFieldFromPreferred(level.address)
    for (const target of targets) sourcesOf(kernel, level)[target] = packCoord(10, 8)
    penaltiesOf(kernel, level, part).set(level.pixel(10, 8), penalty)
    prepareSearch(kernel, level.address, NO_WEIGHTS)
    kernel.evaluateField(level.address)
    return targets.map(target => costsOf(kernel, level)[target]!)
  }
  const [free, penalized] = [costs(0), costs(500)]
  for (const [index, without] of free.entries()) expect(penalized[index]! - without).toBeCloseTo(500, 1)
})

test('what is less salient is copied instead of what is more so, though that makes regions less coherent', () => {
  const kernel = startKernel()
  const level = newTestLevel(kernel, 60, 30, x => x < 40)
  setShades(kernel, level, () => 90)
  kernel.findSources(level.address, 64)
  kernel.findTargets(level.address)
  const penalties = penaltiesOf(kernel, level, 'rare')
  /** The share that moves to the left half. */
  const moved = (penalty: number) => {
    kernel.clearField(level.address)
    kernel.fillFieldFromPreferred(level.address)
    // All is one region, copied from the right half, which costs 1000; the left half costs the penalty.
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 40; x++) penalties.set(level.pixel(x, y), x < 20 ? penalty : 1000)
    }
    setSources(kernel, level, (x, y) => [Math.min(36, x - 20), Math.min(26, Math.max(3, y))])
    prepareSearch(kernel, level.address, { ...NO_WEIGHTS, incoherence: 0.75 })
    kernel.evaluateField(level.address)
    kernel.improveField(level.address, 1, 32)
    let count = 0
    for (let y = 3; y < 27; y++) {
      for (let x = 43; x < 57; x++) {
        const source = sourcesOf(kernel, level)[level.pixel(x, y)]!
        if (penalties.at(pixelOf(level, source)) === penalty) count++
      }
    }
    return count / (24 * 14)
  }
  expect(moved(1001)).toBe(0)
  expect(moved(900)).toBeGreaterThan(0.9)
})
