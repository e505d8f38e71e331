import { tmpdir } from 'node:os'
import { MIN_FREE_BYTES } from '../../queue/backends/embedded.js'
import { detectHardware, freeDiskBytes } from '../hardware.js'
import { formatBytes } from '../text-table.js'
import type { Check, CheckGroup, DoctorContext, Finding } from './check.js'

/** The oldest supported version, as in `engines` of package.json. */
const MIN_NODE_VERSION = [20, 19] as const

/** What the bot needs with its database, the built-in engine and a picture of several megapixels. */
const MIN_MEMORY_BYTES = 1e9

/** With less free space a warning is shown. */
const LOW_DISK_BYTES = 1e9

/** @param version as `process.versions.node` has it */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > MIN_NODE_VERSION[0] || (major === MIN_NODE_VERSION[0] && minor >= MIN_NODE_VERSION[1]))
    return { state: 'ok', says: version }
  const says = `${version} is too old. Overscan needs ${MIN_NODE_VERSION.join('.')} or later`
  return { state: 'error', says, todo: 'Install a newer version from https://nodejs.org.' }
}

/** @param memory in bytes */
export function memoryFinding({ total, available }: { readonly total: number; readonly available: number }): Finding {
  const says = `${formatBytes(available)} of ${formatBytes(total)} free`
  if (available >= MIN_MEMORY_BYTES) return { state: 'ok', says }
  const todo = `The bot and a large picture need ${formatBytes(MIN_MEMORY_BYTES)}. Close other programs, or painting can fail.`
  return { state: 'warning', says, todo }
}

/** A path, and the free bytes that the bot needs there to start. */
export type DiskRequirement = { readonly name: string; readonly path: string; readonly minFreeBytes: number }

/** @param free in bytes */
export function diskFinding({ name, path, minFreeBytes }: DiskRequirement, free: number): Finding {
  const says = `${formatBytes(free)} free for ${name} (${path})`
  if (free < minFreeBytes) {
    const todo = `Free up disk space. With less than ${formatBytes(minFreeBytes)} the bot doesn’t start, and declines requests.`
    return { state: 'error', says, todo }
  }
  if (free < LOW_DISK_BYTES) return { state: 'warning', says, todo: 'Free up disk space before the disk is full.' }
  return { state: 'ok', says }
}

function diskRequirements({ config, starts }: DoctorContext): DiskRequirement[] {
  const isEmbedded = !config.REDIS_URL && !config.DATABASE_URL
  const data = { name: 'settings and the queue', path: config.DATA_FOLDER, minFreeBytes: MIN_FREE_BYTES }
  const models = { name: 'models', path: config.MODEL_FOLDER, minFreeBytes: 0 }
  // The playground stores its queue there.
  const temporary = {
    name: 'temporary files',
    path: tmpdir(),
    minFreeBytes: starts === 'playground' ? MIN_FREE_BYTES : 0,
  }
  return [...(starts === 'bot' && isEmbedded ? [data] : []), models, temporary]
}

const node: Check = {
  id: 'node',
  title: 'Node',
  timeout: { seconds: 5, state: 'warning', says: 'Node doesn’t report its version' },
  run: async () => nodeFinding(process.versions.node),
}

const memory: Check = {
  id: 'memory',
  title: 'Memory',
  timeout: { seconds: 15, state: 'warning', says: 'the system doesn’t report its memory' },
  run: async () => memoryFinding((await detectHardware()).memory),
}

const disk: Check = {
  id: 'disk',
  title: 'Disk',
  dependsOn: ['settings'],
  timeout: {
    seconds: 10,
    state: 'warning',
    says: 'a disk doesn’t respond',
    todo: 'Check whether DATA_FOLDER or MODEL_FOLDER is on a disconnected network drive.',
  },
  run: context =>
    Promise.all(diskRequirements(context).map(async disk => diskFinding(disk, await freeDiskBytes(disk.path)))),
}

export const machineGroup: CheckGroup = { title: 'This machine', checks: [node, memory, disk] }
