import { expect, test } from 'vitest'
import { gaussianNoise, slerp } from '../../../../src/inference/engines/diffusion/sampling/noise.js'

test('noise has mean 0 and variance 1, and is determined by the seed', () => {
  const noise = gaussianNoise(5)(100_001)
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length
  expect(Math.abs(mean)).toBeLessThan(0.02)
  expect(Math.abs(variance - 1)).toBeLessThan(0.02)
  expect(gaussianNoise(5)(10)).toEqual(gaussianNoise(5)(10))
  expect(gaussianNoise(5)(10)).not.toEqual(gaussianNoise(6)(10))
})

test('interpolated noise has variance 1 and is closer to the nearer of both', () => {
  const [one, two] = [gaussianNoise(1)(10_000), gaussianNoise(2)(10_000)]
  const apart = (a: Float32Array, b: Float32Array) =>
    Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0))
  for (const share of [0, 0.2, 0.5, 0.8, 1]) {
    const middle = slerp(one, two, share)
    const variance = middle.reduce((sum, value) => sum + value * value, 0) / middle.length
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    if (share < 0.5) expect(apart(middle, one)).toBeLessThan(apart(middle, two))
    if (share > 0.5) expect(apart(middle, two)).toBeLessThan(apart(middle, one))
  }
  expect(apart(slerp(one, two, 0), one)).toBeLessThan(1e-3)
  expect(apart(slerp(one, two, 1), two)).toBeLessThan(1e-3)
  // Parallel arrays are interpolated linearly.
  expect([...slerp(one, one, 0.3)]).toEqual(
    [...one.map(value => Math.fround(0.7 * value) + Math.fround(0.3 * value))].map(value => expect.closeTo(value, 5)),
  )
})
