import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import { writeMemoryHungryEraser, writeMemoryHungryModel } from '../support/memory-hungry.js'
import { mustNotSkip } from '../support/must-not-skip.js'
import { MAIN } from '../support/programs.js'

// Memory really runs out in these tests: in a process with a memory limit, and on a software GPU (SwiftShader of
// Debian's
// chromium-common), which allocates at most 1 GB at once.

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'
const hasGpu = existsSync(SWIFTSHADER) || mustNotSkip
if (!hasGpu) console.warn(`SKIPPED: running out of memory on a GPU needs ${SWIFTSHADER}, which is not there.`)
const canLimitMemory = process.platform === 'linux'
if (!canLimitMemory) console.warn('SKIPPED: running out of memory on a processor needs Linux.')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-short-'))
  // The UNet takes 4.3, 1.4 and 0.3 GB at 64, 48 and 32 latents; the decoder 3.1 and 0.6 GB at 48 and 32.
  await writeMemoryHungryModel(join(folder, 'large'), 64, { unet: 2, decoder: 3 })
  // 1.7 GB at 32 latents, the smallest size.
  await writeMemoryHungryModel(join(folder, 'small'), 32, { unet: 5, decoder: 1 })
  await writeMemoryHungryEraser(join(folder, 'eraser.onnx'), 5)
  await sharp(await encodePng(landscape(64, 64))).toFile(join(folder, 'picture.png'))
  await sharp(await encodePng(landscape(64, 64)))
    .composite([{ input: { create: { width: 20, height: 20, channels: 3, background: '#fff' } }, left: 0, top: 0 }])
    .threshold(254)
    .toFile(join(folder, 'mask.png'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Run `overscan`. @param gigabytes memory limit of the process */
async function overscan(args: readonly string[], device: string, gigabytes?: number) {
  const output = join(folder, 'out')
  const commandLine = [process.execPath, MAIN, ...args, '-o', output, '--json', '--seed', '1', '--variations', '1']
  const limit = gigabytes === undefined ? '' : `ulimit -d ${gigabytes * 1e6}; `
  const env = { ...process.env, MODEL_FOLDER: folder, DEVICE: device, VK_ICD_FILENAMES: SWIFTSHADER }
  return new Promise<{ code: number; result: Record<string, unknown> | undefined; stderr: string }>(resolve => {
    execFile('bash', ['-c', `${limit}exec "$@"`, 'bash', ...commandLine], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, result: stdout ? JSON.parse(stdout) : undefined, stderr })
    })
  })
}

const imagine = (engine: string) => ['imagine', '--engine', engine, '--steps', '1', '--guidance', '1']

test.runIf(canLimitMemory)(
  'a model that runs out of memory paints smaller, decodes in tiles, and reports both',
  async () => {
    const { code, result, stderr } = await overscan(imagine('large'), 'cpu', 4.2)
    expect(stderr).toMatch(
      /^large: not enough memory on cpu, painting at 384 pixels instead \(Failed to allocate memory/m,
    )
    expect(stderr).toMatch(/^large: not enough memory for the VAE, using tiles of 32 latents/m)
    expect(result).toMatchObject({
      pictures: [{ width: 512, height: 512 }],
      savings: [{ kind: 'smaller', side: 384 }, { kind: 'tiles' }],
    })
    expect(code).toBe(0)
  },
)

test.runIf(canLimitMemory)('a model that fits on no device fails with a sentence', async () => {
  const { code, result, stderr } = await overscan(imagine('small'), 'cpu', 1.5)
  expect(result).toBeUndefined()
  expect(stderr).toMatch(/There isn’t enough memory for “small”.*: cpu: Failed to allocate memory for requested/)
  expect(code).toBe(2)
})

test.runIf(hasGpu)('the next device takes over when one runs out of memory while painting', async () => {
  const { code, result, stderr } = await overscan(imagine('small'), '')
  expect(stderr).toMatch(/^small runs on webgpu/m)
  expect(stderr).toMatch(/^small: not enough memory on webgpu/m)
  expect(stderr).toMatch(/^small runs on cpu \(.*webgpu: /m)
  expect(result).toMatchObject({ savings: [{ kind: 'device', device: 'cpu', instead: 'webgpu' }] })
  expect(code).toBe(0)
})

test.runIf(hasGpu)('the next device takes over when one runs out of memory while loading', async () => {
  const given = [join(folder, 'picture.png'), '--mask', join(folder, 'mask.png')]
  const { code, result, stderr } = await overscan(['remove', ...given, '--engine', 'eraser'], '')
  expect(stderr).toMatch(/^eraser runs on cpu \(.*webgpu: /m)
  expect(result).toMatchObject({ savings: [{ kind: 'device', device: 'cpu', instead: 'webgpu' }] })
  expect(code).toBe(0)
})
