import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { freemem, tmpdir, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  freeDeviceMemory,
  parseFreeBytes,
  parseFreeMebibytes,
  readFreeDrmMemory,
} from '../../../src/inference/onnx/free-memory.js'
import { writeNvidiaSmi } from '../../support/nvidia-smi.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-free-memory-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('the CPU has the memory of the system', async () => {
  const free = await freeDeviceMemory('cpu')
  expect(free).toBeGreaterThan(Math.min(freemem(), 100e6) / 2)
  expect(free).toBeLessThanOrEqual(totalmem())
})

describe.skipIf(process.platform === 'win32')('of NVIDIA’s cards', () => {
  const { PATH } = process.env
  afterEach(() => {
    process.env.PATH = PATH
  })

  test('each has what nvidia-smi says', async () => {
    await writeNvidiaSmi(folder, { 'memory.free': '7000\n11264' })
    process.env.PATH = `${folder}${delimiter}${PATH}`
    expect(await freeDeviceMemory('cuda')).toBe(7000 * 2 ** 20)
    expect(await freeDeviceMemory('cuda:1')).toBe(11264 * 2 ** 20)
    expect(await freeDeviceMemory('webgpu')).toBe(7000 * 2 ** 20)
    expect(await freeDeviceMemory('cuda:2')).toBeUndefined()
  })

  test('nothing is known without the program', async () => {
    process.env.PATH = join(folder, 'nothing')
    expect(await freeDeviceMemory('cuda')).toBeUndefined()
  })
})

test('a card that shares the system’s memory has none of its own', () => {
  expect(parseFreeMebibytes('1024\n[N/A]\n')).toEqual([2 ** 30, undefined])
  expect(parseFreeMebibytes('')).toEqual([])
})

test('on Windows, the size without what is used', () => {
  expect(parseFreeBytes('8589934592 1073741824\r\n')).toBe(7 * 2 ** 30)
  expect(parseFreeBytes('1000 2000')).toBe(0)
  expect(parseFreeBytes(' 1073741824')).toBeUndefined()
})

test('of cards with a Linux driver, those that report it', async () => {
  const write = async (card: string, files: Record<string, string>) => {
    await mkdir(join(folder, 'drm', card, 'device'), { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'drm', card, 'device', name), text)
  }
  await write('card0', { vendor: '0x8086' })
  await write('card1', { mem_info_vram_total: '17163091968\n', mem_info_vram_used: '1000000000\n' })
  expect(await readFreeDrmMemory(join(folder, 'drm'))).toEqual([16_163_091_968])
  expect(await readFreeDrmMemory(join(folder, 'none'))).toEqual([])
})
