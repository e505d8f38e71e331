import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  detectHardware,
  freeDiskBytes,
  parseControllers,
  parseNvidiaSmi,
  readDrmCards,
} from '../../src/cli/hardware.js'

test('this machine has memory, and at most the total is available', async () => {
  const { memory } = await detectHardware()
  expect(memory.available).toBeGreaterThan(0)
  expect(memory.available).toBeLessThanOrEqual(memory.total)
  expect(memory.total).toBeLessThanOrEqual(totalmem())
})

test('a folder that doesn’t exist has the free space of its nearest parent', async () => {
  const here = await freeDiskBytes(tmpdir())
  expect(here).toBeGreaterThan(0)
  const there = await freeDiskBytes(join(tmpdir(), 'overscan-not-there', 'nor-this'))
  expect(Math.abs(there - here) / here).toBeLessThan(0.1)
})

test('NVIDIA GPUs are read from nvidia-smi', () => {
  const text = 'NVIDIA H100 80GB HBM3, 81559, 550.54.15\nNVIDIA GeForce RTX 3060, 12288, 550.54.15\n'
  expect(parseNvidiaSmi(text)).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', memory: 81559 * 2 ** 20, driver: '550.54.15' },
    { name: 'NVIDIA GeForce RTX 3060', memory: 12288 * 2 ** 20, driver: '550.54.15' },
  ])
  expect(parseNvidiaSmi('NVIDIA GB10, [N/A], 580.95.05\n')).toEqual([
    { name: 'NVIDIA GB10', memory: undefined, driver: '580.95.05' },
  ])
  expect(parseNvidiaSmi('No devices were found\n')).toEqual([])
  expect(parseNvidiaSmi('NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver.\n')).toEqual([])
})

test('GPUs with a Linux driver are read from sysfs, with AMD’s memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-drm-'))
  const card = async (name: string, files: Record<string, string>) => {
    await mkdir(join(folder, name, 'device'), { recursive: true })
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, name, 'device', file), `${text}\n`)
  }
  try {
    await card('card0', { vendor: '0x1002', device: '0x744c', mem_info_vram_total: '25753026560' })
    await card('card1', { vendor: '0x8086', device: '0x46a6' })
    await card('card2', { vendor: '0x1a03', device: '0x2000' }) // the display of a server's board
    await card('card0-DP-1', { vendor: '0x1002', device: '0x744c' }) // a plug
    expect(await readDrmCards(folder)).toEqual([
      { vendor: '0x1002', gpu: { name: 'AMD 0x744c', memory: 25753026560 } },
      { vendor: '0x8086', gpu: { name: 'Intel 0x46a6', memory: undefined } },
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
  expect(await readDrmCards(join(folder, 'none'))).toEqual([])
})

test('GPUs of macOS and Windows are read from systeminformation', () => {
  const controllers = [
    { model: 'Apple M2 Pro', vram: null, vramDynamic: true },
    { model: 'NVIDIA GeForce RTX 4070', vram: 12282, vramDynamic: false, driverVersion: '32.0.15.6603' },
    { model: 'Intel(R) UHD Graphics 770', vram: 128, vramDynamic: true },
    { model: 'Microsoft Basic Display Adapter', vram: null, vramDynamic: false },
  ]
  expect(parseControllers({ controllers })).toEqual([
    { name: 'Apple M2 Pro', memory: undefined },
    { name: 'NVIDIA GeForce RTX 4070', memory: 12282 * 2 ** 20, driver: '32.0.15.6603' },
    { name: 'Intel(R) UHD Graphics 770', memory: undefined },
  ])
})
