import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { graphics } from 'systeminformation'
import { UserError } from '../user-error.js'
import { toGigabytes } from './text-table.js'

/** The memory and the GPUs of this machine. Sizes are in bytes. */
export type Hardware = {
  /** `total` respects the limit of a container. */
  readonly memory: { readonly total: number; readonly available: number }
  readonly gpus: readonly Gpu[]
}

export type Gpu = {
  readonly name: string
  /** Dedicated memory; undefined if unknown or shared with the CPU. */
  readonly memory: number | undefined
  /** Driver version, if known. */
  readonly driver?: string
}

export async function detectHardware(): Promise<Hardware> {
  // Without a limit this is 0 or a huge number.
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return { memory: { total, available: Math.min(process.availableMemory(), total) }, gpus: await gpus() }
}

/** Free bytes on the disk of a path. The path need not exist yet. */
export async function freeDiskBytes(path: string): Promise<number> {
  let existing = resolve(path)
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  const { bavail, bsize } = await statfs(existing)
  return bavail * bsize
}

/** @param needs free bytes @throws UserError `disk-space-low` if the disk of a path, which need not exist yet, has fewer */
export async function assertDiskSpace(path: string, needs: number): Promise<void> {
  const free = await freeDiskBytes(path)
  if (needs <= free) return
  throw new UserError({ code: 'disk-space-low', path, needs: toGigabytes(needs), free: toGigabytes(free) })
}

async function gpus(): Promise<Gpu[]> {
  // On Linux systeminformation needs lspci, which containers lack, and reports the size of a PCI window as the memory.
  if (process.platform !== 'linux') return parseControllers(await graphics())
  const [nvidia, cards] = await Promise.all([nvidiaSmi(), readDrmCards('/sys/class/drm')])
  return [...nvidia, ...cards.filter(({ vendor }) => nvidia.length === 0 || vendor !== NVIDIA).map(({ gpu }) => gpu)]
}

async function nvidiaSmi(): Promise<Gpu[]> {
  const args = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: 10_000 })
    return parseNvidiaSmi(stdout)
  } catch {
    return [] // not installed, or no GPU
  }
}

const MIB = 2 ** 20

/** @param text of `nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits` */
export function parseNvidiaSmi(text: string): Gpu[] {
  return text.split('\n').flatMap(line => {
    const [, name, memory, driver] = /^(.+?), *(\d+|\[.*\]), *([\d.]+)\s*$/.exec(line) ?? []
    if (name === undefined) return []
    // GPUs that share memory with the CPU report [N/A].
    return [{ name, memory: /^\d+$/.test(memory!) ? Number(memory) * MIB : undefined, driver: driver! }]
  })
}

const NVIDIA = '0x10de'

/** PCI vendor ids of GPU makers. */
const VENDORS: Readonly<Record<string, string>> = { [NVIDIA]: 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' }

/**
 * GPUs with a Linux DRM driver. Other vendors (server displays, virtual GPUs) can't compute and are left out.
 *
 * @param folder normally `/sys/class/drm`
 */
export async function readDrmCards(folder: string): Promise<{ vendor: string; gpu: Gpu }[]> {
  const read = (card: string, file: string) =>
    readFile(join(folder, card, 'device', file), 'utf8').then(
      text => text.trim(),
      () => undefined,
    )
  const entries = await readdir(folder).catch(() => [])
  const found: { vendor: string; gpu: Gpu }[] = []
  for (const card of entries.filter(name => /^card\d+$/.test(name)).sort()) {
    const vendor = await read(card, 'vendor')
    if (vendor === undefined || !(vendor in VENDORS)) continue
    const name = (await read(card, 'product_name')) || `${VENDORS[vendor]} ${await read(card, 'device')}`
    // Only the AMD driver reports it.
    const memory = await read(card, 'mem_info_vram_total')
    found.push({ vendor, gpu: { name, memory: memory === undefined ? undefined : Number(memory) } })
  }
  return found
}

/** @param controllers from systeminformation on macOS and Windows; memory in MiB */
export function parseControllers({
  controllers,
}: {
  readonly controllers: readonly { model: string; vram: number | null; vramDynamic: boolean; driverVersion?: string }[]
}): Gpu[] {
  return controllers.flatMap(({ model, vram, vramDynamic, driverVersion }) => {
    if (model === '' || /Microsoft (?:Basic|Remote)/.test(model)) return [] // a driver without a GPU
    const memory = vram && !vramDynamic ? vram * MIB : undefined
    return [{ name: model, memory, ...(driverVersion && { driver: driverVersion }) }]
  })
}
