import { expect, test } from 'vitest'
import { graphBuilder } from '../../../src/inference/onnx/graph-builder.js'
import { floatToHalf, halfToFloat } from '../../../src/inference/onnx/half-precision.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { createRandom } from '../../../src/inference/random.js'

const allHalves = Uint16Array.from({ length: 65_536 }, (_, half) => half)

test('every half precision value survives the conversion to single precision and back', () => {
  const roundTrip = floatToHalf(halfToFloat(allHalves))
  const wrong = allHalves.filter(
    half => !Number.isNaN(halfToFloat(Uint16Array.of(half))[0]!) && roundTrip[half] !== half,
  )
  expect([...wrong]).toEqual([])
})

test('known values of IEEE 754', () => {
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0xfc00]
  const singles = [1, -2, 65_504, 2 ** -14, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  expect([...halfToFloat(Uint16Array.from(halves))]).toEqual(singles)
  expect([...floatToHalf(Float32Array.from(singles))]).toEqual(halves)
  expect(halfToFloat(floatToHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN()
})

test('conversion rounds to nearest, ties to even', () => {
  const nextRandom = createRandom(4)
  const values = Float32Array.from({ length: 20_000 }, (_, at) => {
    return (nextRandom() - 0.5) * 2 ** (at % 2 === 0 ? nextRandom() * 40 - 26 : nextRandom() * 17)
  })
  const halves = floatToHalf(values)
  const found = halfToFloat(halves)
  for (const [at, value] of values.entries()) {
    const size = halves[at]! & 0x7fff
    const around = halfToFloat(Uint16Array.of(Math.max(0, size - 1), Math.min(0x7bff, size + 1)))
    const off = Math.abs(Math.abs(value) - Math.abs(found[at]!))
    for (const other of around) expect(off).toBeLessThanOrEqual(Math.abs(Math.abs(value) - other))
  }
  // Ties between neighbouring half precision values.
  expect([...floatToHalf(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11))]).toEqual([0x3c00, 0x3c02])
  expect([...floatToHalf(Float32Array.of(65_519, 65_520, -1e9))]).toEqual([0x7bff, 0x7c00, 0xfc00])
})

test('a graph in half precision gets and gives its values, also where JavaScript has Float16Array', async () => {
  const g = graphBuilder('half', '/')
  const x = g.input('x', 'F16', [2, 3])
  g.output('y', g.node('Add', [x, x]), 'F16', [2, 3])
  const session = await openOnnxSession({ name: 'half', folder: '/', graph: g.bytes() }, CPU_PROVIDER)
  const data = Float32Array.from([1, -2, 0.5, 3, 4.25, 100])
  const { y } = await session.run({ x: { data, dims: [2, 3] } }, ['y'])
  await session.close()
  expect(y).toEqual({ data: data.map(value => 2 * value), dims: [2, 3] })
})
