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
    return { state: 'right', says: version }
  const says = `${version} is too old: Overscan needs ${MIN_NODE_VERSION.join('.')} or later`
  return { state: 'wrong', says, todo: 'Install a newer one from https://nodejs.org.' }
}

/** @param memory in bytes */
export function memoryFinding({ total, available }: { readonly total: number; readonly available: number }): Finding {
  const says = `${formatBytes(available)} of ${formatBytes(total)} are free`
  if (available >= MIN_MEMORY_BYTES) return { state: 'right', says }
  const todo = `The bot and a large picture take ${formatBytes(MIN_MEMORY_BYTES)}. End other programs, or painting may break down.`
  return { state: 'warning', says, todo }
}

/** A path, and the free bytes that the bot needs there to start. */
export type DiskRequirement = { readonly name: string; readonly path: string; readonly minFreeBytes: number }

/** @param free in bytes */
export function diskFinding({ name, path, minFreeBytes }: DiskRequirement, free: number): Finding {
  const says = `${formatBytes(free)} are free for ${name} (${path})`
  if (free < minFreeBytes) {
    const todo = `Make room: with less than ${formatBytes(minFreeBytes)} the bot does not start, and takes no requests.`
    return { state: 'wrong', says, todo }
  }
  if (free < LOW_DISK_BYTES) return { state: 'warning', says, todo: 'Make room, before the disk is full.' }
  return { state: 'right', says }
}

function diskRequirements({ config, starts }: DoctorContext): DiskRequirement[] {
  const isEmbedded = !config.REDIS_URL && !config.DATABASE_URL
  const data = { name: 'settings and requests', path: config.DATA_FOLDER, minFreeBytes: MIN_FREE_BYTES }
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
  timeout: { seconds: 5, state: 'warning', says: 'it does not tell its version' },
  run: async () => nodeFinding(process.versions.node),
}

const memory: Check = {
  id: 'memory',
  title: 'Memory',
  timeout: { seconds: 15, state: 'warning', says: 'the system does not tell how much there is' },
  run: async () => memoryFinding((await detectHardware()).memory),
}

const disk: Check = {
  id: 'disk',
  title: 'Disk',
  dependsOn: ['settings'],
  timeout: {
    seconds: 10,
    state: 'warning',
    says: 'a disk does not answer',
    todo: 'Look whether DATA_FOLDER or MODEL_FOLDER is on a network drive that is gone.',
  },
  run: context =>
    Promise.all(diskRequirements(context).map(async disk => diskFinding(disk, await freeDiskBytes(disk.path)))),
}

export const machineGroup: CheckGroup = { title: 'This machine', checks: [node, memory, disk] }
