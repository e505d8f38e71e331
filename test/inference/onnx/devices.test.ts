import { expect, test } from 'vitest'
import { parseDevice } from '../../../src/inference/onnx/device-names.js'
import { probeDevices } from '../../../src/inference/onnx/devices.js'

test('the CPU works, and devices that don’t work have a reason', async () => {
  const found = await probeDevices()
  expect(found).toContainEqual({
    name: 'cpu',
    works: true,
    probeTime: { firstRunMs: expect.any(Number), secondRunMs: expect.any(Number) },
  })
  for (const device of found) if (!device.works) expect(device.reason).not.toBe('')
})

test('a device is an execution provider and an optional card index', () => {
  expect(parseDevice('webgpu')).toEqual({ name: 'webgpu', index: undefined })
  expect(parseDevice('cuda:1')).toEqual({ name: 'cuda', index: 1 })
  for (const other of ['gpu', 'cuda:', 'cuda:x', 'cpu:1', 'auto', '']) expect(parseDevice(other)).toBeUndefined()
})
