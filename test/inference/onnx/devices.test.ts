import { expect, test } from 'vitest'
import { devices } from '../../../src/inference/onnx/devices.js'

test('the CPU works, and what does not says why', async () => {
  const found = await devices()
  expect(found).toContainEqual({ name: 'cpu', works: true })
  for (const device of found) if (!device.works) expect(device.reason).not.toBe('')
})
