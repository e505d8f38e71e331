import { describe, expect, test } from 'vitest'
import { probeDevices } from '../../../src/inference/onnx/devices.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { openVerified, providerVariants } from '../../../src/inference/onnx/verified-session.js'

const UNET = { name: 'unet', file: 'test/fixtures/diffusion/models/sd1-inpaint/unet/model.onnx' }

test('a device is tried in half precision first, and WebGPU also without fused attention and its default layout', () => {
  expect(providerVariants('cuda:1', true, 'half')).toEqual([
    { name: 'cuda', index: 1, variant: { precision: 'half', attention: 'fused' } },
    { name: 'cuda', index: 1, variant: { precision: 'single', attention: 'fused' } },
  ])
  const channels = 'multiples of 4'
  expect(providerVariants('webgpu', true, 'single')).toEqual([
    { name: 'webgpu', variant: { precision: 'single', attention: 'fused', channels } },
    { name: 'webgpu', variant: { precision: 'single', attention: 'fused' }, layout: 'NCHW' },
    { name: 'webgpu', variant: { precision: 'single', attention: 'primitive', channels } },
    { name: 'webgpu', variant: { precision: 'single', attention: 'primitive' }, layout: 'NCHW' },
  ])
  // Graphs that are files have no variants.
  expect(providerVariants('cuda', false, 'half')).toEqual([{ name: 'cuda' }])
})

describe('a device is used only if its results match the CPU’s:', () => {
  const inputs = () => {
    const numbers = (count: number) => Float32Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898))
    return {
      sample: { data: numbers(9 * 64), dims: [1, 9, 8, 8] },
      timestep: { data: Float32Array.of(1), dims: [] },
      encoder_hidden_states: { data: numbers(77 * 16), dims: [1, 77, 16] },
    }
  }

  test('the CPU itself', async () => {
    const [session] = await openVerified([UNET], 'cpu', inputs, new Set())
    const { out_sample } = await session!.run(inputs(), ['out_sample'])
    expect(out_sample.dims).toEqual([1, 4, 8, 8])
    await session!.close()
  })

  test('a missing device is an error with its name', async () => {
    await expect(openVerified([UNET], 'no such device', inputs, new Set())).rejects.toThrow(/no such device/)
  })

  test('a card is selected by its index', async () => {
    const lacking = (await probeDevices()).find(({ name, works }) => name === 'cuda' && !works)
    // Without CUDA's libraries no card works.
    if (lacking) await expect(openVerified([UNET], 'cuda:1', inputs, new Set())).rejects.toThrow(/^cuda:1: /)
    else await (await openVerified([UNET], 'cuda:0', inputs, new Set()))[0]!.close()
  })

  test('an invalid graph is an error with its file', async () => {
    await expect(openOnnxSession({ name: 'none', file: 'package.json' }, { name: 'cpu' })).rejects.toThrow(
      /package\.json/,
    )
  })
})
