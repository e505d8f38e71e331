import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import { mustNotSkip } from '../support/must-not-skip.js'
import { MAIN } from '../support/programs.js'

/** A software GPU, from Debian's package chromium-common or Google Chrome; it needs libvulkan1. */
const DRIVERS = ['/usr/lib/chromium', '/opt/google/chrome'].map(folder => join(folder, 'vk_swiftshader_icd.json'))
const SWIFTSHADER = DRIVERS.find(file => existsSync(file)) ?? DRIVERS[0]!

const run = promisify(execFile)

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

test.skipIf(!hasGpu && !mustNotSkip)(
  'a ControlNet’s residuals stay on the GPU, and give the CPU’s latents: modes, two at once, a union',
  async () => {
    const denoised = async (device: string) => {
      const argv = ['--import', 'tsx', 'test/support/controlnet-process.ts', device]
      const { stdout } = await run(process.execPath, argv, { env: { ...process.env, VK_ICD_FILENAMES: SWIFTSHADER } })
      const found: { latents: Record<string, number[]>; locations: string[]; residuals: number; remaining: number } =
        JSON.parse(stdout)
      return found
    }
    const [expected, { latents, ...found }] = await Promise.all([denoised('cpu'), denoised('webgpu')])
    expect(found).toEqual({ locations: ['gpu-buffer'], residuals: expected.residuals, remaining: 0 })
    for (const [name, values] of Object.entries(expected.latents)) {
      const largest = Math.max(...values.map(Math.abs))
      const off = Math.max(...values.map((value, at) => Math.abs(value - latents[name]![at]!)))
      expect(off / largest, name).toBeLessThan(1e-5)
    }
  },
  60_000,
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
