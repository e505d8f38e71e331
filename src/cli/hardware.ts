import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { graphics } from 'systeminformation'

/** What this machine has to compute with; bytes throughout. */
export type Hardware = {
  /** `total` is no more than a container may take. */
  readonly memory: { readonly total: number; readonly available: number }
  readonly gpus: readonly Gpu[]
}

export type Gpu = {
  readonly name: string
  /** Of its own; undefined where that can't be told, or where it shares the machine's. */
  readonly memory: number | undefined
  /** Of the driver, where that can be told. */
  readonly driver?: string
}

export async function detectHardware(): Promise<Hardware> {
  // Without a limit it is 0, or more than any machine has.
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return { memory: { total, available: Math.min(process.availableMemory(), total) }, gpus: await gpus() }
}

/** Bytes that may still be written at a path, which need not be there yet. */
export async function freeDiskBytes(path: string): Promise<number> {
  let place = resolve(path)
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  const { bavail, bsize } = await statfs(place)
  return bavail * bsize
}

async function gpus(): Promise<Gpu[]> {
  // On Linux systeminformation sees nothing without lspci, which containers lack, and takes a window of memory for all of it.
  if (process.platform !== 'linux') return parseControllers(await graphics())
  const [nvidia, cards] = await Promise.all([nvidiaSmi(), readDrmCards('/sys/class/drm')])
  return [...nvidia, ...cards.filter(({ vendor }) => nvidia.length === 0 || vendor !== NVIDIA).map(({ gpu }) => gpu)]
}

async function nvidiaSmi(): Promise<Gpu[]> {
  const asked = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', asked, { timeout: 10_000 })
    return parseNvidiaSmi(stdout)
  } catch {
    return [] // there is none, or it has no card to tell of
  }
}

const MIB = 2 ** 20

/** @param text of `nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader,nounits` */
export function parseNvidiaSmi(text: string): Gpu[] {
  return text.split('\n').flatMap(line => {
    const [, name, memory, driver] = /^(.+?), *(\d+|\[.*\]), *([\d.]+)\s*$/.exec(line) ?? []
    if (name === undefined) return []
    // Where cards share the machine's memory it is [N/A].
    return [{ name, memory: /^\d+$/.test(memory!) ? Number(memory) * MIB : undefined, driver: driver! }]
  })
}

const NVIDIA = '0x10de'

/** PCI's numbers for who makes GPUs. */
const VENDORS: Readonly<Record<string, string>> = { [NVIDIA]: 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' }

/** The cards that Linux drives. Of the others that there are (displays of servers, virtual ones) none computes. */
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
    // Only AMD's driver says.
    const memory = await read(card, 'mem_info_vram_total')
    found.push({ vendor, gpu: { name, memory: memory === undefined ? undefined : Number(memory) } })
  }
  return found
}

/** @param controllers as systeminformation tells of them on macOS and Windows; mebibytes */
export function parseControllers({
  controllers,
}: {
  readonly controllers: readonly { model: string; vram: number | null; vramDynamic: boolean; driverVersion?: string }[]
}): Gpu[] {
  return controllers.flatMap(({ model, vram, vramDynamic, driverVersion }) => {
    if (model === '' || /Microsoft (?:Basic|Remote)/.test(model)) return [] // a driver without a card
    const memory = vram && !vramDynamic ? vram * MIB : undefined
    return [{ name: model, memory, ...(driverVersion && { driver: driverVersion }) }]
  })
}
