import { expect, test } from 'vitest'
import { type Kernel, startKernel } from '../../../../../src/inference/engines/fill/kernel.js'
import { bytesOf, newTestLevel, setShades, setSources, type TestLevel } from './test-level.js'

/** The red of each pixel. */
function redsOf(kernel: Kernel, level: TestLevel): Uint8Array {
  return bytesOf(kernel, level, 'colour', 4).filter((_, index) => index % 4 === 0)
}

test('blending turns a step between two flat regions into a ramp, and meets the known ends', () => {
  // 8 columns of 0 are known, 24 are copied from there, 24 from 120, and 8 of 120 are known; nothing has a gradient.
  const [width, height] = [64, 16]
  const kernel = startKernel()
  const level = newTestLevel(kernel, width, height, x => x < 8 || x >= 56)
  setShades(kernel, level, x => (x < 8 ? 0 : 120))
  setSources(kernel, level, (x, y) => [x < 32 ? 4 : 60, y])
  kernel.solvePoisson(level.address, 1e6)
  const row = [...redsOf(kernel, level).subarray(level.pixel(0, 8), level.pixel(width, 8))]
  expect(row).toEqual([...row].sort((a, b) => a - b))
  // The discrete solution of Laplace's equation between 0 at x = 7 and 120 at x = 56 is the straight line.
  for (const x of [12, 20, 32, 44, 51]) expect(Math.abs(row[x]! - (120 * (x - 7)) / 49)).toBeLessThan(4)
})

test('blending spreads a step over smooth sources, and leaves it in rough ones', () => {
  const [width, height] = [64, 16]
  const stepOf = (roughness: number, elsewhere = 0) => {
    const kernel = startKernel()
    // What is expected of the hole is rough; what was copied has the roughness that is tested.
    const level = newTestLevel(kernel, width, height, x => x < 8 || x >= 56)
    setShades(kernel, level, x => (x < 8 ? 0 : 60))
    const texture = bytesOf(kernel, level, 'texture', 2)
    for (const [pixel, isKnown] of level.plane('known').entries()) {
      texture.fill(isKnown ? roughness : 200, pixel * 2, pixel * 2 + 2)
    }
    setTextureAtLeft(level, texture, elsewhere)
    setSources(kernel, level, (x, y) => [x < 32 ? 4 : 60, y])
    kernel.solvePoisson(level.address, 1e6)
    const row = redsOf(kernel, level).subarray(level.pixel(0, 8), level.pixel(width, 8))
    return Math.max(...Array.from(row.subarray(1), (value, index) => value - row[index]!))
  }
  expect(stepOf(0)).toBeLessThan(4)
  expect(stepOf(200)).toBeGreaterThan(8)
  // As rough as the whole picture is grain.
  expect(stepOf(35, 0)).toBeGreaterThan(8)
  expect(stepOf(35, 35)).toBeLessThan(4)
})

/** The texture of the two columns at the left, from which nothing is copied. */
function setTextureAtLeft(level: TestLevel, texture: Uint8Array, value: number): void {
  for (let y = 0; y < 16; y++) texture.fill(value, level.pixel(0, y) * 2, level.pixel(2, y) * 2)
}

test('where two copied regions meet, the stronger of their gradients continues', () => {
  const [width, height] = [64, 16]
  const kernel = startKernel()
  const level = newTestLevel(kernel, width, height, x => x < 24 || x >= 40)
  // On the left a slope of 6 by pixel, on the right one grey level.
  setShades(kernel, level, x => (x < 24 ? x * 6 : 180))
  setSources(kernel, level, (x, y) => [x < 32 ? x - 16 : x + 16, y])
  kernel.solvePoisson(level.address, 1e6)
  const row = redsOf(kernel, level).subarray(level.pixel(0, 8), level.pixel(width, 8))
  const slopeAt = (x: number) => row[x + 1]! - row[x]!
  // The error at both ends is spread evenly.
  expect(Math.abs(slopeAt(31) - slopeAt(28))).toBeLessThanOrEqual(1)
  expect(Math.abs(slopeAt(31) - slopeAt(34) - 6)).toBeLessThanOrEqual(1)
})

test('a large level is blended in strips as it would be whole', () => {
  const [width, height] = [40, 600]
  const paint = (isLarge: boolean) => {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x < 10 || y < 8
    const small = newTestLevel(kernel, width / 2, height / 2, (x, y) => isKnown(x * 2, y * 2))
    const level = newTestLevel(kernel, width, height, isKnown)
    for (const { one, scale } of [
      { one: small, scale: 2 },
      { one: level, scale: 1 },
    ]) {
      const wave = (y: number) => 60 + Math.round(80 * (1 + Math.sin((y * scale) / 90)) * 0.5)
      setShades(kernel, one, (x, y) => wave(y) + (x * scale) / 4)
      setSources(kernel, one, (x, y) => [Math.min(4 / scale + (x % 3), 9 / scale - 1), y])
    }
    if (isLarge) kernel.refinePoisson(small.address, kernel.solvePoisson(small.address, 1e6), level.address)
    else kernel.solvePoisson(level.address, 1e6)
    return redsOf(kernel, level)
  }
  const [whole, strips] = [paint(false), paint(true)]
  let most = 0
  for (let pixel = 0; pixel < whole.length; pixel++) most = Math.max(most, Math.abs(whole[pixel]! - strips[pixel]!))
  expect(most).toBeLessThanOrEqual(4)
  // It is blended at all: copied colours alone would differ by far more.
  expect(Math.max(...whole)).toBeGreaterThan(Math.min(...whole.filter(value => value > 0)) + 40)
})
