import { expect, test } from 'vitest'
import { floatToHalf, halfToFloat } from '../../../src/inference/onnx/half-precision.js'
import { createRandom } from '../../../src/inference/random.js'

const all = Uint16Array.from({ length: 65_536 }, (_, half) => half)

test('every half-precision number comes back from single precision', () => {
  const back = floatToHalf(halfToFloat(all))
  const wrong = all.filter(half => !Number.isNaN(halfToFloat(Uint16Array.of(half))[0]!) && back[half] !== half)
  expect([...wrong]).toEqual([])
})

test('some numbers, as IEEE 754 has them', () => {
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0xfc00]
  const singles = [1, -2, 65_504, 2 ** -14, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  expect([...halfToFloat(Uint16Array.from(halves))]).toEqual(singles)
  expect([...floatToHalf(Float32Array.from(singles))]).toEqual(halves)
  expect(halfToFloat(floatToHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN()
})

test('between two of them it is the nearer one, and of halves the even one', () => {
  const choose = createRandom(4)
  const values = Float32Array.from({ length: 20_000 }, (_, at) => {
    return (choose() - 0.5) * 2 ** (at % 2 === 0 ? choose() * 40 - 26 : choose() * 17)
  })
  const halves = floatToHalf(values)
  const found = halfToFloat(halves)
  for (const [at, value] of values.entries()) {
    const size = halves[at]! & 0x7fff
    const around = halfToFloat(Uint16Array.of(Math.max(0, size - 1), Math.min(0x7bff, size + 1)))
    const off = Math.abs(Math.abs(value) - Math.abs(found[at]!))
    for (const other of around) expect(off).toBeLessThanOrEqual(Math.abs(Math.abs(value) - other))
  }
  // Halfway between 1 and the next, and between that and the one after it.
  expect([...floatToHalf(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11))]).toEqual([0x3c00, 0x3c02])
  expect([...floatToHalf(Float32Array.of(65_519, 65_520, -1e9))]).toEqual([0x7bff, 0x7c00, 0xfc00])
})
