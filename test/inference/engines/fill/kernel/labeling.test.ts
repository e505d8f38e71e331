import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startKernel } from '../../../../../src/inference/engines/fill/kernel.js'
import {
  NO_COORD,
  noise,
  noisyLevel,
  packCoord,
  penaltiesOf,
  pixelOf,
  scene,
  setShades,
  setSources,
  sourcesOf,
  type TestLevel,
} from './test-level.js'

describe('region moves', () => {
  test('merge regions that do not fit into what surrounds them', () => {
    const kernel = startKernel()
    const level = noisyLevel(kernel, 48, 24, x => x < 30)
    // Everything is copied from 24 pixels farther left; then the sources of a single pixel and of a block of four
    // change, but not their colours.
    const whole = (x: number, y: number): [number, number] => [
      Math.min(26, Math.max(3, x - 24)),
      Math.min(20, Math.max(3, y)),
    ]
    setSources(kernel, level, whole)
    const source = sourcesOf(kernel, level)
    const before = source.slice()
    const strays = [
      [36, 8],
      [40, 14],
      [41, 14],
      [40, 15],
      [41, 15],
    ] as const
    for (const [x, y] of strays) source[level.pixel(x, y)] = packCoord(x - 31, y - 2)
    kernel.fillFieldFromPreferred(level.address)
    kernel.evaluateField(level.address)
    kernel.moveRegions(level.address)
    for (const [x, y] of strays) expect(source[level.pixel(x, y)]).toBe(before[level.pixel(x, y)])
    for (let y = 5; y < 19; y++) {
      for (let x = 33; x < 45; x++) expect(source[level.pixel(x, y)]).toBe(before[level.pixel(x, y)])
    }
  })

  test('leave no more seams than before, and copy whole patches only, at every size and mask', () => {
    let timesFewer = 0
    fc.assert(
      fc.property(scene, fc.nat(), ({ width, height, isKnown }, seed) => {
        const kernel = startKernel()
        const level = noisyLevel(kernel, width, height, isKnown)
        kernel.seedRandom(seed)
        kernel.fillFieldAtRandom(level.address)
        kernel.copySources(level.address)
        kernel.evaluateField(level.address)
        const seams = () => seamsOf(level, sourcesOf(kernel, level), width, height)
        const before = seams()
        kernel.moveRegions(level.address)
        const after = seams()
        expect(after).toBeLessThanOrEqual(before)
        if (after < before) timesFewer++
        const valid = level.plane('valid')
        const known = level.plane('known')
        for (const [pixel, source] of sourcesOf(kernel, level).entries()) {
          if (source === NO_COORD || known[pixel]) continue
          expect(valid[pixelOf(level, source)]).toBe(1)
        }
      }),
      { numRuns: 60 },
    )
    expect(timesFewer).toBeGreaterThan(5)
  })
})

describe('block moves', () => {
  test('give blocks that do not fit the offset of what surrounds them', () => {
    const kernel = startKernel()
    const level = noisyLevel(kernel, 48, 32, (x, y) => x < 30 || y < 4 || y >= 28)
    setShades(kernel, level, (x, y) => noise((x % 24) * 101 + y))
    // The picture is periodic, and everything but a rectangle is copied from 24 pixels farther left.
    const isStray = (x: number, y: number) => x >= 34 && x < 43 && y >= 10 && y < 21
    setSources(kernel, level, (x, y) => (isStray(x, y) ? [x - 31, y - 2] : [x - 24, y]))
    kernel.seedRandom(1)
    kernel.moveBlocks(level.address, 20, 6)
    const source = sourcesOf(kernel, level)
    for (let y = 5; y < 27; y++) {
      for (let x = 33; x < 45; x++) expect(source[level.pixel(x, y)]).toBe(packCoord(x - 24, y))
    }
  })

  test('shorten seams, and copy no more of what is salient and only whole patches, at every size and mask', () => {
    let [timesShorter, timesCopied] = [0, 0]
    fc.assert(
      fc.property(scene, fc.nat(), ({ width, height, isKnown }, seed) => {
        const kernel = startKernel()
        // Of one grey level, so that all pixels of a seam cost the same.
        const level = noisyLevel(kernel, width, height, isKnown)
        setShades(kernel, level, () => 90)
        const isSalient = (pixel: number) => noise(pixel) < 90
        const penalties = penaltiesOf(kernel, level, 'rare')
        for (let pixel = 0; pixel < level.count; pixel++) penalties.set(pixel, isSalient(pixel) ? 1000 : 0)
        kernel.seedRandom(seed)
        kernel.fillFieldAtRandom(level.address)
        // The kernel's memory may grow, and is then elsewhere.
        const result = () => {
          const source = sourcesOf(kernel, level).slice()
          const isCopy = (coord: number, pixel: number) =>
            !level.plane('known')[pixel] && coord !== NO_COORD && isSalient(pixelOf(level, coord))
          return { source, seams: seamsOf(level, source, width, height), copies: source.filter(isCopy).length }
        }
        const before = result()
        kernel.moveBlocks(level.address, 5, 3)
        const after = result()
        expect(after.seams).toBeLessThanOrEqual(before.seams)
        expect(after.copies).toBeLessThanOrEqual(before.copies)
        if (after.seams < before.seams) timesShorter++
        if (before.copies > 0) timesCopied++
        const [known, valid] = [level.plane('known'), level.plane('valid')]
        for (const [pixel, coord] of after.source.entries()) {
          if (known[pixel]) expect(coord).toBe(before.source[pixel])
          else if (coord !== NO_COORD) expect(valid[pixelOf(level, coord)]).toBe(1)
        }
      }),
      { numRuns: 60 },
    )
    expect(timesShorter).toBeGreaterThan(5)
    expect(timesCopied).toBeGreaterThan(5)
  })
})

/** How long the seams are: how many pairs of neighbours have sources that are not neighbours in the same way. */
function seamsOf(level: TestLevel, source: Uint32Array, width: number, height: number): number {
  const known = level.plane('known')
  let sum = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = level.pixel(x, y)
      if (known[pixel]) continue
      const own = source[pixel]!
      const [right, below] = [level.pixel(x + 1, y), level.pixel(x, y + 1)]
      if (x + 1 < width && !known[right] && source[right] !== own + 1) sum++
      if (y + 1 < height && !known[below] && source[below] !== own + 0x10000) sum++
    }
  }
  return sum
}
