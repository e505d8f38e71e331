import { tmpdir } from 'node:os'
import { MIN_FREE_BYTES } from '../../queue/backends/embedded.js'
import { detectHardware, freeDiskBytes } from '../hardware.js'
import { modelFolder } from '../model-folder.js'
import { formatBytes } from '../text-table.js'
import type { Check, CheckGroup, DoctorContext, Finding } from './check.js'

/** The oldest that works: what `engines` in package.json says. */
const NODE = [20, 19] as const

/** Bytes: what the bot takes, with the database, the built-in engine and a picture of several megapixels. */
const MEMORY = 1e9

/** Below so many bytes a disk that is written to will be full soon. */
const ROOM = 1e9

/** @param version as `process.versions.node` has it */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return { state: 'right', says: version }
  const says = `${version} is too old: Overscan needs ${NODE.join('.')} or later`
  return { state: 'wrong', says, todo: 'Install a newer one from https://nodejs.org.' }
}

/** @param memory in bytes */
export function memoryFinding({ total, available }: { readonly total: number; readonly available: number }): Finding {
  const says = `${formatBytes(available)} of ${formatBytes(total)} are free`
  if (available >= MEMORY) return { state: 'right', says }
  const todo = `The bot and a large picture take ${formatBytes(MEMORY)}. End other programs, or painting may break down.`
  return { state: 'warning', says, todo }
}

/** A place on a disk, and how much has to be free there for the bot to start, in bytes. */
export type DiskRequirement = { readonly name: string; readonly path: string; readonly least: number }

/** @param free in bytes */
export function diskFinding({ name, path, least }: DiskRequirement, free: number): Finding {
  const says = `${formatBytes(free)} are free for ${name} (${path})`
  if (free < least) {
    const todo = `Make room: with less than ${formatBytes(least)} the bot does not start, and takes no requests.`
    return { state: 'wrong', says, todo }
  }
  if (free < ROOM) return { state: 'warning', says, todo: 'Make room, before the disk is full.' }
  return { state: 'right', says }
}

function placesOf({ config, starts }: DoctorContext): DiskRequirement[] {
  const isOwn = !config.REDIS_URL && !config.DATABASE_URL
  const data = { name: 'settings and requests', path: config.DATA_FOLDER, least: MIN_FREE_BYTES }
  const models = { name: 'models', path: modelFolder(), least: 0 }
  // The playground keeps its line there.
  const temporary = { name: 'temporary files', path: tmpdir(), least: starts === 'playground' ? MIN_FREE_BYTES : 0 }
  return [...(starts === 'bot' && isOwn ? [data] : []), models, temporary]
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
    Promise.all(placesOf(context).map(async place => diskFinding(place, await freeDiskBytes(place.path)))),
}

export const machineGroup: CheckGroup = { title: 'This machine', checks: [node, memory, disk] }
