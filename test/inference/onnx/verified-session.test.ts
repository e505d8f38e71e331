import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePng } from '../../../src/inference/image/png.js'
import { probeDevices } from '../../../src/inference/onnx/devices.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { openVerified, providerVariants } from '../../../src/inference/onnx/verified-session.js'
import { landscape } from '../../contracts/engine.js'
import { mustNotSkip } from '../../support/must-not-skip.js'
import { MAIN } from '../../support/programs.js'

/** A software GPU, from Debian's package chromium-common; it needs libvulkan1. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'
const UNET = { name: 'unet', file: 'test/fixtures/diffusion/models/sd1-inpaint/unet/model.onnx' }

const run = promisify(execFile)

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

const hasGpu = existsSync(SWIFTSHADER)

test.skipIf(!hasGpu && !mustNotSkip)(
  'a convolution of 9 channels is right in WebGPU’s default layout with zeros up to 12 channels, and wrong without',
  async () => {
    const argv = ['--import', 'tsx', 'tools/webgpu-faults.ts', '--json', '--only', 'to 32, 8×8']
    const { stdout } = await run(process.execPath, argv, { env: { ...process.env, VK_ICD_FILENAMES: SWIFTSHADER } })
    const found: Record<string, Record<string, number>> = JSON.parse(stdout)
    const inDefaultLayout = (name: string) => found[`Conv 3×3, 9 channels${name}, to 32, 8×8`]!['default layout']
    expect(inDefaultLayout(' with zeros up to 12')).toBeLessThan(1e-4)
    // Once onnxruntime computes it right, docs/webgpu-faults.md and the zeros can go.
    expect(inDefaultLayout('')).toBeGreaterThan(0.1)
  },
  120_000,
)

describe('on a GPU', () => {
  if (!hasGpu) console.warn(`SKIPPED: painting by WebGPU needs ${SWIFTSHADER}, which is not there.`)
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-gpu-'))
    await sharp(await encodePng(landscape(96, 64))).toFile(join(folder, 'picture.png'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** The picture that the program paints on a device. */
  const painted = async (device: string, model: string, models: string) => {
    const picture = join(folder, 'picture.png')
    // One step without guidance, because random weights amplify small differences; no refinement, which is off on the
    // CPU.
    const options = ['--steps', '1', '--guidance', '1', '--no-refine', '--prompt', 'the sea']
    const engineArguments = ['--engine', model, '--variations', '1', '--seed', '3', ...options]
    const environment = {
      ...process.env,
      MODEL_FOLDER: models,
      DEVICE: device,
      VK_ICD_FILENAMES: SWIFTSHADER,
    }
    const output = join(folder, `${model}-${device || 'auto'}`)
    const argv = [MAIN, 'square', picture, '-o', output, ...engineArguments]
    const { stderr } = await run(process.execPath, argv, { env: environment })
    return { pixels: await sharp(join(output, 'picture-square-3.png')).removeAlpha().raw().toBuffer(), stderr }
  }

  test.skipIf(!hasGpu && !mustNotSkip)(
    'an inpainting model gives the CPU’s picture although WebGPU’s fastest configuration is wrong',
    async () => {
      const [model, models] = ['sd1-inpaint', 'test/fixtures/diffusion/models']
      const [onProcessor, onGpu] = await Promise.all([painted('cpu', model, models), painted('', model, models)])
      const computedOn = (device: string, reasons: string) => new RegExp(`^${model} runs on ${device}${reasons}$`, 'm')
      expect(onProcessor.stderr).toMatch(computedOn('cpu', ''))
      // The default is the fastest device that works. Missing ones are skipped with a reason.
      expect(onGpu.stderr).toMatch(computedOn('webgpu', '( \\(cuda: .*\\))?'))
      // In grey levels; a wrong configuration gave 25.
      const totalDifference = onProcessor.pixels.reduce(
        (sum, value, at) => sum + Math.abs(value - onGpu.pixels[at]!),
        0,
      )
      expect(totalDifference / onProcessor.pixels.length).toBeLessThan(5)
    },
    240_000,
  )
})
