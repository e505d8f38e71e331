import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseDevice } from './device-names.js'

/** The free memory of a device, in bytes; undefined where the system doesn't report it. */
export type FreeMemory = (device: string) => Promise<number | undefined>

const MIB = 2 ** 20

/** How long a program may take to answer, in milliseconds. PowerShell starts within 2 s. */
const TIMEOUT_MS = 10_000

/**
 * The memory that is free now. On the CPU, and on Macs, whose GPUs share it, that of the system or of the container. For
 * NVIDIA's cards from `nvidia-smi`, for AMD's on Linux from the driver, for others on Windows from its counters.
 *
 * @param device like `cpu`, `cuda` or `cuda:1`; without an index the first card
 */
export const freeDeviceMemory: FreeMemory = async device => {
  const { name, index = 0 } = parseDevice(device) ?? { name: device }
  if (name === 'cpu' || process.platform === 'darwin') return freeSystemMemory()
  const nvidia = parseFreeMebibytes(
    await output('nvidia-smi', ['--query-gpu=memory.free', '--format=csv,noheader,nounits']),
  )
  if (nvidia.length > 0 || name === 'cuda') return nvidia[index]
  if (process.platform === 'win32')
    return parseFreeBytes(await output('powershell', ['-NoProfile', '-Command', POWERSHELL]))
  return (await readFreeDrmMemory('/sys/class/drm'))[index]
}

/** The system counts the mapped weights of a container's processes as used, although it can drop them. */
function freeSystemMemory(): number {
  const available = process.availableMemory()
  const limit = process.constrainedMemory()
  const { rss } = process.memoryUsage()
  return limit > 0 && limit < Number.MAX_SAFE_INTEGER ? Math.max(available, limit - rss) : available
}

/** The size of the largest card, and what is used of the most used one, in bytes. */
const POWERSHELL = [
  "$class = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0*'",
  "$size = 'HardwareInformation.qwMemorySize'",
  '$total = (Get-ItemProperty $class -Name $size -ErrorAction SilentlyContinue).$size | Measure-Object -Maximum',
  '$used = (Get-CimInstance Win32_PerfFormattedData_GPUPerformanceCounters_GPUAdapterMemory).DedicatedUsage',
  '"$($total.Maximum) $(($used | Measure-Object -Maximum).Maximum)"',
].join('; ')

async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: TIMEOUT_MS, windowsHide: true })
    return stdout
  } catch {
    return '' // not installed, or no card
  }
}

/** @param text a number of MiB in each line, of `nvidia-smi`; cards that share the system's memory have `[N/A]` */
export function parseFreeMebibytes(text: string): (number | undefined)[] {
  const lines = text.split('\n').map(line => line.trim())
  return lines.filter(Boolean).map(line => (/^\d+$/.test(line) ? Number(line) * MIB : undefined))
}

/** @param text total and used bytes */
export function parseFreeBytes(text: string): number | undefined {
  const [, total, used] = /^\s*(\d+) (\d+)\s*$/.exec(text) ?? []
  return total === undefined ? undefined : Math.max(0, Number(total) - Number(used))
}

/** The free memory of each card whose driver reports it: AMD's. @param folder normally `/sys/class/drm` */
export async function readFreeDrmMemory(folder: string): Promise<number[]> {
  const read = (card: string, file: string) =>
    readFile(join(folder, card, 'device', file), 'utf8').then(Number, () => Number.NaN)
  const entries = await readdir(folder).catch(() => [])
  const cards = entries.filter(name => /^card\d+$/.test(name)).sort()
  const free = await Promise.all(
    cards.map(async card => (await read(card, 'mem_info_vram_total')) - (await read(card, 'mem_info_vram_used'))),
  )
  return free.filter(Number.isFinite)
}
